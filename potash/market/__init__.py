"""Prices: files and snapshots in, wide frames, returns and findings of quality out."""
