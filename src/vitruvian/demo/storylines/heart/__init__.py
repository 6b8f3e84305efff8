"""Hearts: atrial fibrillation on warfarin, hypertrophic cardiomyopathy."""
