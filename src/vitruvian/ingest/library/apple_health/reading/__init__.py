"""From the bytes of an export to rows of fields."""
