"""Facts that a language model on the site's own machine reads in notes."""
