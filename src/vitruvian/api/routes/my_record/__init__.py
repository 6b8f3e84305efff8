"""What a patient sees of the own record, of who looked at it, and of what left."""
