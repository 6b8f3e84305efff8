"""A cohort in the forms that others read.

References
----------
HL7 FHIR R4 (4.0.1), Group. RFC 4180 for CSV. MEDS 0.4, label schema
(https://github.com/Medical-Event-Data-Standard/meds).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from vitruvian.criteria.cohorts.answer import Answer

COLUMNS = ("person_id", "trigger", "verdict", "index_timestamp", "label", "unknown")
_KEYS = """SELECT DISTINCT subject_id, resource_id FROM resource_key
    WHERE resource_type = 'Patient' AND subject_id IN (SELECT unnest(?::BIGINT[]))
    ORDER BY subject_id, resource_id"""


class KeyReader(Protocol):
    """What a reader of the lake can do for us."""

    # Any: pyarrow ships no types
    def query(self, sql: str, *, tables: Sequence[str], params: Sequence[object] = ()) -> Any:
        """The answer of our own SQL over tables as the door shows them."""

    def persons(self) -> dict[int, int]:
        """The person of every subject that is linked to another one."""

    def note(self, patient: Sequence[int]) -> None:
        """Remember for the audit that rows of these subjects were shown."""


def as_csv(answer: Answer) -> str:
    """One line a trigger; `unknown` lists the lines that nobody can answer."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for each in answer.members:
        index = each.index_timestamp
        writer.writerow(
            [
                each.person_id,
                each.trigger.isoformat(),
                each.verdict,
                index.isoformat() if index else "",
                "" if each.label is None else each.label,
                " ".join(each.unknown),
            ]
        )
    return out.getvalue()


def as_meds(answer: Answer) -> bytes:
    """The members as a file of MEDS labels, which fits the MEDS export of the same lake.

    One row a trigger that is in, ordered by person and time; those nobody can tell of are left
    out, as a label is yes or no. `prediction_time` is the index timestamp, else the trigger, in
    UTC; `boolean_value` is whether the label was hit, and no column where nothing is labelled.
    """
    chosen = [each for each in answer.members if each.verdict == "in"]
    labelled = [each for each in chosen if each.label is not None]
    kept = labelled or chosen
    at = [(each.index_timestamp or each.trigger).astimezone(UTC) for each in kept]
    columns = {
        "subject_id": pa.array([int(each.person_id) for each in kept], pa.int64()),
        "prediction_time": pa.array([one.replace(tzinfo=None) for one in at], pa.timestamp("us")),
    }
    if labelled:
        hit = [bool(each.label) for each in labelled]
        columns["boolean_value"] = pa.array(hit, pa.bool_())
    fields = [pa.field(name, each.type, nullable=False) for name, each in columns.items()]
    rows = pa.Table.from_arrays(list(columns.values()), schema=pa.schema(fields))
    order = [("subject_id", "ascending"), ("prediction_time", "ascending")]
    out = io.BytesIO()
    pq.write_table(rows.sort_by(order), out, compression="zstd")
    return out.getvalue()


def as_group(answer: Answer, reader: KeyReader, *, at: datetime) -> dict[str, Any]:
    """A FHIR Group of the persons who are in; each as the Patient its source calls it.

    A person without a FHIR Patient is named by our own id.
    """
    persons = answer.persons("in")
    links = reader.persons()
    subjects = {s: p for s, p in links.items() if p in set(persons)}
    subjects |= {p: p for p in persons if links.get(p, p) == p}
    reader.note(list(subjects))
    rows = reader.query(_KEYS, tables=["resource_key"], params=[list(subjects)]).to_pylist()
    named = {subjects[row["subject_id"]]: f"Patient/{row['resource_id']}" for row in rows}
    return {
        "resourceType": "Group",
        "type": "person",
        "actual": True,
        "name": answer.title,
        "quantity": len(persons),
        "meta": {"lastUpdated": at.isoformat()},
        "member": [
            {"entity": {"reference": named[one]} if one in named else _by_our_id(one)}
            for one in persons
        ],
    }


def _by_our_id(person: int) -> dict[str, Any]:
    return {"identifier": {"system": "urn:vitruvian:person", "value": str(person)}}
