"""Quick SOFA."""
