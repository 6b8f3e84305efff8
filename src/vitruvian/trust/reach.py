"""Whom an access reaches, person by person, and which of their records. Pure.

Most people are alike to one who asks: no relation of their own, no guard, no consent. They share
one standing. Only those who differ are looked at one by one, and those who differ alike together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from vitruvian.trust.access import Access, Relation
from vitruvian.trust.consent import Asked, Terms, outcomes, several, terms_of, word_of
from vitruvian.trust.policy.decide import Answer, ConsentWord, Question, judge
from vitruvian.trust.policy.words import Policy
from vitruvian.trust.smart.narrowing import Span

Times = tuple[str, str]  # the first and the last instant, ISO 8601 UTC
# FHIR types that are never about a patient.
ABOUT_NOBODY = frozenset(
    {
        *("Practitioner", "PractitionerRole", "Organization", "Location", "HealthcareService"),
        *("Medication", "Substance", "Endpoint", "Schedule", "Slot", "ResearchStudy"),
        *("Questionnaire", "PlanDefinition", "ActivityDefinition", "Library", "Measure"),
        *("ValueSet", "CodeSystem", "ConceptMap", "StructureDefinition", "CapabilityStatement"),
    }
)


@dataclass(frozen=True)
class Standing:
    """How a person stands to the one who asks.

    Parameters
    ----------
    relations
        What ties them, without the hospital-wide relation.
    guards
        Why the person is guarded.
    consents
        Texts of the terms of the person's consents, of all linked subjects together.
    """

    relations: frozenset[Relation] = frozenset()
    guards: frozenset[str] = frozenset()
    consents: tuple[str, ...] = ()

    @cached_property
    def bounds(self) -> frozenset[str]:
        """The instants at which consents begin and end to speak of what is told."""
        return frozenset(one for text in self.consents for one in _terms(text).bounds)


@dataclass(frozen=True)
class Matter:
    """One record, as far as policy and consents look at it."""

    type: str | None = None
    labels: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    record: str | None = None
    time: str | None = None


@dataclass(frozen=True)
class Subjects:
    """Which subjects are let through: only these, or all but those."""

    only: frozenset[int] | None = None
    never: frozenset[int] = frozenset()

    def lets(self, subject: int) -> bool:
        """Whether this subject is among them."""
        return subject not in self.never and (self.only is None or subject in self.only)

    @property
    def all(self) -> bool:
        """Whether nobody is left out."""
        return self.only is None and not self.never


EVERYBODY = Subjects()


@dataclass(frozen=True)
class Asker:
    """Who asks, under which policy, and when: all that stays the same from person to person.

    Parameters
    ----------
    actors
        References by which the account is known in records.
    now
        The present, as consents write it.
    """

    policy: Policy
    access: Access
    actors: frozenset[str]
    now: str


@dataclass(frozen=True)
class Near:
    """How far the scopes of an app reach, and all subjects of the patient in context."""

    span: Span
    subjects: frozenset[int]

    def lets(self, subject: int, matter: Matter) -> bool:
        """Whether scopes reach one record of one subject."""
        return self.widely(matter) or (subject in self.subjects and self.nearly(matter))

    def widely(self, matter: Matter) -> bool:
        """Whether scopes reach such records of everybody."""
        types = self.span.everybody
        return types is None or (bool(types) if matter.type is None else matter.type in types)

    def nearly(self, matter: Matter) -> bool:
        """Whether scopes reach such records of the patient in context."""
        types = self.span.patient
        return types is None or (bool(types) if matter.type is None else matter.type in types)


@dataclass
class Reach:
    """Whom one access reaches.

    Parameters
    ----------
    near
        What an app's scopes leave of it; None when no app asks.
    """

    asker: Asker
    ordinary: Standing
    special: Mapping[int, Standing]
    near: Near | None = None
    _answers: dict[tuple[Standing, Matter], Answer] = field(default_factory=dict)
    _subjects: dict[Matter, Subjects] = field(default_factory=dict)

    def answer(self, subject: int, matter: Matter) -> Answer:
        """Whether one record of one subject may be seen."""
        if self.near is not None and not self.near.lets(subject, matter):
            return "refused"
        return self.stands(self.special.get(subject, self.ordinary), matter)

    def lets(self, subject: int, matter: Matter, spans: Collection[Times]) -> bool:
        """Whether a record may be seen: at every instant that it tells of.

        Parameters
        ----------
        subject, matter
            Whose it is, and what; its own time is not looked at.
        spans
            The first and the last instant of all that it tells.
        """
        bounds = self.special.get(subject, self.ordinary).bounds
        instants = {first for first, _ in spans}
        instants |= {at for first, last in spans for at in bounds if first < at <= last}
        matters = (replace(matter, time=at) for at in instants or (None,))
        return all(self.answer(subject, one) == "allowed" for one in matters)

    def stands(self, standing: Standing, matter: Matter) -> Answer:
        """Whether one record of somebody who stands so may be seen."""
        if not standing.consents:
            # What a record holds matters to consents only.
            matter = Matter(matter.type, matter.labels)
        found = self._answers.get((standing, matter))
        if found is None:
            found = self._answers[(standing, matter)] = self._judged(standing, matter)
        return found

    def subjects(self, matter: Matter) -> Subjects:
        """The subjects of whom a record of this kind may be seen."""
        known = self._subjects.get(matter)
        if known is None:
            everyone = self.stands(self.ordinary, matter) == "allowed"
            others = frozenset(
                subject
                for subject, standing in self.special.items()
                if (self.stands(standing, matter) == "allowed") != everyone
            )
            known = Subjects(None, others) if everyone else Subjects(others)
            known = self._subjects[matter] = self._within_scopes(known, matter)
        return known

    def _within_scopes(self, found: Subjects, matter: Matter) -> Subjects:
        if self.near is None or self.near.widely(matter):
            return found
        near = self.near.subjects if self.near.nearly(matter) else frozenset[int]()
        return Subjects(frozenset(one for one in near if found.lets(one)))

    @cached_property
    def by_record(self) -> dict[int, Standing]:
        """The subjects whose consents tell one record from another, and who are reached."""
        return {
            subject: standing
            for subject, standing in self.special.items()
            if any(_terms(text).by_record for text in standing.consents)
            and self.stands(standing, Matter()) == "allowed"
        }

    def _judged(self, standing: Standing, matter: Matter) -> Answer:
        asker, access = self.asker, self.asker.access
        question = Question(
            role=access.role,
            purpose=access.purpose,
            operation=access.operation,
            relations=standing.relations,
            guards=standing.guards,
            consent=self._word(standing, matter),
            labels=matter.labels,
            type=matter.type,
        )
        return judge(asker.policy, question)

    def _word(self, standing: Standing, matter: Matter) -> ConsentWord:
        asked = self._asked(matter)
        policy = self.asker.policy
        each = [outcomes(policy, _terms(text), asked) for text in standing.consents]
        found = several(each)
        by_record = any(_terms(text).by_record for text in standing.consents)
        if matter == Matter() and by_record:
            # Some record may be open: the person is reached, and each record is asked about.
            return next(word for word in ("permit", "silent", "deny") if word in found)
        return word_of(found)

    def _asked(self, matter: Matter) -> Asked:
        asker = self.asker
        project = asker.access.project
        plain = Asked(
            purpose=asker.access.purpose,
            now=asker.now,
            operation=asker.access.operation,
            actors=asker.actors,
            study=asker.policy.studies.get(project) if project else None,
        )
        return replace(
            plain,
            type=matter.type,
            labels=matter.labels,
            codes=matter.codes,
            record=matter.record,
            time=matter.time,
        )


_KNOWN: dict[str, Terms] = {}
_MOST_KNOWN = 50_000


def _terms(text: str) -> Terms:
    """Terms of a text; consent forms of a site repeat themselves, so the last ones are kept."""
    found = _KNOWN.get(text)
    if found is None:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        found = _KNOWN[text] = terms_of(text)
    return found
