"""Family history read in notes."""
