"""The vignettes of a guideline: small patients with the answer that a doctor wrote down beforehand.

`facts` names what may be known: a code, its unit, and how many hours before the question it was
seen. `patient` is whom every case starts from. A case adds (`has`) and takes away (`lacks`) facts.
A number is a value, true an event, false an explicit negative, a text a coded answer. `words` says
what people call a fact or a coded answer whose name does not.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from vitruvian.guides.cards import in_words
from vitruvian.guides.engine.library import LIBRARY, manifests
from vitruvian.guides.errors import NoSuchGuide

AGE, STAY, VISITED = "age", "stay", "visited"
LISTS = ("lacks", "possible", "missing", "because", "not_recorded")


@dataclass(frozen=True)
class Case:
    """One vignette: who, and what the guideline must say."""

    says: str
    clause: str
    # Any: a number, a yes or no, or a code
    has: Mapping[str, Any] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    expect: str = ""
    status: str = "answered"
    possible: tuple[str, ...] | None = None
    missing: tuple[str, ...] | None = None
    because: tuple[str, ...] | None = None
    not_recorded: tuple[str, ...] | None = None


@dataclass(frozen=True)
class CaseFact:
    """One fact of a vignette for people; without a value the name says all."""

    name: str
    value: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Cases:
    """The vignettes of one guideline, and the patient they start from."""

    facts: Mapping[str, Mapping[str, Any]]
    patient: Mapping[str, Any]
    cases: tuple[Case, ...]
    words: Mapping[str, str] = field(default_factory=dict)

    def known(self, case: Case) -> dict[str, Any]:
        """What is known of the patient of a case."""
        return {k: v for k, v in {**self.patient, **case.has}.items() if k not in case.lacks}

    def told(self, name: str, value: Any) -> CaseFact:
        """One fact for people.

        Examples
        --------
        >>> paper = Cases({"pulse": {"code": "LOINC//8867-4", "unit": "/min"}}, {}, ())
        >>> paper.told("pulse", 91)
        CaseFact(name='pulse', value='91', unit='/min')
        >>> paper.told("syncope", False).name, paper.told("age", 40).name
        ('no syncope', 'aged 40')
        """
        if name == STAY:
            return CaseFact("in hospital now" if value else "discharged")
        if name in _SEEN:
            return CaseFact(_SEEN[name].format(value=value))
        called = self.words.get(name) or in_words(name)
        if isinstance(value, bool):
            said = self.facts.get(name, {}).get("text_value")
            result = said if said not in name.split("_") else None
            return CaseFact(called, result) if value else CaseFact(f"no {called}")
        if isinstance(value, str):
            return CaseFact(
                called, self.words.get(value) or in_words(value.split("//")[-1].lower())
            )
        unit = self.facts.get(name, {}).get("unit", "")
        return CaseFact(called, str(value), unit if unit and "{" not in unit else None)

    def lacked(self, name: str) -> str:
        """A fact that is taken away, for people."""
        return _LACKED.get(name) or self.words.get(name) or in_words(name)


_LACKED = {AGE: "the date of birth", STAY: "whether in hospital", VISITED: "a recent visit"}
_SEEN = {AGE: "aged {value}", VISITED: "seen {value} days ago"}


@cache
def cases_of(name: str) -> Cases:
    """The vignettes that a guideline brings.

    Raises
    ------
    NoSuchGuide
        When there is no such guideline.
    """
    if name not in manifests():
        raise NoSuchGuide(name, tuple(manifests()))
    said = tomllib.loads((LIBRARY / name / "cases.toml").read_text("utf-8"))
    written: list[dict[str, Any]] = [
        {key: tuple(v) if key in LISTS else v for key, v in case.items()} for case in said["case"]
    ]
    return Cases(
        said["facts"],
        said["patient"],
        tuple(Case(**case) for case in written),
        said.get("words", {}),
    )
