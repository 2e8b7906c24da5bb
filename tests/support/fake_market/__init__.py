"""A local server that speaks the protocols of the providers of prices: tests pull from it and never leave the machine."""
