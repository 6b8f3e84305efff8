"""Opening closed records in an emergency, and reviewing every opening."""
