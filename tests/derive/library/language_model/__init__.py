"""The local language model, played by a small server that says what a test wants."""
