"""Apps of other people that were declared here, and what they were given."""
