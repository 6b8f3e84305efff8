"""The page of what comes in."""
