"""Notebooks are found, given parameters, run, and described in a manifest."""
