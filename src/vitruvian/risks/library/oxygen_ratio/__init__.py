"""Arterial oxygen pressure over inspired oxygen (Horowitz index)."""
