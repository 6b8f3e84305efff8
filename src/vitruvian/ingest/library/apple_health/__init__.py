"""Apple Health exports onto the timeline."""
