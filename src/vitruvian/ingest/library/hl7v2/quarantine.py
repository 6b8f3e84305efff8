"""The quarantine: which messages wait in it, and mapping them again.

A message in quarantine is a row of ``resource`` whose type ends in ``#quarantined/`` and a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from vitruvian.ingest.engine.adapter import LoadContext
from vitruvian.ingest.library.hl7v2.folding.refused import MARK, REASONS
from vitruvian.ingest.library.hl7v2.loading import Hl7Loading
from vitruvian.ingest.library.hl7v2.stored import source_zones
from vitruvian.ingest.library.hl7v2.waiting import COLUMNS, end_waiting, stage_rows
from vitruvian.ingest.quarantine import Quarantined, Replayed

_WAITING = f"starts_with(resource_type, 'HL7v2/') AND contains(resource_type, '{MARK}')"
Rows = list[dict[str, Any]]


def waiting_messages(reader: Any, adapter: str) -> list[Quarantined]:
    """Every message in quarantine."""
    columns = [name for name in COLUMNS if name != "bytes"]
    rows = reader.rows("resource", columns=columns, where=_WAITING).to_pylist()
    return [_told(row, adapter) for row in rows]


def _told(row: Mapping[str, Any], adapter: str) -> Quarantined:
    kind, _, reason = row["resource_type"].partition(MARK)
    sentence = REASONS[reason][1]
    seen = (row["known_at"], row["source_id"], row["record"])
    return Quarantined(row["version_id"], adapter, kind, reason, sentence, *seen)


def replay_messages(lake: Any, *, access: Any) -> Replayed:
    """Map again whatever waits; each group of one site and zone in one publication."""
    with lake.read(access) as reader:
        rows = reader.rows("resource", columns=list(COLUMNS), where=_WAITING).to_pylist()
        zones = source_zones(reader)
    groups: dict[tuple[str, str | None], Rows] = {}
    for row in rows:
        groups.setdefault((row["site"], zones.get(row["source_id"])), []).append(row)
    mapped = 0
    for (site, zone), some in groups.items():
        with lake.bulk(access) as bulk:
            mapped += _replay(bulk, some, site=site, zone=zone)
    return Replayed(len(rows), mapped)


def _replay(bulk: Any, rows: Rows, *, site: str, zone: str | None) -> int:
    context = LoadContext(
        bulk=bulk,
        site=site,
        time_zone=zone or "UTC",
        zone_declared=zone is not None,
        received_at=datetime.now(UTC).isoformat(),
    )
    received = {(row["source_id"], row["record"]): row["known_at"] for row in rows}
    waited = frozenset(row["version_id"] for row in rows)
    loading = Hl7Loading(context, waited=waited, received=received)
    stage_rows(loading, rows)
    loading.finish({})
    end_waiting(bulk, [row for row in rows if row["version_id"] not in loading.waiting])
    return len(rows) - len(loading.waiting)
