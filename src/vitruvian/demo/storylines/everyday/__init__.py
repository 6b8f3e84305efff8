"""What happens to most people: check-ups, minor complaints, childhood, pregnancy."""
