"""From bytes to segments, fields and moments; nothing of medicine."""
