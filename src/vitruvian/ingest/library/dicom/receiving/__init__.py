"""Objects sent over DICOM: durable first, then the answer, then the timeline."""
