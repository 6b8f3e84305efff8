"""Facts from notes over Spark Connect."""
