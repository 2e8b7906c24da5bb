"""A question asked at the terminal: the options that it has, and the command that answers it."""
