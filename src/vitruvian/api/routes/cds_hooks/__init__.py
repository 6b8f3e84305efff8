"""CDS Hooks: guidelines answer inside other people's record systems."""
