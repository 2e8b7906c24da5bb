"""Words for days become dates, with their precision."""
