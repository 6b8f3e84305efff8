"""A lake as criteria see it: persons, and when a site would have seen something."""
