"""What guidelines say of one patient."""
