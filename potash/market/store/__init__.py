"""The price store: what every provider said, and when, on SQLite or PostgreSQL. Nothing in it is ever changed."""
