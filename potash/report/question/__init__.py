"""One question asked from the command line or a file: what can be set, which event is meant, and the answer."""
