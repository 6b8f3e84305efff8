"""Finding: patients by name, words in one record, one analyte, one note, what is new."""
