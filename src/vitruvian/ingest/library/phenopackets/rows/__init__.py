"""A packet as rows: the person, and one event a statement."""
