"""What the door costs."""
