"""Frozen snapshots: immutable folders of series with their checksums, and how two of them differ."""
