"""Two sources of one ticker held against each other."""
