"""GA4GH Phenopackets onto the timeline."""
