"""Guidelines over real records, against computations of other people and by hand."""
