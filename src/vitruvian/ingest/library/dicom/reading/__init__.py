"""From the bytes of a file to its header, with what had to be repaired."""
