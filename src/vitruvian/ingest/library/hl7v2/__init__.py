"""HL7 v2: messages as they come over the wire, in files."""
