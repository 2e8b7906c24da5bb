"""Least squares over a panel of returns, from prefix sums, and tests by group."""
