"""HL7 FHIR R4 at ``/fhir``: other people's clients read and write through the same door."""
