"""From news to a timeline of dated events with their evidence."""
