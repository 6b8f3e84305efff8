"""Commands about genomes and about the code systems that a site brings."""

from vitruvian.cli.genome.samples import add_genome

__all__ = ["add_genome"]
