"""One code chosen for each event, all codings kept as sent.

The views give a row a coding, those of one event together and in their order. They are put
together over Arrow: grouping them in the engine took half of the time of the whole mapping.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vitruvian import terms
from vitruvian.ingest.engine.sql import fetched
from vitruvian.ingest.library.fhir.mapping import lanes_by_category, negated_codes
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
_CODING = ("system", "code", "display")
_SYSTEMS = ("coding_system", "v_code_system", "relation_system", "class_system")
# Words whose code system is told apart from them: what stands in front of their code.
_PREFIXED = {"v_code": "v_code_system", "relation_code": "relation_system",
             "class_code": "class_system"}  # fmt: skip
_READ = {
    *("part", "part_at", "coding_at", "coding_system", "coding_code", "coding_display"),
    *("code_text", "medication_display", "category", *_SYSTEMS, *_PREFIXED),
}
_ALL = {
    "seq": "BIGINT",
    **VOCABULARY,
    **dict.fromkeys(("coded", "words", "category_lane"), "VARCHAR"),
    **{f"{code}_prefix": "VARCHAR" for code in _PREFIXED},
    "denied": "BOOLEAN",
}
# A rank and a place make one number to choose by; the row it stands in fills its lower half.
_PLACES, _ROW_BITS = 1_000, 32

Numbers = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]


def fold_sql(text: str) -> str:
    """`terms.fold` as SQL."""
    return rf"trim(regexp_replace(lower(strip_accents({text})), '\s+', ' ', 'g'))"


def choose_codes(connection: Any, said: Container[str] = VOCABULARY) -> None:
    """One row an event in ``fhir_coded``: chosen code, its words, all codings in order.

    Besides: ``category_lane``, where the category as sent puts it; ``denied``, whether one of its
    codes says "none known"; ``v_code_prefix`` and its like, the prefix of a code's system.

    Parameters
    ----------
    said
        The columns of ``fhir_raw`` in which any row says anything.
    """
    names = ", ".join(name for name in VOCABULARY if name in said or name in _READ)
    raw = fetched(connection, f"SELECT seq, {names} FROM {RAW}").combine_chunks()
    forget_raw(connection)
    _name_systems(connection, raw)
    rows = _events(raw)
    shown = said_in(rows) | {"seq", "codings"}
    show(connection, ROWS, rows.select([name for name in rows.column_names if name in shown]))
    columns = columns_sql(_ALL, shown)
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {CODED} AS SELECT {columns}, codings FROM {ROWS}"
    )


def forget_codes(connection: Any) -> None:
    """Let go of the rows, which stay in memory as long as the engine sees them."""
    connection.unregister(ROWS)


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
    prefix = _of_system(rows["coding_system"], terms.prefix_of, pa.string()).take(chosen)
    told = {
        "coded": pc.binary_join_element_wise(prefix, rows["coding_code"].take(chosen), "//"),
        "words": words,
        "codings": _codings(rows, starts),
        "denied": pa.array(_denied(rows, starts)),
        "category_lane": _category_lanes(events["category"].combine_chunks()),
        **{f"{code}_prefix": _prefixes(events, code) for code in _PREFIXED},
    }
    for name, values in told.items():
        events = events.append_column(name, values)
    return events


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
    rank = _numbers(_of_system(rows["coding_system"], terms.rank_of, pa.int64()))
    weight = rank * _PLACES + _numbers(rows["coding_at"])
    coded = rows["coding_code"].is_valid().to_numpy(zero_copy_only=False)
    never = np.iinfo(np.int64).max
    choice = np.where(coded, (weight << _ROW_BITS) | np.arange(rows.num_rows), never)
    best = np.minimum.reduceat(choice, starts)
    return pa.array(best & ((1 << _ROW_BITS) - 1), mask=best == never)


def _of_system(uris: pa.ChunkedArray, told: Any, kind: pa.DataType) -> pa.Array:
    """What is told of the code system of each row; each system is asked about once."""
    systems = uris.combine_chunks().dictionary_encode()
    answers = [told(uri) for uri in (*systems.dictionary.to_pylist(), None)]
    places = systems.indices.fill_null(len(answers) - 1)
    return pa.array(answers, kind).take(places)


def _prefixes(events: pa.Table, code: str) -> pa.Array:
    """The prefix of the system of one of the words of each event; null where it says none."""
    said = events[code].is_valid()
    if not pc.any(said).as_py():
        return pa.nulls(events.num_rows, pa.string())
    prefix = _of_system(events[_PREFIXED[code]], terms.prefix_of, pa.string())
    return pc.if_else(said, prefix, pa.scalar(None, pa.string()))


def _denied(rows: pa.Table, starts: Numbers) -> Marks:
    """Which events carry a code of SNOMED CT that says "none known", whatever its system."""
    codes = [code.split("//", 1)[1] for code in negated_codes() if code.startswith("SNOMED")]
    denies = pc.is_in(rows["coding_code"], value_set=pa.array(codes, pa.string()))
    if not pc.any(denies).as_py():
        return np.zeros(len(starts), bool)
    denied: Marks = np.logical_or.reduceat(denies.to_numpy(zero_copy_only=False), starts)
    return denied & _says(rows)[starts]


def _category_lanes(categories: pa.ListArray) -> pa.Array:
    """The lane of each event by its category as sent, the first in the mapping's order."""
    lanes = list(dict.fromkeys(lanes_by_category().values()))
    of_code = [lanes.index(lane) for lane in lanes_by_category().values()]
    codes = pa.array(list(lanes_by_category()), pa.string())
    place = pc.index_in(pc.list_flatten(categories), value_set=codes)
    known = place.is_valid()
    owners = _numbers(pc.list_parent_indices(categories).filter(known))
    ranks = np.asarray(of_code, np.int64)[_numbers(place.filter(known))]
    first = np.full(len(categories), len(lanes))
    np.minimum.at(first, owners, ranks)
    return pa.array([*lanes, None], pa.string()).take(pa.array(first))


def _says(rows: pa.Table) -> Marks:
    """Which rows say any of a coding's system, code and display."""
    said = np.zeros(rows.num_rows, bool)
    for name in _CODING:
        said |= rows[f"coding_{name}"].is_valid().to_numpy()
    return said


def _codings(rows: pa.Table, starts: Numbers) -> pa.Array:
    """All codings of each event, as sent; none where the first says nothing."""
    fields = [rows[f"coding_{name}"].combine_chunks() for name in _CODING]
    said = _says(rows)
    lengths = np.diff(np.append(starts, rows.num_rows))
    counted = np.where(said[starts], lengths, 0)
    if not said[starts].all():
        kept = pa.array(np.repeat(said[starts], lengths))
        fields = [field.filter(kept) for field in fields]
    offsets = pa.array(np.append(0, np.cumsum(counted)), pa.int32())
    ones = pa.StructArray.from_arrays(fields, names=list(_CODING))
    return pa.ListArray.from_arrays(offsets, ones)


def _numbers(column: Any) -> Numbers:
    values = column.fill_null(0).to_numpy()
    return np.asarray(values, np.int64)
