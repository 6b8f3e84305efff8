"""FHIR resources onto the timeline: views, then one set-wise finish."""
