"""From the headers of its instances to what a study says."""
