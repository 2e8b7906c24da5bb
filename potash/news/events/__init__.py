"""Claims of many articles become dated events with their evidence."""
