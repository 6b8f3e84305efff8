"""What a task asks, without saying how an engine answers."""
