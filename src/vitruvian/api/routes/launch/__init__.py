"""Opened from another record system: by SMART App Launch, or by a signed link."""
