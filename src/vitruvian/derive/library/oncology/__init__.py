"""Cancer stage, TNM, biomarkers, performance status read in notes."""
