"""Words: the lexicon, sentences, and figures with their units."""
