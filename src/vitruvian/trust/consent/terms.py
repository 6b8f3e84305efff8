"""What a consent says, in the few words that matter for letting somebody see a record.

References
----------
HL7 FHIR R4 (4.0.1), Consent: a base rule, and provisions nested as exceptions to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

Turn = Literal["permit", "deny"]


@dataclass(frozen=True)
class Provision:
    """One rule of a consent, and the exceptions to it. An empty condition holds always.

    Parameters
    ----------
    turn
        Permit or deny; None at the root, where the base rule speaks.
    start, end
        When the rule applies, ISO 8601 UTC; the end is exclusive.
    purposes
        Codes of what the data is wanted for.
    actors
        References to whom it concerns.
    actions
        collect, access, use, disclose, correct.
    labels
        Codes of sensitivity of the records it concerns.
    classes
        FHIR types of the records it concerns.
    codes
        Codes of the records it concerns, as SYSTEM//code.
    records
        References to single records it concerns.
    data_start, data_end
        When what the records tell of happened.
    unclear
        A condition stands there that cannot be read.
    parts
        The exceptions.
    """

    turn: Turn | None = None
    start: str | None = None
    end: str | None = None
    purposes: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    data_start: str | None = None
    data_end: str | None = None
    unclear: bool = False
    parts: tuple[Provision, ...] = ()

    def all_parts(self) -> Iterator[Provision]:
        """The provision and everything nested in it."""
        yield self
        for part in self.parts:
            yield from part.all_parts()

    @property
    def names_records(self) -> bool:
        """Whether it tells some records from others."""
        of_data = (self.labels, self.classes, self.codes, self.records)
        return any(of_data) or bool(self.data_start or self.data_end)


@dataclass(frozen=True)
class Terms:
    """One consent.

    Parameters
    ----------
    base
        What holds where no provision says otherwise; None when the root provision must say.
    scope
        `privacy` speaks of every purpose, `research` of research only.
    root
        The outermost provision.
    why_unreadable
        Why nothing can be concluded from it; None when it can be read.
    """

    base: Turn | None
    scope: Literal["privacy", "research"]
    root: Provision
    why_unreadable: str | None = None

    @property
    def by_record(self) -> bool:
        """Whether it may answer differently for different records of the patient."""
        return any(part.names_records for part in self.root.all_parts())

    @cached_property
    def bounds(self) -> frozenset[str]:
        """The instants at which it begins or ends to speak of what records tell."""
        edges = ((part.data_start, part.data_end) for part in self.root.all_parts())
        return frozenset(at for both in edges for at in both if at)

    def text(self) -> str:
        """These terms in one fixed spelling, for storing."""
        return json.dumps(_small(asdict(self)), sort_keys=True, separators=(",", ":"))


def terms_of(text: str) -> Terms:
    """The terms that a stored text spells."""
    said = json.loads(text)
    return Terms(
        base=said.get("base"),
        scope=said["scope"],
        root=_provision(said.get("root", {})),
        why_unreadable=said.get("why_unreadable"),
    )


def _provision(said: Mapping[str, Any]) -> Provision:
    words: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in said.items()
        if name != "parts"
    }
    return Provision(**words, parts=tuple(_provision(part) for part in said.get("parts", ())))


def _small(said: Any) -> Any:  # any JSON
    if isinstance(said, dict):
        return {
            name: _small(value)
            for name, value in said.items()
            if value not in (None, (), [], False)
        }
    if isinstance(said, (list, tuple)):
        return [_small(one) for one in said]
    return said
