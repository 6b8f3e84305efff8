"""Files of labels: read, checked, and divided into a half to work with and a half to test with.

The format is told in docs/reference/derive/labelled-set.md.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

SETS = Path(__file__).with_name("sets")
LANGUAGES = ("en", "nb", "fr", "zh")

CONTEXT: Mapping[str, tuple[str, ...]] = {
    "polarity": ("affirmed", "negated"),
    "certainty": ("certain", "probable", "possible"),
    "temporality": ("current", "historical", "hypothetical"),
    "experiencer": ("patient", "family"),
}
AFFIRMED = {name: values[0] for name, values in CONTEXT.items()}
RELATIONS = (
    "MTH FTH SIS BRO SIB SON DAU CHILD PRN GRMTH GRFTH GRPRN AUNT UNCLE COUSN NIENEPH FAMMEMB SPS"
).split()
ACTS = ("reported", "ordered", "planned", "administered", "stopped")
STATUSES = (
    "mutated wild-type positive negative equivocal pending intact lost high low stable deficient "
    "proficient"
).split()
# What each kind of fact may say; a tuple lists the values, a type names the kind of value.
KINDS: Mapping[str, Mapping[str, Any]] = {
    "problem": {"code": str, "relation": RELATIONS, "date": date, **CONTEXT},
    "tumour": {"morphology": str, "site": str, "side": ("left", "right", "bilateral"),
               "relation": RELATIONS, **CONTEXT},
    "stage": {"value": str, **CONTEXT},
    "tnm": {"value": str, **CONTEXT},
    "grade": {"value": ("G1", "G2", "G3", "G4")},
    "biomarker": {"name": str, "status": STATUSES, "variant": str, "percent": float},
    "metastasis": {"site": str, **CONTEXT},
    "performance": {"scale": ("ECOG", "Karnofsky"), "number": float},
    "treatment": {"name": str, "act": ACTS, "cycle": float},
    "response": {
        "value": ("complete response", "partial response", "stable disease", "progressive disease"),
        **CONTEXT,
    },
    "recurrence": dict(CONTEXT),
    "medicine": {
        "name": str, "number": float, "unit": str, "route": str, "often": str, "act": ACTS,
        "polarity": CONTEXT["polarity"],
    },
    "measurement": {"code": str, "number": float, "unit": str},
    "smoking": {"status": ("never", "non", "former", "current"), "pack_years": float},
    "allergy": {"substance": str, "reaction": str, "polarity": CONTEXT["polarity"]},
    "procedure": {"name": str, "date": date, "act": ("done", "planned"),
                  "polarity": CONTEXT["polarity"]},
    "imaging": {"finding": str, "size_mm": float, "place": str, **CONTEXT},
}  # fmt: skip
# What a reader may leave out although the text says it; it is compared only where it is given.
OPTIONAL = {"code", "date", "morphology", "site", "side", "name", "finding", "place", "route",
            "often", "reaction"}  # fmt: skip
# Without these a fact says nothing.
NEEDED = {
    "stage": ("value",), "tnm": ("value",), "grade": ("value",), "biomarker": ("name", "status"),
    "performance": ("scale", "number"), "treatment": ("name",), "response": ("value",),
    "medicine": ("name",), "measurement": ("code", "number"), "smoking": ("status",),
}  # fmt: skip


@dataclass(frozen=True)
class Label:
    """One fact that a reader sees: where (half-open), its kind, and what it says."""

    start: int
    end: int
    kind: str
    says: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """A sentence or a whole note with its labels."""

    id: str
    whole: bool
    language: str
    text: str
    day: date | None
    labels: tuple[Label, ...]

    @property
    def is_test(self) -> bool:
        """Whether it belongs to the half that no rule is written with in view."""
        return hashlib.sha256(self.id.encode()).digest()[0] % 2 == 1


class Malformed(Exception):
    """A file of labels does not say what it should."""

    def __init__(self, where: str, fault: str) -> None:
        super().__init__(f"{where}: {fault}")


@cache
def items(language: str, *, reader: str = "first", root: Path = SETS) -> tuple[Item, ...]:
    """Everything one reader labelled in one language, in the order of files and lines."""
    folder = root / language / reader
    return tuple(item for path in sorted(folder.glob("*.toml")) for item in _items(path, language))


def _items(path: Path, language: str) -> Iterator[Item]:
    said = tomllib.loads(path.read_text("utf-8"))
    _only(said, {"writer", "written", "sentence", "note"}, where=path.name)
    for key in ("sentence", "note"):
        for entry in said.get(key, ()):
            yield _item(entry, whole=key == "note", language=language)


def _item(entry: Mapping[str, Any], *, whole: bool, language: str) -> Item:
    where = str(entry.get("id", "an entry without id"))
    _only(entry, {"id", "text", "language", "day", "facts"}, where=where)
    for name in ("id", "text", "facts"):
        if name not in entry:
            raise Malformed(where, f"has no {name}; write facts = [] where there is none")
    if whole and not isinstance(entry.get("day"), date):
        raise Malformed(where, "a note has a day, as 2024-03-15 without quotes")
    text = entry["text"]
    labels = tuple(label(fact, text, where=where) for fact in entry["facts"])
    return Item(entry["id"], whole, entry.get("language", language), text, entry.get("day"), labels)


def label(fact: Mapping[str, Any], text: str, *, where: str) -> Label:
    kind, quote = str(fact.get("kind")), str(fact.get("quote", ""))
    if kind not in KINDS:
        raise Malformed(where, f"kind {kind!r} is none of {', '.join(KINDS)}")
    place = -1
    for _ in range(fact.get("nth", 1)):
        place = text.find(quote, place + 1)
        if place < 0 or not quote:
            raise Malformed(where, f"the text does not hold {quote!r} so often")
    says = {name: value for name, value in fact.items() if name not in {"kind", "quote", "nth"}}
    for name, value in says.items():
        _check(kind, name, value, where=where)
    for name in NEEDED.get(kind, ()):
        if name not in says:
            raise Malformed(where, f"a {kind} needs {name}")
    return Label(place, place + len(quote), kind, says)


def _check(kind: str, name: str, value: Any, *, where: str) -> None:
    allowed = KINDS[kind].get(name)
    if allowed is None:
        raise Malformed(where, f"a {kind} has no {name}; it has {', '.join(KINDS[kind])}")
    right = (
        isinstance(value, (int, float) if allowed is float else allowed)
        if isinstance(allowed, type)
        else value in allowed
    )
    if not right:
        expected = allowed.__name__ if isinstance(allowed, type) else " or ".join(allowed)
        raise Malformed(where, f"{name} is {value!r}; expected {expected}")


def _only(said: Mapping[str, Any], known: set[str], *, where: str) -> None:
    if strange := sorted(set(said) - known):
        raise Malformed(where, f"{', '.join(strange)} has no meaning here")
