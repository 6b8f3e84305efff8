"""Sequential Organ Failure Assessment of 2025 (SOFA-2)."""
