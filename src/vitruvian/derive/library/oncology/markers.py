"""Names of biomarkers, words of their answers, and what an answer means for each kind."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from vitruvian.derive.engine.extractor import knowledge, lines_of
from vitruvian.derive.library.oncology.ways import ENGLISH
from vitruvian.derive.text import Terms

FOLDER = Path(__file__).parent
# A name whose answer is nobody's fact.
OTHER = "other"
# LOINC where it has one code for the answer as such.
CODES = {"MSI": "LOINC//81695-9"}


class Marker(NamedTuple):
    """A biomarker: its code, name and kind of answer; a stand-alone answer, or None."""

    code: str
    name: str
    kind: str
    answer: str | None = None
    # Code and name of the second gene of a name for two.
    also: tuple[str, str] | None = None
    # Whether the name means either of the two: "BRCA".
    either: bool = False


@cache
def tables(language: str) -> tuple[Terms, Terms, Any]:
    """Names of biomarkers, words of answers, and what an answer means for each kind."""
    said = knowledge(FOLDER, "terms", language)
    if not said:
        return Terms(()), Terms(()), {}
    # Genes have one name everywhere; what an answer means is the same too.
    common = knowledge(FOLDER, "terms", ENGLISH)
    others = ((word, Marker("", word, OTHER)) for word in common["others"]["words"])
    names = {**dict(others), **dict(_names(common)), **dict(_names(said))}
    return Terms(names.items()), Terms(_answers(said)), common["meaning"]


def _genes(said: Any) -> Iterator[tuple[str, Marker]]:
    for name, hgnc, kind, names in lines_of(said.get("biomarkers", {}).get("table", "")):
        code = f"HGNC//HGNC:{hgnc}" if hgnc else CODES.get(name, f"TEXT//{name.lower()}")
        for term in names.split(","):
            yield term.strip(), Marker(code, name, kind)


def _names(said: Any) -> Iterator[tuple[str, Marker]]:
    yield from _genes(said)
    genes = {marker.name: marker for _, marker in _genes(said)}
    for table in ("pairs", "either"):
        for pair, phrases in said.get(table, {}).items():
            one, other = (genes[name] for name in pair.split("+"))
            both = one._replace(also=(other.code, other.name), either=table == "either")
            yield from ((phrase, both) for phrase in phrases)
    for key, phrases in said.get("stand_alone", {}).items():
        name, _, answer = key.partition(":")
        code = CODES.get(name, f"TEXT//{name.lower()}")
        for phrase in phrases:
            yield phrase, Marker(code, name, "msi", answer)


def _answers(said: Any) -> Iterator[tuple[str, str]]:
    for answer, phrases in said["answers"].items():
        for phrase in phrases:
            yield phrase, "" if answer == "nothing" else answer
