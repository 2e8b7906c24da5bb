"""Models of expected returns, configured with labelled returns: what a security would have returned without the event."""
