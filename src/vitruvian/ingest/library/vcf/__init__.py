"""VCF: who carries which variant, what was called, and what an annotator says of it."""
