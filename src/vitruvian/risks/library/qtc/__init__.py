"""QT interval corrected for heart rate."""
