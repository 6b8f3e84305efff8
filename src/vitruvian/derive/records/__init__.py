"""Many facts read in notes put together: one record of a patient."""
