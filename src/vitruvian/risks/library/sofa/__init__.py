"""Sequential Organ Failure Assessment of 1996."""
