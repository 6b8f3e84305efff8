"""What a policy consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vitruvian.trust.access import PURPOSES, Operation, Purpose, Relation
from vitruvian.trust.own_record.holding import DEFAULT, Holding

RestsOn = Literal["legal-task", "opt-out", "consent"]
ALL = "*"
AUDITORS = frozenset({"auditor"})


@dataclass(frozen=True)
class Basis:
    """On what a purpose rests at this site.

    Parameters
    ----------
    rests_on
        A legal task asks no consent, an opt-out counts refusals, consent needs a permit.
    blocks
        Whether a patient's own refusal hides a record although the purpose is a legal task.
    words
        The site's words for it, with the law.
    """

    rests_on: RestsOn
    blocks: bool
    words: str


@dataclass(frozen=True)
class Label:
    """One kind of sensitive record.

    Parameters
    ----------
    name
        What rules call it.
    meaning
        For people.
    security
        Codes of `meta.security` that say it.
    codes
        Beginnings of codes on the timeline that say it.
    """

    name: str
    meaning: str
    security: frozenset[str]
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """What one role may do for some purposes, by any one of some relations.

    Parameters
    ----------
    labels
        Sensitive records it sees; None means all.
    types
        FHIR types it sees; None means all.
    """

    role: str
    purposes: frozenset[Purpose]
    relations: frozenset[Relation]
    operations: frozenset[Operation]
    labels: frozenset[str] | None
    types: frozenset[str] | None


@dataclass(frozen=True)
class Study:
    """One approved research project.

    Parameters
    ----------
    name
        What accounts and consents call it.
    patients
        `enrolled`: those a ResearchSubject names; `consenting`: whoever permits it.
    uses
        Data use, as GA4GH's Data Use Ontology writes it: HMB, DS:MONDO:0005148, POA, ...
    meets
        Conditions the project meets, such as IRB or NPUNCU.
    """

    name: str
    patients: Literal["enrolled", "consenting"]
    uses: frozenset[str] = frozenset()
    meets: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Policy:
    """A whole policy file."""

    version: str
    title: str
    bases: Mapping[Purpose, Basis]
    rules: tuple[Rule, ...]
    labels: Mapping[str, Label]
    hospital: frozenset[str]
    hospital_reaches_guarded: frozenset[str]
    ward_days_after: int
    care_team_days_after: int
    glass_hours: int
    glass_letters: int
    reviewers: frozenset[str]
    purposes_said: Mapping[str, Purpose]
    codes_said: Mapping[str, Purpose]
    ours: frozenset[str] = frozenset()
    studies: Mapping[str, Study] = field(default_factory=dict)
    cases: tuple[Mapping[str, object], ...] = ()
    holding: Holding = DEFAULT
    auditors: frozenset[str] = AUDITORS
    words: str = ""

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role it speaks of, in order."""
        return tuple(dict.fromkeys(rule.role for rule in self.rules))

    def types_of(self, role: str, purpose: Purpose) -> frozenset[str] | None:
        """The types of records a role sees for a purpose; None means all."""
        found = [r.types for r in self.rules if r.role == role and purpose in r.purposes]
        return found[0] if found else None

    def purposes_of(self, role: str) -> tuple[Purpose, ...]:
        """The purposes a role may work for, in the order of the rules."""
        found = [
            purpose
            for rule in self.rules
            if rule.role == role and rule.operations
            for purpose in PURPOSES
            if purpose in rule.purposes
        ]
        return tuple(dict.fromkeys(found))

    def breaks_glass(self, role: str) -> bool:
        """Whether a role may open closed records in an emergency."""
        return any(rule.role == role and "glass" in rule.relations for rule in self.rules)

    def label_key(self) -> str:
        """What stored labels depend on: when it changes they are computed anew."""
        return repr(
            sorted((one.name, sorted(one.security), one.codes) for one in self.labels.values())
        )
