"""Commands about genomes and about the code systems that a site brings."""

from vitruvian.cli.genome.samples import add_genome
from vitruvian.cli.genome.terms import add_terms

__all__ = ["add_genome", "add_terms"]
