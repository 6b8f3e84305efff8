"""DICOM: studies, series and instances; pixels stay in their files, kept by content address."""
