"""One code chosen for each event, all codings kept as sent.

The views give a row a coding, those of one event together and in their order. They are put
together over Arrow: grouping them in the engine took half of the time of the whole mapping.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vitruvian import terms
from vitruvian.ingest.library.fhir.timeline.raw import (
    RAW,
    VOCABULARY,
    columns_sql,
    forget_raw,
    said_in,
    show,
)

SYSTEM = "fhir_system"
CODED = "fhir_coded"

ROWS = "fhir_coded_rows"
_KEY = ("seq", "part", "part_at")
_SYSTEMS = ("coding_system", "v_code_system", "relation_system", "class_system")
_ALL = {"seq": "BIGINT", **VOCABULARY, "coded": "VARCHAR", "words": "VARCHAR"}
# A rank and a place make one number to choose by; the row it stands in fills its lower half.
_PLACES, _ROW_BITS = 1_000, 32

Numbers = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]


def fold_sql(text: str) -> str:
    """`terms.fold` as SQL."""
    return rf"trim(regexp_replace(lower(strip_accents({text})), '\s+', ' ', 'g'))"


def choose_codes(connection: Any) -> None:
    """One row an event in ``fhir_coded``: chosen code, its words, all codings in order."""
    raw = connection.execute(f"SELECT * FROM {RAW}").to_arrow_table().combine_chunks()
    forget_raw(connection)
    _name_systems(connection, raw)
    rows = _events(raw)
    said = said_in(rows) | {"seq", "codings"}
    show(connection, ROWS, rows.select([name for name in rows.column_names if name in said]))
    columns = columns_sql(_ALL, said)
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {CODED} AS SELECT {columns}, codings FROM {ROWS}"
    )


def _name_systems(connection: Any, raw: pa.Table) -> None:
    """Fill ``fhir_system``: each code system of the chunk, its prefix and its rank."""
    used = {uri for name in _SYSTEMS for uri in pc.unique(raw[name]).to_pylist() if uri}
    uris = sorted(used)
    systems = pa.table(
        {
            "uri": pa.array(uris, pa.string()),
            "prefix": pa.array([terms.prefix_of(uri) for uri in uris], pa.string()),
            "rank": pa.array([terms.rank_of(uri) for uri in uris], pa.int64()),
        }
    )
    connection.register("fhir_systems_used", systems)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {SYSTEM} AS SELECT * FROM fhir_systems_used")
    connection.unregister("fhir_systems_used")


# ------------------------------------------------------------------ rows of codings to events


def _events(raw: pa.Table) -> pa.Table:
    """The first row of each event, with the code chosen and the list of its codings."""
    rows = _in_order(raw)
    first = _is_first(rows)
    if not first.all():
        rows = rows.filter(pa.array(first | _belongs(rows, first)))
        first = _is_first(rows)
    starts = np.flatnonzero(first)
    chosen = _chosen(rows, starts)
    events = rows if first.all() else rows.take(pa.array(starts))
    words = pc.coalesce(
        events["code_text"],
        rows["coding_display"].take(chosen),
        events["coding_display"],
        events["medication_display"],
    )
    prefix = _of_system(rows, terms.prefix_of, pa.string()).take(chosen)
    coded = pc.binary_join_element_wise(prefix, rows["coding_code"].take(chosen), "//")
    return (
        events.append_column("coded", coded)
        .append_column("words", words)
        .append_column("codings", _codings(rows, starts))
    )


def _is_first(rows: pa.Table) -> Marks:
    marks: Marks = _numbers(rows["coding_at"]) == 0
    return marks


def _in_order(raw: pa.Table) -> pa.Table:
    """The rows with those of one event after one another; nearly always they come so."""
    at = _numbers(raw["coding_at"])
    later = np.flatnonzero(at > 0)
    if not len(later):
        return raw
    if later[0] > 0:
        here, before = pa.array(later), pa.array(later - 1)
        follows = _same(raw, here, before) & (at[later] > at[later - 1])
        if follows.all():
            return raw
    return raw.sort_by([(name, "ascending") for name in (*_KEY, "coding_at")])


def _belongs(rows: pa.Table, first: Marks) -> Marks:
    """Which rows are of the event whose first row stands last above them."""
    of = np.maximum.accumulate(np.where(first, np.arange(len(first)), 0))
    return _same(rows, pa.array(np.arange(len(first))), pa.array(of))


def _same(rows: pa.Table, some: pa.Array, others: pa.Array) -> Marks:
    """Whether rows, pair by pair, are of one event."""
    marks = np.ones(len(some), bool)
    for name in _KEY:
        equal = pc.equal(rows[name].take(some), rows[name].take(others))
        marks &= equal.to_numpy(zero_copy_only=False)
    return marks


def _chosen(rows: pa.Table, starts: Numbers) -> pa.Array:
    """The row of the best coding of each event; null where none has a code."""
    if not len(starts):
        return pa.array([], pa.int64())
    rank = _numbers(_of_system(rows, terms.rank_of, pa.int64()))
    weight = rank * _PLACES + _numbers(rows["coding_at"])
    coded = rows["coding_code"].is_valid().to_numpy(zero_copy_only=False)
    never = np.iinfo(np.int64).max
    choice = np.where(coded, (weight << _ROW_BITS) | np.arange(rows.num_rows), never)
    best = np.minimum.reduceat(choice, starts)
    return pa.array(best & ((1 << _ROW_BITS) - 1), mask=best == never)


def _of_system(rows: pa.Table, told: Any, kind: pa.DataType) -> pa.Array:
    """What is told of the code system of each row; each system is asked about once."""
    systems = rows["coding_system"].combine_chunks().dictionary_encode()
    answers = [told(uri) for uri in (*systems.dictionary.to_pylist(), None)]
    places = systems.indices.fill_null(len(answers) - 1)
    return pa.array(answers, kind).take(places)


def _codings(rows: pa.Table, starts: Numbers) -> pa.Array:
    """All codings of each event, as sent; none where the first says nothing."""
    fields = [rows[f"coding_{name}"].combine_chunks() for name in ("system", "code", "display")]
    said = np.zeros(rows.num_rows, bool)
    for field in fields:
        said |= field.is_valid().to_numpy(zero_copy_only=False)
    lengths = np.diff(np.append(starts, rows.num_rows))
    counted = np.where(said[starts], lengths, 0)
    if not said[starts].all():
        kept = pa.array(np.repeat(said[starts], lengths))
        fields = [field.filter(kept) for field in fields]
    offsets = pa.array(np.append(0, np.cumsum(counted)), pa.int32())
    ones = pa.StructArray.from_arrays(fields, names=["system", "code", "display"])
    return pa.ListArray.from_arrays(offsets, ones)


def _numbers(column: Any) -> Numbers:
    values = column.fill_null(0).to_numpy()
    return np.asarray(values, np.int64)
