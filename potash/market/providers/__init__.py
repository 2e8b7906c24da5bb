"""Where prices come from: the only code that opens connections."""
