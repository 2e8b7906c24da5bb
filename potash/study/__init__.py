"""Event-study regressions and the inference that fits few firms hit on one day."""
