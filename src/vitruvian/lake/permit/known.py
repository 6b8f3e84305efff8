"""Everything stored that says who may see whom, read once for each state it changes in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.lake.engines.doorway import Doorway, Wish
from vitruvian.record import table_named
from vitruvian.trust.consent.reading import instant_text

READ = ("grant", "sensitive", "person_link", "location_stay", "retirement")
GRANT = ("subject_id", "kind", "actor", "start_time", "end_time", "terms", "readable", "version_id")
STAY = ("subject_id", "location_text", "location_ref", "status", "start_time", "end_time")
LINK = ("subject_id", "person_id", "linked", "recorded_at")
SENSITIVE = ("subject_id", "version_id", "label", "resource_type")


@dataclass(frozen=True)
class Known:
    """What is stored about who may see whom, in one state.

    Parameters
    ----------
    grants
        Rows of `grant` that hold.
    sensitive
        Sensitive versions: whose, of which type, with which labels.
    group
        The subjects of the person that each linked subject is.
    """

    grants: pa.Table
    sensitive: Mapping[int, tuple[int, str | None, frozenset[str]]]
    group: Mapping[int, frozenset[int]]

    @cached_property
    def alike(self) -> Mapping[tuple[str | None, frozenset[str]], Sequence[tuple[int, int]]]:
        """Sensitive versions and whose they are, by type and labels: those are judged together."""
        found: dict[tuple[str | None, frozenset[str]], list[tuple[int, int]]] = {}
        for ident, (subject, kind, labels) in self.sensitive.items():
            found.setdefault((kind, labels), []).append((ident, subject))
        return found

    def labels(self, ident: int) -> frozenset[str]:
        """What is sensitive about a record version, or about an event without one."""
        return self.sensitive[ident][2] if ident in self.sensitive else frozenset()

    def whole(self, subjects: Iterable[int]) -> frozenset[int]:
        """These subjects, and all others that are the same persons."""
        return frozenset(one for each in subjects for one in self.group.get(each, (each,)))

    def actors(self, kind: str, actors: frozenset[str], *, now: str, grace: str) -> frozenset[int]:
        """The subjects whom grants of a kind tie to one of these actors now."""
        if not actors or not self.grants.num_rows:
            return frozenset()
        some = self.grants.filter(pc.equal(self.grants.column("kind"), kind))
        among = pc.is_in(some.column("actor"), value_set=pa.array(sorted(actors), pa.string()))
        some = some.filter(among)
        began = pc.fill_null(pc.less_equal(some.column("start_time"), now), fill_value=True)
        lasts = pc.fill_null(pc.greater(some.column("end_time"), grace), fill_value=True)
        found = some.filter(pc.and_(began, lasts)).column("subject_id")
        return self.whole(found.unique().to_pylist())

    def by_subject(self, kind: str, column: str) -> dict[int, set[str]]:
        """Of each subject with a grant of a kind, what it says; of all subjects of a person."""
        some = self.grants.filter(pc.equal(self.grants.column("kind"), kind))
        found: dict[int, set[str]] = {}
        names = some.column("subject_id").to_pylist()
        for subject, said in zip(names, some.column(column).to_pylist(), strict=True):
            for one in self.group.get(subject, (subject,)):
                found.setdefault(one, set()).add(said)
        return found


def read_known(door: Doorway) -> Known:
    """What one state says, now: policy is never judged as of then."""
    grants = door.select(table_named("grant"), subjects=None, wish=Wish(GRANT))
    wish = Wish(SENSITIVE, retire=False)
    rows = door.select(table_named("sensitive"), subjects=None, wish=wish)
    sensitive: dict[int, tuple[int, str | None, frozenset[str]]] = {}
    columns = (rows.column(name).to_pylist() for name in SENSITIVE)
    for subject, version, label, kind in zip(*columns, strict=True):
        _, known, labels = sensitive.get(version, (subject, None, frozenset[str]()))
        sensitive[version] = (subject, known or kind, labels | {label})
    return Known(grants, sensitive, _groups(door))


def _groups(door: Doorway) -> dict[int, frozenset[int]]:
    wish = Wish(LINK, retire=False)
    found = door.select(table_named("person_link"), subjects=None, wish=wish).to_pylist()
    latest: dict[int, dict[str, Any]] = {}
    for row in sorted(found, key=lambda one: one["recorded_at"]):
        latest[row["subject_id"]] = row
    members: dict[int, set[int]] = {}
    for subject, row in latest.items():
        if row["linked"]:
            members.setdefault(row["person_id"], {row["person_id"]}).add(subject)
    # A chain of links still is one person: groups that share a subject are joined.
    joined: dict[int, set[int]] = {}
    for group in members.values():
        whole = set(group).union(*(joined.get(one, set()) for one in group))
        joined.update(dict.fromkeys(whole, whole))
    return {subject: frozenset(whole) for subject, whole in joined.items()}


def on_wards(door: Doorway, wards: frozenset[str], *, now: datetime, days: int) -> frozenset[int]:
    """The subjects who lie on these wards now, or left them not long ago."""
    if not wards:
        return frozenset()
    names = ", ".join("?" * len(wards))
    where = (
        f"(location_text IN ({names}) OR location_ref IN ({names})) "
        "AND start_time <= ? AND (end_time IS NULL OR end_time > ?) "
        "AND coalesce(status, '') NOT IN ('planned', 'reserved')"
    )
    since = now - timedelta(days=days)
    wish = Wish(("subject_id",), where, (*sorted(wards), *sorted(wards), now, since))
    found = door.select(table_named("location_stay"), subjects=None, wish=wish)
    return frozenset(found.column("subject_id").unique().to_pylist())


def births_of(door: Doorway, subjects: frozenset[int]) -> dict[int, list[datetime | None]]:
    """When each source says that some subjects were born, at the earliest."""
    wish = Wish(("subject_id", "birth_time_min"))
    found: dict[int, list[datetime | None]] = {}
    if subjects:
        rows = door.select(table_named("patient"), subjects=tuple(sorted(subjects)), wish=wish)
        for row in rows.to_pylist():
            found.setdefault(row["subject_id"], []).append(row["birth_time_min"])
    return found


def before(now: datetime, *, days: int) -> str:
    """The instant some days ago, as grants write it."""
    return instant_text((now - timedelta(days=days)).astimezone(UTC))
