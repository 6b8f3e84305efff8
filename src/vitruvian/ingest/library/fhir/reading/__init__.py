"""A file taken apart into records, and records of a wrong shape found."""
