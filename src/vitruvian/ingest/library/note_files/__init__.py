"""Notes in files: plain text, RTF and PDF with a sheet of their metadata, and C-CDA documents."""
