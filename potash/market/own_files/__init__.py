"""Files of prices become frames, strictly: what breaks a rule is an error with its place, not a guess."""
