"""A release found by the files that its publisher puts in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from vitruvian.terms.releases.formats import athena, loinc, rxnorm, snomed
from vitruvian.terms.releases.release import BadRelease, Release

_KNOWN_BY: Mapping[str, Callable[[Path], Release]] = {
    "CONCEPT.csv": athena,
    "sct2_Concept_*Snapshot*.txt": snomed,
    "Loinc.csv": loinc,
    "RXNCONSO.RRF": rxnorm,
}


def find_release(folder: Path) -> Release:
    """The release in an unpacked folder.

    Raises
    ------
    BadRelease
        When it is none, or several, or one of its files cannot be read.
    """
    found = {pattern: sorted(folder.rglob(pattern)) for pattern in _KNOWN_BY}
    named = [pattern for pattern, paths in found.items() if paths]
    if len(named) != 1:
        fault = "several releases are in it" if named else "no file of one is in it"
        raise BadRelease(fault)
    (pattern,) = named
    place = found[pattern][0].parent if pattern == "CONCEPT.csv" else folder
    release = _KNOWN_BY[pattern](place)
    if not release.concepts.num_rows:
        fault = "it holds no concept"
        raise BadRelease(fault)
    return release
