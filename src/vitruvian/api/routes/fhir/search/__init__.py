"""What may be searched for, and how a search becomes SQL."""
