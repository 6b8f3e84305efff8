"""What a measurement is told as: rows, the machine, the page."""
