"""What the page about methods shows: every model and test in words, what each says of one event, and how often it is wrong."""
