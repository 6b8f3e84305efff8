"""The worklist and the search for patients."""
