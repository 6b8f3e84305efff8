"""What research is measured by."""
