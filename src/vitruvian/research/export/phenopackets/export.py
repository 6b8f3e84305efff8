"""Every person as a phenopacket in a file of its own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vitruvian.lake import Lake, Reader, building
from vitruvian.research.export.phenopackets.packet import packet_of
from vitruvian.research.export.spans import Span, rows_by_subject, spans
from vitruvian.research.export.wish import Wish, pinned

ROWS_A_SPAN = 50_000
_WHOSE = """
((subject_id BETWEEN ? AND ? AND NOT list_contains(?::BIGINT[], subject_id))
    OR list_contains(?::BIGINT[], subject_id))
"""
_EVENTS = f"""
SELECT subject_id, category, code, code_text, codings, numeric_value, unit, comparator, range_low,
    range_high, text_value, value_code, polarity, certainty, state, time, time_as_sent, fact_key
FROM event
WHERE {_WHOSE} AND status NOT IN ('cancelled', 'entered-in-error', 'wrong-patient')
    AND experiencer = 'patient' AND act IN ('observed', 'reported')
    AND (category IN ('problem', 'laboratory', 'vital', 'genomics') OR code = 'MEDS_BIRTH')
ORDER BY subject_id, time NULLS LAST, event_id
"""
_SEXES = f"""
SELECT subject_id, any_value(sex ORDER BY version_id) AS sex FROM patient
WHERE {_WHOSE} AND sex IS NOT NULL GROUP BY ALL ORDER BY ALL
"""


@dataclass(frozen=True)
class PacketReport:
    """What was written; `empty` persons have nothing that a phenopacket says."""

    packets: int
    features: int
    diseases: int
    measurements: int
    findings: int
    empty: int


def export_phenopackets(
    lake: Lake, to: Path, wish: Wish, *, rows_a_span: int = ROWS_A_SPAN
) -> PacketReport:
    """Write every person as a GA4GH Phenopacket 2.0, a JSON file each.

    No name, identifier or birth date is written: the subject's id is the person's number here,
    and times are ages where the day of birth is known, else absent.
    The same state as of the same instants gives the same bytes.

    Parameters
    ----------
    lake
        Where from.
    to
        A folder that does not exist, or an empty one.
    wish
        Who asks, as of when.
    rows_a_span
        About how many events are held in memory at once.

    Raises
    ------
    NotEmpty
        When something lies in that folder.
    StorageFailed
        When the disk does not take it; then nothing is left of it.
    """
    counts: Counter[str] = Counter()
    with (
        building(to, doing="exporting") as place,
        pinned(lake, wish, into="Phenopackets") as reader,
    ):
        at = reader.as_of.recorded_at or reader.snapshot.published_at
        created = at.isoformat().replace("+00:00", "Z")
        rows, done = rows_by_subject(reader, "event"), 0
        for span in spans(rows, persons=reader.persons(), rows_a_span=rows_a_span):
            for person, sex, events in _persons(reader, span):
                packet = packet_of(person, sex, events, created)
                counts.update(_counted(packet))
                if len(packet) > len(("id", "subject", "metaData")):
                    path = place / f"{person}.json"
                    path.write_text(
                        json.dumps(packet, indent=1, ensure_ascii=False) + "\n", "utf-8"
                    )
            done += span.rows
            wish.progress(done, sum(rows.values()))
    return PacketReport(*(counts[name] for name in PacketReport.__dataclass_fields__))


def _persons(reader: Reader, span: Span) -> Iterator[tuple[int, str | None, list[dict[str, Any]]]]:
    """Each person of a span with sex and events, in the order of time."""
    params = [span.low, span.high, list(span.others), list(span.linked)]
    found = reader.query(_EVENTS, tables=["event"], params=params).to_pylist()
    told = reader.query(_SEXES, tables=["patient"], params=params).to_pylist()
    sexes = {span.linked.get(row["subject_id"], row["subject_id"]): row["sex"] for row in told}
    by_person: dict[int, list[dict[str, Any]]] = {}
    for row in found:
        by_person.setdefault(span.linked.get(row["subject_id"], row["subject_id"]), []).append(row)
    for person in sorted(by_person):
        yield person, sexes.get(person), by_person[person]


def _counted(packet: Mapping[str, Any]) -> dict[str, int]:
    written = len(packet) > len(("id", "subject", "metaData"))
    told = [
        each["diagnosis"]["genomicInterpretations"] for each in packet.get("interpretations", ())
    ]
    return {
        "packets": int(written), "empty": int(not written),
        "features": len(packet.get("phenotypicFeatures", ())),
        "diseases": len(packet.get("diseases", ())),
        "measurements": len(packet.get("measurements", ())), "findings": sum(map(len, told)),
    }  # fmt: skip
