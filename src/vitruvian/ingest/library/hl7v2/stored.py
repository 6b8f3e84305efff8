"""What the lake already holds about the subjects of a load."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.hl7v2.facts.fact import Told
from vitruvian.ingest.library.hl7v2.folding.ledger import Ledger, Row
from vitruvian.ingest.library.hl7v2.folding.moves import partners
from vitruvian.ingest.library.hl7v2.folding.subject import LEFT, MOVED, Entry
from vitruvian.ingest.library.hl7v2.mapping import derivation
from vitruvian.ingest.library.hl7v2.reading.moments import Zones, zones_of
from vitruvian.ingest.library.hl7v2.staging import Origin, record_row, tell

_AT_ONCE = 2_000
_COLUMNS = ["subject_id", "site", "source_id", "known_at", "bytes"]
# table -> what names a row of ours, and which scope ends it
_KEYS = {
    "resource": ("version_id", ""),
    "event": ("event_id", "event"),
    "patient": ("version_id", "version"),
    "encounter": ("version_id", "version"),
    "location_stay": ("version_id", "version"),
    "note": ("version_id", "version"),
    "retirement": ("retirement_id", ""),
}


_ENTRIES = f"""NOT contains(resource_type, '#') OR ends_with(resource_type, '{MOVED}')
    OR ends_with(resource_type, '{LEFT}')"""
_MOVES = f"""resource_type IN ('HL7v2/ADT_A44', 'HL7v2/ADT_A45')
    OR (starts_with(resource_type, 'HL7v2/') AND ends_with(resource_type, '{LEFT}'))"""


@dataclass
class Stored:
    """Earlier messages of each subject, and the ids of the rows made of them."""

    entries: dict[int, list[Entry]] = field(default_factory=dict)
    ids: dict[tuple[str, int], dict[int, Mapping[str, Any]]] = field(default_factory=dict)

    def key(self, table: str) -> str:
        """The column that names a row."""
        return _KEYS[table][0]

    def stray(self, ledger: Ledger, subject: int) -> list[Row]:
        """Retirements of stored rows that would not be written today.

        A message that arrives late can make a later one a mere repetition.
        """
        found = []
        for table, (key, scope) in _KEYS.items():
            held = self.ids.get((table, subject), {}) if scope else {}
            wanted = {row[key] for row in ledger.rows.get(table, ())}
            for target, row in held.items():
                if target not in wanted:
                    found.append(_retire(row, scope, target))
        known = self.ids.get(("retirement", subject), {})
        return [row for row in found if row["retirement_id"] not in known]


def _retire(row: Mapping[str, Any], scope: str, target: int) -> Row:
    kept = ("subject_id", "site", "source_id", "known_at", "known_at_basis", "locator")
    return {
        **{name: row[name] for name in kept},
        "retirement_id": stable_id("stray", scope, str(target)),
        "scope": scope,
        "target_id": target,
        "reason": "superseded",
    }


def read_stored(
    reader: Any, subjects: Sequence[int], origin: Callable[[str, int], Origin]
) -> Stored:
    """Earlier messages of these subjects, and what was made of them."""
    stored = Stored()
    kinds = f"starts_with(resource_type, 'HL7v2/') AND ({_ENTRIES})"
    rows = reader.history("resource", subjects=subjects, where=kinds).to_pylist()
    if not rows:
        return stored
    zones = source_zones(reader)
    for row in rows:
        stored.entries.setdefault(row["subject_id"], []).append(
            entry_of(row, zones.get(row["source_id"]), origin)
        )
    for table, (key, _) in _KEYS.items():
        _read_ids(reader, stored, table, key, list(stored.entries))
    return stored


def _read_ids(reader: Any, stored: Stored, table: str, key: str, subjects: list[int]) -> None:
    kept = ["subject_id", "site", "source_id", "known_at", "known_at_basis", "locator"]
    ours = f"derivation_id = {derivation()[0]}" if table == "event" else None
    found = reader.history(table, subjects=subjects, columns=[*kept, key], where=ours)
    for row in found.to_pylist():
        stored.ids.setdefault((table, row["subject_id"]), {})[row[key]] = row


def source_zones(reader: Any) -> dict[str, str | None]:
    """The zone declared for each source."""
    rows = reader.rows("source", columns=["source_id", "time_zone"]).to_pylist()
    return {row["source_id"]: row["time_zone"] for row in rows}


def entry_of(
    row: Mapping[str, Any], zone: str | None, origin: Callable[[str, int], Origin]
) -> Entry:
    """A stored message, told again as when it was loaded."""
    base = origin(row["source_id"], row["record"])
    there = Origin(row["site"], row["source_id"], row["record"], _zones(zone), _seen(row, base))
    told = told_again(row, tell(row["bytes"], there))
    recorded = row["recorded_at"]
    arrived = (0, int(recorded.timestamp() * 1e6) if recorded else 0, row["record"])
    record = record_row(told, row["bytes"]) | {"resource_type": row["resource_type"]}
    return Entry(told, record, arrived)


def told_again(row: Mapping[str, Any], told: Told) -> Told:
    """A message that came over from another patient is known since then, not since it was sent."""
    kind = row["resource_type"]
    if kind.endswith(LEFT):
        return replace(told, subject_id=row["subject_id"], version_id=row["version_id"])
    if MOVED in kind:
        basis = row["known_at_basis"]
        return replace(told, known_at=row["known_at"], known_at_basis=basis)
    return told


def related(reader: Any, subjects: Collection[int], fresh: Iterable[Told]) -> list[set[int]]:
    """The subjects of a load in groups: those between whom a visit ever moved are together."""
    found, asked = partners(fresh), set[int]()
    while wanted := {*subjects, *found} - asked:
        asked |= wanted
        for whom, others in partners(_stored_moves(reader, sorted(wanted))).items():
            found.setdefault(whom, set()).update(others)
    return _groups(asked, found)


def _stored_moves(reader: Any, subjects: Sequence[int]) -> Iterator[Told]:
    for start in range(0, len(subjects), _AT_ONCE):
        some = subjects[start : start + _AT_ONCE]
        rows = reader.history("resource", subjects=some, columns=_COLUMNS, where=_MOVES)
        for row in rows.to_pylist():
            there = Origin(row["site"], row["source_id"], 0, _zones(None), row["known_at"])
            yield tell(row["bytes"], there)


def _groups(subjects: Iterable[int], beside: Mapping[int, set[int]]) -> list[set[int]]:
    groups, seen = list[set[int]](), set[int]()
    for subject in sorted(subjects):
        group, open_ends = set[int](), {subject} - seen
        while open_ends:
            group |= open_ends
            open_ends = {other for each in open_ends for other in beside.get(each, ())} - group
        seen |= group
        if group:
            groups.append(group)
    return groups


def _zones(zone: str | None) -> Zones:
    return zones_of(zone or "UTC", declared=zone is not None)


def _seen(row: Mapping[str, Any], base: Origin) -> datetime:
    """When a message without a time of its own was received: its known time."""
    seen: datetime = row["known_at"] or base.received_at
    return seen
