"""Problems and symptoms read in notes."""
