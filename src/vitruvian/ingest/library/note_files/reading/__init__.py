"""From the bytes of files to plain text."""
