"""Whom each access reaches, and the veil that the door draws over the rest."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from vitruvian.base.clock import Clock
from vitruvian.lake.engines.doorway import Doorway, Wish
from vitruvian.lake.engines.veil import GENOMICS, LANES, OPEN, Veil
from vitruvian.lake.errors import GrantsStale, NoProject
from vitruvian.lake.permit.desk import Desk, Ties
from vitruvian.lake.permit.known import READ, Known, before, on_wards, read_known
from vitruvian.lake.permit.projection import ON_TIMELINE
from vitruvian.lake.store.store import Store
from vitruvian.record import TABLES, table_named
from vitruvian.terms import code_of
from vitruvian.trust.access import Access, Relation
from vitruvian.trust.consent.reading import instant_text
from vitruvian.trust.policy import Policy, policy_of
from vitruvian.trust.reach import Asker, Matter, Near, Reach, Standing
from vitruvian.trust.smart import narrowed, span_of, writes

if TYPE_CHECKING:
    import pyarrow as pa

STAMP = "policy.labels"
MOST_KEPT = 64
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
class Permit:
    """What one access may see in one state."""

    reach: Reach
    veil: Veil
    key: str

    def lets_write(self, tables: Mapping[str, pa.Table]) -> bool:
        """Whether all records to be written are of types that an app's scopes let it write."""
        near = self.reach.near
        return near is None or all(
            writes(self.reach.asker.access, kind, near=subject in near.subjects)
            for kind, subject in _written(tables)
        )

    def behind_glass(self, subject: int) -> bool:
        """Whether a broken glass would open what is closed of this subject."""
        return self.reach.answer(subject, Matter()) == "behind-glass"


class Permits:
    """Every permit of one lake; those worked out last are kept."""

    def __init__(self, store: Store, desk: Desk, *, clock: Clock) -> None:
        self._store = store
        self._desk = desk
        self._clock = clock
        self._guard = threading.Lock()
        self._known: tuple[Hashable, Known] | None = None
        self._kept: OrderedDict[Hashable, Permit] = OrderedDict()

    @property
    def policy(self) -> Policy:
        """The policy in force now."""
        return policy_of(self._store.root)

    def permit(self, access: Access, door: Doorway, *, policy: Policy) -> Permit | None:
        """What an access may see; None when it sees everything, whatever is stored.

        Parameters
        ----------
        access
            Who asks and why.
        door
            The state that is read, as of now and without a veil.
        policy
            The policy in force.

        Raises
        ------
        NoProject
            When research names no project of the account.
        GrantsStale
            When labels were computed under another policy, and something would leave.
        """
        if sees_everything(access, policy):
            return None
        policy = narrowed(policy, access)
        ties, open_to = self._desk.ties(access.who), self._desk.open_to(access.who)
        access = _with_project(access, ties, policy)
        self._expect_fresh(access, policy)
        now = self._clock()
        minute = now.replace(second=0, microsecond=0)
        asks = replace(access, request=None, reason=None)
        state = self._state_key(door)
        key = (state, asks, ties, open_to, policy.words, minute)
        with self._guard:
            found = self._kept.get(key)
            known = self._known
        if found is not None:
            return found
        if known is None or known[0] != state:
            known = (state, read_known(door))
        working = _Working(access, policy, ties, known[1], now)
        made = working.permit(door, open_to)
        with self._guard:
            self._known = known
            self._kept[key] = made
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return made

    def known(self, door: Doorway) -> Known:
        """What one state says about who may see whom."""
        return read_known(door)

    def _state_key(self, door: Doorway) -> Hashable:
        state = door.state
        marks = ",".join("?" * len(READ))
        sql = f"SELECT max(seq) FROM log WHERE seq>? AND seq<=? AND table_name IN ({marks})"
        bounds = (state.drained_seq, state.log_seq, *READ)
        ((newest,),) = self._store.catalogue.database.rows(sql, bounds)
        return (state.snapshot_id, newest)

    def _expect_fresh(self, access: Access, policy: Policy) -> None:
        leaves = access.operation == "export" or access.purpose == "research"
        if leaves and not self.fresh(policy):
            raise GrantsStale

    def fresh(self, policy: Policy) -> bool:
        """Whether everything stored was labelled under this policy."""
        return self._store.catalogue.meta(STAMP) == policy.label_key()

    def stamp(self, policy: Policy) -> None:
        """Write down that stored labels were computed under this policy."""
        if self._store.catalogue.meta(STAMP) != policy.label_key():
            self._store.catalogue.set_meta(STAMP, policy.label_key())


def sees_everything(access: Access, policy: Policy) -> bool:
    """Whether no consent, guard or label could hide anything from an access."""
    if access.app is not None:
        return False
    basis = policy.bases[access.purpose]
    if basis.rests_on != "legal-task" or basis.blocks or access.operation == "export":
        return False
    if access.role not in policy.hospital & policy.hospital_reaches_guarded:
        return False
    return any(
        rule.role == access.role
        and access.purpose in rule.purposes
        and access.operation in rule.operations
        and "hospital" in rule.relations
        and rule.labels is None
        and rule.types is None
        for rule in policy.rules
    )


