"""The specification curve: an event under every reasonable choice at once."""
