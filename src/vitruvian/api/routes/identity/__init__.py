"""Who is who: records that look alike, side by side, and what people decide."""