def _with_project(access: Access, ties: Ties, policy: Policy) -> Access:
    """Research is for one project: the one named, or the only one of the account."""
    if access.purpose != "research":
        return access
    own = ties.study & policy.studies.keys()
    project = access.project or (min(own) if len(own) == 1 else None)
    if project is None or project not in own:
        raise NoProject
    return replace(access, project=project)


@dataclass(frozen=True)
class _Working:
    """Working out one permit."""

    access: Access
    policy: Policy
    ties: Ties
    known: Known
    now: datetime

    def permit(self, door: Doorway, open_to: frozenset[int]) -> Permit:
        """The permit."""
        reach = self.reach(self.relations(door, open_to))
        veil = self.veil(reach, door)
        return Permit(reach, veil, key=veil.digest())

    def relations(self, door: Doorway, open_to: frozenset[int]) -> Relations:
        """Whom the account is tied to, and how; only as far as rules of its role ask."""
        access, policy, known = self.access, self.policy, self.known
        rules = [r for r in policy.rules if r.role == access.role and access.purpose in r.purposes]
        asked = frozenset(relation for rule in rules for relation in rule.relations)
        now = instant_text(self.now)
        found: Relations = {
            "self": known.whole(self.ties.own),
            "proxy": known.whole(self.ties.proxy),
        }
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
        versions, events = set[int](), set[int]()
        for ident, on_timeline in self._hidden(reach, door):
            (events if on_timeline else versions).add(ident)
        veil = Veil(
            subjects={name: some for name, some in subjects.items() if not some.all},
            versions=frozenset(versions),
            events=frozenset(events),
            types=types,
            lanes=lanes,
        )
        veil = veil if reach.near is None else _scoped(veil, reach.near)
        return OPEN if veil == OPEN else veil

    def _hidden(self, reach: Reach, door: Doorway) -> Iterator[tuple[int, bool]]:
        """Versions, and events without one, that may not be seen."""
        by_record = reach.by_record()
        for ident, (subject, kind, labels) in self.known.sensitive.items():
            if subject not in by_record:
                on_timeline = kind == ON_TIMELINE
                matter = Matter(None if on_timeline else kind, labels)
                if reach.answer(subject, matter) != "allowed":
                    yield ident, on_timeline
        if by_record:
            yield from self._record_by_record(reach, door, tuple(sorted(by_record)))

    def _record_by_record(
        self, reach: Reach, door: Doorway, subjects: tuple[int, ...]
    ) -> Iterator[tuple[int, bool]]:
        """The same for those whose consents tell one record from another."""
        matters = _matters(door, subjects, self.known)
        for (ident, on_timeline), (subject, matter) in matters.items():
            if reach.answer(subject, matter) != "allowed":
                yield ident, on_timeline


def _written(tables: Mapping[str, pa.Table]) -> Iterator[tuple[str, int | None]]:
    """Type and subject of every record to be written."""
    if "resource" in tables:
        rows = tables["resource"].select(("resource_type", "subject_id"))
        yield from ((row["resource_type"], row["subject_id"]) for row in rows.to_pylist())
    if "image" in tables:
        yield from (("ImagingStudy", one) for one in tables["image"]["subject_id"].to_pylist())


def _scoped(veil: Veil, near: Near) -> Veil:
    """The same with what the scopes of an app hide besides."""
    types = near.span.types
    nobody = veil.nobody if types is None else veil.nobody & types
    # Where nobody else is reached, whose rows are let through says it all.
    widely = None if near.span.only_the_patient else near.span.everybody
    return replace(veil, nobody=nobody, widely=widely, near=near.subjects)


def _matters(
    door: Doorway, subjects: tuple[int, ...], known: Known
) -> dict[tuple[int, bool], tuple[int, Matter]]:
    """Every record of some subjects, as consents look at it."""
    found: dict[tuple[int, bool], tuple[int, Matter]] = {}
    names = ("version_id", "subject_id", "resource_type", "resource_id")
    wish = Wish(names, retire=False)
    for row in door.select(table_named("resource"), subjects=subjects, wish=wish).to_pylist():
        record = f"{row['resource_type']}/{row['resource_id']}"
        matter = Matter(row["resource_type"], _labels(known, row["version_id"]), record=record)
        found[row["version_id"], False] = (row["subject_id"], matter)
    events = ("version_id", "event_id", "subject_id", "code", "codings", "category", "time")
    wish = Wish(events, retire=False)
    for row in door.select(table_named("event"), subjects=subjects, wish=wish).to_pylist():
        alone = row["version_id"] is None
        key = (row["event_id"] if alone else row["version_id"], alone)
        kind = LANES.get(row["category"])
        _, matter = found.get(key, (0, Matter(kind, _labels(known, key[0]))))
        time = row["time"] and instant_text(row["time"])
        codes = matter.codes | {row["code"]} | {_code(one) for one in row["codings"] or ()}
        matter = replace(matter, codes=codes, time=matter.time or time)
        found[key] = (row["subject_id"], matter)
    return found


def _code(coding: Mapping[str, str | None]) -> str:
    return code_of(coding["system"], coding["code"] or "")


def _labels(known: Known, ident: int) -> frozenset[str]:
    return known.sensitive[ident][2] if ident in known.sensitive else frozenset()
