"""Where an item on the screen comes from."""
