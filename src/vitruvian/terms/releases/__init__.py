"""Terminology releases that a site holds a licence for: Athena, SNOMED CT, LOINC, RxNorm."""

from vitruvian.terms.releases.held import Expansion, Held, Named, Terms
from vitruvian.terms.releases.reading import find_release
from vitruvian.terms.releases.release import BadRelease, Release

__all__ = ["BadRelease", "Expansion", "Held", "Named", "Release", "Terms", "find_release"]
