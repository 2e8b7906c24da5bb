"""What may be wrong with a series, kind by kind. Nothing is corrected."""
