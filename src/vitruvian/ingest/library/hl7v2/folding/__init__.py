"""Many messages about one person in their order: what holds, and what no longer does."""
