"""HL7 FHIR R4: resources, Bundles, NDJSON."""
