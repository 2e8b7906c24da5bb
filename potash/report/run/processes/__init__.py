"""Notebooks are run in processes: forked from one that has everything ready, or kernels of their own."""
