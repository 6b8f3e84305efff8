"""Events told again from their message's own bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from vitruvian.ingest.errors import NotTraceable
from vitruvian.ingest.library.hl7v2.facts.message_facts import facts_of
from vitruvian.ingest.library.hl7v2.reading.moments import zones_of
from vitruvian.ingest.library.hl7v2.staging import Origin, tell
from vitruvian.ingest.library.hl7v2.stored import source_zones, told_again
from vitruvian.record import table_named


def retrace_event(reader: Any, event: Mapping[str, Any]) -> tuple[Mapping[str, Any], pa.Table]:
    """The stored message of an event, and the events that its bytes give today."""
    found = reader.history("resource", where="version_id = ?", params=[event["version_id"]])
    if not found.num_rows:
        raise NotTraceable(event["event_id"], "the message it was read from is not stored")
    record: Mapping[str, Any] = found.to_pylist()[0]
    zone = source_zones(reader).get(record["source_id"])
    origin = Origin(
        record["site"],
        record["source_id"],
        record["record"],
        zones_of(zone or "UTC", declared=zone is not None),
        record["known_at"],
    )
    told = told_again(record, tell(record["bytes"], origin))
    facts = facts_of(told, lambda _: "")
    rows = [dict(fact.event) for fact in facts if fact.event is not None]
    return record, pa.Table.from_pylist(rows, schema=table_named("event").schema)
