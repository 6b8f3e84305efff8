"""The timeline as a MEDS dataset.

References
----------
MEDS, Medical Event Data Standard, version 0.4: data, codes, subject splits and dataset metadata.
https://github.com/Medical-Event-Data-Standard/meds
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vitruvian.lake import Lake, Reader, building
from vitruvian.research.export.meds_rows import (
    END,
    NAMES_SQL,
    PREFIXES,
    START,
    UNITS_SQL,
    dropped_sql,
    params_of,
    rows_sql,
)
from vitruvian.research.export.spans import rows_by_subject, spans
from vitruvian.research.export.wish import Wish, pinned

MEDS_VERSION = "0.4.1"
ROWS_A_SHARD = 500_000
SPLITS = (("train", 80), ("tuning", 90), ("held_out", 100))
DATA = pa.schema(
    [
        pa.field("subject_id", pa.int64(), nullable=False),
        pa.field("time", pa.timestamp("us")),
        pa.field("code", pa.string(), nullable=False),
        pa.field("numeric_value", pa.float32()),
        pa.field("text_value", pa.large_string()),
        pa.field("unit", pa.string()),
        pa.field("known_at", pa.timestamp("us")),
        pa.field("event_id", pa.int64()),
    ]
)
CODES = pa.schema(
    [
        pa.field("code", pa.string(), nullable=False),
        pa.field("description", pa.string()),
        pa.field("parent_codes", pa.list_(pa.string())),
        pa.field("unit", pa.string()),
    ]
)
SUBJECT_SPLITS = pa.schema(
    [
        pa.field("subject_id", pa.int64(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True)
class MedsReport:
    """What a MEDS dataset holds and what was left out.

    Parameters
    ----------
    subjects
        Persons.
    events
        Rows; an interval is three: itself, its start, its end.
    codes
        Distinct codes.
    shards
        Files of data.
    left_out
        Events not written, by reason.
    """

    subjects: int
    events: int
    codes: int
    shards: int
    left_out: Mapping[str, int]


def export_meds(
    lake: Lake, to: Path, wish: Wish, *, rows_a_shard: int = ROWS_A_SHARD
) -> MedsReport:
    """Write the timeline of every person as a MEDS dataset.

    The same state as of the same instants gives the same bytes.

    Parameters
    ----------
    lake
        Where from.
    to
        A folder that does not exist, or an empty one.
    wish
        Who asks, as of when.
    rows_a_shard
        About how many events go into one file; a person is never cut.

    Raises
    ------
    NotEmpty
        When something lies in that folder.
    StorageFailed
        When the disk does not take it; then nothing is left of it.
    """
    with building(to, doing="exporting") as place, pinned(lake, wish, into="MEDS") as reader:
        for folder in ("data", "metadata"):
            (place / folder).mkdir()
        units = _first_of(reader, UNITS_SQL, column="unit")
        subjects, codes, shards = _write_data(reader, place, (wish, units, rows_a_shard))
        _write_codes(reader, place, codes=codes, units=units)
        _write_splits(place, subjects)
        _write_dataset(lake, reader, place)
        left_out = reader.query(dropped_sql(), tables=["event"]).to_pylist()
    return MedsReport(
        subjects=len(subjects),
        events=sum(codes.values()),
        codes=len(codes),
        shards=shards,
        left_out={row["reason"]: row["n"] for row in left_out},
    )


def _first_of(reader: Reader, sql: str, *, column: str) -> dict[str, str | None]:
    """The commonest value of a column for each code; ties go by the alphabet."""
    found = reader.query(sql, tables=["event"])
    pairs = zip(found.column("code").to_pylist(), found.column(column).to_pylist(), strict=True)
    chosen: dict[str, str | None] = {}
    for code, value in pairs:
        chosen.setdefault(code, value)
    return chosen


def _write_data(
    reader: Reader, place: Path, how: tuple[Wish, Mapping[str, str | None], int]
) -> tuple[list[int], Counter[str], int]:
    """Shard after shard; the persons in them, how often each code stands, how many shards."""
    wish, units, rows_a_shard = how
    rows = rows_by_subject(reader, "event")
    subjects: list[int] = []
    codes: Counter[str] = Counter()
    done = shards = 0
    for span in spans(rows, persons=reader.persons(), rows_a_span=rows_a_shard):
        sql, params = rows_sql(span), params_of(span, units=units)
        found = reader.query(sql, tables=["event"], params=params).cast(DATA)
        if found.num_rows:
            pq.write_table(found, place / "data" / f"{shards}.parquet", compression="zstd")
            shards += 1
        subjects += pc.unique(found.column("subject_id")).to_pylist()
        for one in pc.value_counts(found.column("code")).to_pylist():
            codes[one["values"]] += one["counts"]
        done += span.rows
        wish.progress(done, sum(rows.values()))
    return subjects, codes, shards


def bare(code: str) -> str:
    """A code without what an export put before and behind it.

    Examples
    --------
    >>> bare("NEG//FAM//SNOMED//363406005")
    'SNOMED//363406005'
    >>> bare("ENCOUNTER//IMP//start")
    'ENCOUNTER//IMP'
    """
    for prefix in PREFIXES:
        code = code.removeprefix(prefix)
    return code.removesuffix(START).removesuffix(END)


def _write_codes(
    reader: Reader, place: Path, *, codes: Iterable[str], units: Mapping[str, str | None]
) -> None:
    names = _first_of(reader, NAMES_SQL, column="code_text")
    rows = [
        {
            "code": code,
            "description": names.get(bare(code)),
            "parent_codes": [bare(code)] if bare(code) != code else [],
            "unit": units.get(code),
        }
        for code in sorted(codes)
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=CODES), place / "metadata" / "codes.parquet")


def split_of(subject: int) -> str:
    """The split a person is in, for good: by a hash of the id, 80, 10 and 10 in a hundred.

    Examples
    --------
    >>> [split_of(one) for one in (1, 2, 3)] == [split_of(one) for one in (1, 2, 3)]
    True
    """
    digest = hashlib.sha256(f"MEDS split 1//{subject}".encode()).digest()
    place = int.from_bytes(digest[:8]) % 100
    return next(name for name, below in SPLITS if place < below)


def _write_splits(place: Path, subjects: list[int]) -> None:
    rows = {"subject_id": subjects, "split": [split_of(one) for one in subjects]}
    path = place / "metadata" / "subject_splits.parquet"
    pq.write_table(pa.table(rows, schema=SUBJECT_SPLITS), path)


def _write_dataset(lake: Lake, reader: Reader, place: Path) -> None:
    as_of = reader.as_of
    at = as_of.recorded_at or reader.snapshot.published_at
    known = f", known at {as_of.known_at.isoformat()}" if as_of.known_at else ""
    said = {
        "dataset_name": lake.site,
        "dataset_version": f"recorded at {at.isoformat()}{known}",
        "etl_name": "vitruvian",
        "etl_version": version("vitruvian"),
        "meds_version": MEDS_VERSION,
        "created_at": at.isoformat(),
        "raw_source_id_columns": ["event_id"],
        "code_modifier_columns": ["unit"],
        "other_extension_columns": ["known_at"],
    }
    text = json.dumps(said, indent=2, sort_keys=True) + "\n"
    (place / "metadata" / "dataset.json").write_text(text, "utf-8")


def files_of(place: Path) -> Iterator[Path]:
    """The data files of a dataset, in the order of their numbers."""
    yield from sorted((place / "data").glob("*.parquet"), key=lambda path: int(path.stem))
