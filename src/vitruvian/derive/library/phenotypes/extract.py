"""Phenotypes: names of the Human Phenotype Ontology, in the orders and spellings of notes.

References
----------
Gargano MA et al. The Human Phenotype Ontology in 2024. Nucleic Acids Res 2024;52:D1333-D1346,
doi:10.1093/nar/gkad1005.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from vitruvian.derive.engine.extractor import Finding, OfTables, knowledge, release_of
from vitruvian.derive.library.phenotypes.names import phenotypes, release
from vitruvian.derive.text import LANGUAGES, Note, Terms, pack_for

FOLDER = Path(__file__).parent
SHORTEST = 4
ALLERGIES = "allergies"


class Extractor(OfTables):
    """Finds English names of HPO terms."""

    folder = FOLDER

    @cached_property
    def release(self) -> str:
        """The release of the ontology, and a hash of our own tables and of the languages'."""
        return f"{release()}, {release_of(FOLDER, LANGUAGES)}"

    def terms(self, language: str) -> tuple[Terms, ...]:
        """Names of phenotypes."""
        return (self._names,) if language == "en" else ()

    def extract(self, note: Note) -> Iterable[Finding]:
        """One finding a mention."""
        if note.pack.language != "en":
            return
        listed = note.has_section(ALLERGIES)
        for start, end, meaning in note.find(self._names):
            if meaning is None:
                continue
            code, name = meaning
            # In the list of allergies a rash is the reaction to a substance.
            if listed and note.section_of(start) == ALLERGIES:
                continue
            yield Finding(start, end, "problem", code, name, note.context(start, end))

    @cached_property
    def _names(self) -> Terms:
        said = knowledge(FOLDER, "words", "en")
        nothing = ((word, None) for word in pack_for("en").no_illness)
        return Terms([*_entries(said), *nothing], plurals=True)


def _entries(said: Any) -> Iterator[tuple[str, tuple[str, str]]]:
    """Ways of writing with what they stand for; a name comes before a synonym of another term."""
    general = frozenset(said["general"])
    terms = phenotypes()
    by_code = {term.id: term.name for term in terms}
    told = [(term.name, term.id) for term in terms]
    told += [(other, term.id) for term in terms for other in term.synonyms]
    told += [(other, code) for code, others in said["synonyms"].items() for other in others]
    seen: set[str] = set(general)
    for name, code in told:
        for spelling in spellings(name, words=said["spellings"]):
            if len(spelling) >= SHORTEST and spelling not in seen:
                seen.add(spelling)
                yield spelling, (f"HPO//{code}", by_code[code])


# A name and its turned-round form say the same: "hypoplasia of the nails", "nail hypoplasia".
_HEADS = {
    "abnormality": ("anomaly", "anomalies", "malformation", "malformations", "defect", "defects"),
    "hypoplasia": ("underdevelopment", "underdeveloped"),
    "aplasia": ("absence", "agenesis"),
    "absent": ("missing",),
    "small": ("hypoplastic",),
}
MOST_WORDS = 5


def spellings(name: str, *, words: dict[str, str]) -> Iterator[str]:
    """The ways in which a note may write the name of a term.

    Examples
    --------
    >>> list(spellings("Abnormality of the kidney", words={}))[:2]
    ['abnormality of the kidney', 'kidney abnormality']
    """
    plain = name.lower().split(" (")[0]
    yield plain
    yield from _turned(plain)
    for ours, theirs in words.items():
        if ours in plain:
            yield plain.replace(ours, theirs)
            yield from _turned(plain.replace(ours, theirs))
    for head, others in _HEADS.items():
        if plain.startswith(f"{head} of ") or plain.endswith(f" {head}"):
            for other in others:
                yield plain.replace(head, other)
                yield from _turned(plain.replace(head, other))


def _turned(plain: str) -> Iterator[str]:
    """A name with its parts in another order: the kidney's anomaly, the anomaly of a kidney."""
    head, of, rest = plain.partition(" of ")
    if of and " of " not in rest:
        rest = rest.removeprefix("the ")
        yield f"{rest} {head}"
        yield f"{head} of {rest}"
        yield f"{_plural(head)} of {rest}"
        yield f"{_plural(head)} of the {rest}"
        if rest.endswith("s"):
            yield f"{rest[:-1]} {head}"
        if head in {"abnormality", "abnormal morphology"}:
            yield f"abnormal {rest}"
    first, comma, last = plain.partition(", ")
    if comma and "," not in last:
        yield f"{last} {first}"
    parts = plain.split()
    if len(parts) == 2:  # noqa: PLR2004  # an adjective and a noun
        yield f"{parts[1]} {parts[0]}"
        yield f"{parts[1]} of the {parts[0]}"
    elif "and" not in parts and not of and 2 < len(parts) <= MOST_WORDS:  # noqa: PLR2004
        yield f"{parts[-1]} of the {' '.join(parts[:-1])}"


def _plural(word: str) -> str:
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
