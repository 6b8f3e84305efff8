"""What guards the server itself: encryption on the way, bounds on size, number and time."""
