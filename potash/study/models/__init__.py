"""What a security would have returned without the event."""
