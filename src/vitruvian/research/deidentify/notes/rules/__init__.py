"""What finds identifiers: one module a kind of evidence."""
