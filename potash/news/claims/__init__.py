"""Sentences become claims: who did or said what, when, and how sure."""
