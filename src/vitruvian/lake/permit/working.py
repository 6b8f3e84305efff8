"""Working out one permit: relations, standing, and the veil over what may not be seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from vitruvian.lake.engines.doorway import Doorway, Wish
from vitruvian.lake.engines.veil import GENOMICS, OPEN, Veil
from vitruvian.lake.permit.desk import Ties
from vitruvian.lake.permit.holding import OF_AN_ASSAY, HeldBack, held_back
from vitruvian.lake.permit.known import Known, before, births_of, on_wards
from vitruvian.lake.permit.matters import Ident, matters_of, with_times
from vitruvian.lake.permit.projection import ON_TIMELINE
from vitruvian.record import TABLES, table_named
from vitruvian.trust.access import Access, Relation
from vitruvian.trust.consent.reading import instant_text
from vitruvian.trust.own_record import Key, still_a_child
from vitruvian.trust.policy import Policy
from vitruvian.trust.reach import Asker, Matter, Near, Reach, Standing, Subjects
from vitruvian.trust.smart import span_of

if TYPE_CHECKING:
    import pyarrow as pa

# What the tables are as FHIR types, and what is sensitive about all of their rows.
KINDS: dict[str, Matter] = {
    "patient": Matter("Patient"),
    "encounter": Matter("Encounter"),
    "location_stay": Matter("Encounter"),
    "observation_period": Matter("Encounter"),
    "note": Matter("DocumentReference"),
    "image": Matter("ImagingStudy"),
    "signal": Matter("Observation"),
    "assay": Matter("MolecularSequence", frozenset({"genetic"})),
    "assay_region": Matter("MolecularSequence", frozenset({"genetic"})),
    "genotype": Matter("MolecularSequence", frozenset({"genetic"})),
    "grant": Matter("Consent"),
    "sensitive": Matter("Consent"),
}
# Rows that only the door itself reads whole: they tell of numbers, never of what is in a record.
INNER = frozenset({"person_link", "retirement"})
Relations = dict[Relation, frozenset[int]]


@dataclass(frozen=True)
class Working:
    """Working out one permit."""

    access: Access
    policy: Policy
    ties: Ties
    known: Known
    now: datetime
    released: frozenset[Key] = frozenset()

    def reached(self, door: Doorway, open_to: frozenset[int]) -> tuple[Reach, Veil]:
        """Whom the access reaches, and what of them it does not see."""
        relations = self.relations(door, open_to)
        reach = self.reach(relations)
        own = relations.get("self", frozenset()) | relations.get("proxy", frozenset())
        return reach, self.holding_back(self.veil(reach, door), own, door)

    def relations(self, door: Doorway, open_to: frozenset[int]) -> Relations:
        """Whom the account is tied to, and how; only as far as rules of its role ask."""
        access, policy, known = self.access, self.policy, self.known
        rules = [r for r in policy.rules if r.role == access.role and access.purpose in r.purposes]
        asked = frozenset(relation for rule in rules for relation in rule.relations)
        now = instant_text(self.now)
        found: Relations = {
            "self": known.whole(self.ties.own),
        }
        if "proxy" in asked:
            found["proxy"] = self._children(door)
        if "care-team" in asked:
            grace = before(self.now, days=policy.care_team_days_after)
            actors = self.ties.practitioner
            found["care-team"] = known.actors("care-team", actors, now=now, grace=grace)
        if "ward" in asked:
            days = policy.ward_days_after
            lying = on_wards(door, self.ties.ward, now=self.now, days=days)
            found["ward"] = known.whole(lying)
        if access.project is not None:
            study = frozenset({f"ResearchStudy/{access.project}"})
            found["study"] = known.actors("study", study, now=now, grace=now)
        if access.purpose == "treatment":
            found["glass"] = known.whole(open_to)
        return {name: some for name, some in found.items() if name in asked}

    def _children(self, door: Doorway) -> frozenset[int]:
        """The subjects that the account speaks for, of persons who are children still."""
        whole = {one: self.known.whole([one]) for one in self.ties.proxy}
        births = births_of(door, frozenset().union(*whole.values()))
        until = self.policy.holding.proxy_until_years
        return frozenset(
            subject
            for group in whole.values()
            if still_a_child(
                (birth for one in group for birth in births.get(one, ())),
                now=self.now,
                until_years=until,
            )
            for subject in group
        )

    def holding_back(self, veil: Veil, own: frozenset[int], door: Doorway) -> Veil:
        """The same, without what the patient sees only once a clinician has released it."""
        if not own:
            return veil
        subjects = tuple(sorted(own))

        def read(table: str, columns: Sequence[str]) -> pa.Table:
            wish = Wish(columns, retire=False)
            return door.select(table_named(table), subjects=subjects, wish=wish)

        labels = {ident: said[2] for ident, said in self.known.sensitive.items()}
        found = held_back(read, self.policy.holding, labels=labels, released=self.released)
        return _without(veil, found)

    def reach(self, relations: Relations) -> Reach:
        """How everybody stands to the one who asks."""
        consents = self.known.by_subject("consent", "terms")
        guards = self.known.by_subject("guard", "actor")
        shared = self._shared()
        special = {
            subject: Standing(
                relations=shared | {name for name, some in relations.items() if subject in some},
                guards=frozenset(guards.get(subject, ())),
                consents=tuple(sorted(consents.get(subject, ()))),
            )
            for subject in {
                *consents,
                *guards,
                *(one for some in relations.values() for one in some),
            }
        }
        actors = self.ties.practitioner | {f"account/{self.access.who}"}
        asker = Asker(self.policy, self.access, actors, instant_text(self.now))
        return Reach(asker, Standing(relations=shared), special, self.near())

    def near(self) -> Near | None:
        """How far the scopes of an app reach; None when no app asks."""
        span = span_of(self.access)
        if span is None:
            return None
        return Near(span, self.known.whole([span.subject] if span.subject is not None else []))

    def _shared(self) -> frozenset[Relation]:
        """What ties the account to everybody: a study of whoever consents."""
        study = self.policy.studies.get(self.access.project or "")
        open_study = study is not None and study.patients == "consenting"
        return frozenset({"study"}) if open_study else frozenset()

    def veil(self, reach: Reach, door: Doorway) -> Veil:
        """What the door hides."""
        # The consent's own row stays visible to whoever sees the person.
        types = self.policy.types_of(self.access.role, self.access.purpose)
        base = reach.subjects(Matter())
        subjects = {
            name: reach.subjects(KINDS.get(name, Matter()))
            for name, table in TABLES.items()
            if "subject_id" in table.column_names and name not in INNER
        }
        genomic = reach.subjects(KINDS["genotype"])
        lanes = {GENOMICS: genomic} if genomic != base else {}
        hidden, faces = self._hidden(reach, door)
        veil = Veil(
            subjects={name: some for name, some in subjects.items() if not some.all},
            versions=frozenset(hidden[False]),
            events=frozenset(hidden[True]),
            types=types,
            lanes=lanes,
            faces=frozenset(faces),
        )
        veil = veil if reach.near is None else _scoped(veil, reach.near)
        return OPEN if veil == OPEN else veil

    def _hidden(self, reach: Reach, door: Doorway) -> tuple[dict[bool, set[int]], set[int]]:
        """Versions that may not be seen, and, under True, events without one; and the faces."""
        by_record = reach.by_record
        hidden: dict[bool, set[int]] = {False: set(), True: set()}
        for (kind, labels), rows in self.known.alike.items():
            on_timeline = kind == ON_TIMELINE
            lets = reach.subjects(Matter(None if on_timeline else kind, labels)).lets
            hidden[on_timeline].update(
                ident for ident, whose in rows if not lets(whose) and whose not in by_record
            )
        faces: set[int] = set()
        if by_record:
            for (ident, on_timeline), by_time in self._record_by_record(reach, door):
                hidden[on_timeline].add(ident)
                faces.update([ident] if by_time and not on_timeline else [])
        return hidden, faces

    def _record_by_record(self, reach: Reach, door: Doorway) -> Iterator[tuple[Ident, bool]]:
        """The same for those whose consents tell one record from another; whether by time alone."""
        told = matters_of(door, reach.by_record, self.known)
        if timed := [one for one, standing in reach.by_record.items() if standing.bounds]:
            told = with_times(told, door, timed, KINDS)
        for ident, one in told.items():
            if not reach.lets(one.subject, one.matter, one.spans):
                yield ident, reach.lets(one.subject, one.matter, ())


def _without(veil: Veil, found: HeldBack) -> Veil:
    """A veil that hides some records and genomes more."""
    subjects = dict(veil.subjects)
    for name in OF_AN_ASSAY if found.whose_genome else ():
        lets = veil.of(table_named(name))
        only = None if lets.only is None else lets.only - found.whose_genome
        subjects[name] = Subjects(only, lets.never | found.whose_genome)
    versions, events = veil.versions | found.versions, veil.events | found.events
    faces = veil.faces - found.versions
    return replace(veil, subjects=subjects, versions=versions, events=events, faces=faces)


def _scoped(veil: Veil, near: Near) -> Veil:
    """The same with what the scopes of an app hide besides."""
    types = near.span.types
    nobody = veil.nobody if types is None else veil.nobody & types
    # Where nobody else is reached, whose rows are let through says it all.
    widely = None if near.span.only_the_patient else near.span.everybody
    return replace(veil, nobody=nobody, widely=widely, near=near.subjects)
