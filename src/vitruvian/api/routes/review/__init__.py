"""Facts that machines read, checked by people."""
