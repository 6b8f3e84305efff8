"""Changes: checked, mapped onto the timeline, durable in the hot log when answered."""
