"""What is kept about cohorts: saved definitions, and the least count a role sees."""
