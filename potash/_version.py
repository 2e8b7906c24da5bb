"""The version, where everything that names it can read it."""

__version__ = "0.1.0"
