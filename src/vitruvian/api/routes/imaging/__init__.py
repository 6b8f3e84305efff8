"""The imaging page: studies with their reports, images and volumes, what was drawn on them."""
