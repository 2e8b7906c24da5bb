"""The timeline as a whole: the average effect of signed events, and how often chance alone gives as much."""
