"""De-identification: notes, tables, images, signals and genomes made fit for a research zone."""
