"""What is stored, written for other people's software."""
