"""Names of the genome: chromosomes as refget sequences, alleles as GA4GH identifiers."""

from vitruvian.terms.genome.alleles import Change, fully_justified
from vitruvian.terms.genome.regions import AUTOSOMES, pseudo_autosomal
from vitruvian.terms.genome.vrs import (
    Allele,
    Literal,
    Repeated,
    State,
    allele_id,
    digest_of,
    literal_id,
    location_digest,
    refget_accession,
)

__all__ = [
    "AUTOSOMES",
    "Allele",
    "Change",
    "Literal",
    "Repeated",
    "State",
    "allele_id",
    "digest_of",
    "fully_justified",
    "literal_id",
    "location_digest",
    "pseudo_autosomal",
    "refget_accession",
]
