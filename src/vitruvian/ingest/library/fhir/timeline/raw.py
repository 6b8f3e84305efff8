"""The columns that every view of ours speaks in, and a chunk's views run into one relation.

``fhir_chunk`` holds a chunk's keys and clocks, ``fhir_text`` the texts: ``seq``, ``resource``.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import pyarrow as pa

from vitruvian.ingest.engine.sql import literal
from vitruvian.ingest.library.fhir.mapping import TypeMapping, view_text
from vitruvian.views import CompiledView, compile_view, parse_view

CHUNK = "fhir_chunk"
TEXT = "fhir_text"
ROWS = "fhir_rows"
RAW = "fhir_raw"
WITH_PARTS = "fhir_text_with_parts"

_TEXT = (
    "part coding_system coding_code coding_display code_text medication_ref medication_display "
    "time_at time_start time_end time_instant time_first time_date time_else time_else_start "
    "time_recorded time_text age_value age_unit ended ended_end ended_text "
    "status doc_status intent clinical verification kind "
    "q_value q_comparator q_unit q_system q_code v_string v_boolean v_integer v_time v_datetime "
    "v_start v_end v_low v_high v_range_unit v_range_unit_high "
    "v_numerator v_denominator v_numerator_unit v_denominator_unit v_samples "
    "v_code_system v_code v_display v_code_text absent_code absent_text "
    "r_low r_high r_unit r_unit_high r_text i_code i_text "
    "body_site body_site_text specimen method method_text device id_system id_value "
    "dose_text dose_value dose_unit dose_route dose_route_text dose_timing "
    "dose_frequency dose_period dose_period_unit rate_value rate_unit "
    "relation_system relation_code relation_display relation_text onset_text "
    "severity severity_text criticality reaction reaction_display reaction_severity stage outcome "
    "conclusion conclusion_code conclusion_text description content_title "
    "class_system class_code class_display reason_text reason_display provider "
    "modality series_modality series_site lot birth birth_time sex death"
).split()
_OTHER = {
    "part_at": "BIGINT",
    "coding_at": "BIGINT",
    "category": "VARCHAR[]",
    "bound_ends": "VARCHAR[]",
    "unbounded": "BOOLEAN",
    "not_done": "BOOLEAN",
    "has_parts": "BOOLEAN",
    "dead": "BOOLEAN",
}
_BATCH_ROWS = 4_096
VOCABULARY: dict[str, str] = {**dict.fromkeys(_TEXT, "VARCHAR"), **_OTHER}


@cache
def compiled(name: str, source: str = TEXT) -> CompiledView:
    """One of our views, compiled over the chunk's texts, carrying ``seq``."""
    return compile_view(parse_view(view_text(name)), source=source, carry=("seq",))


@contextmanager
def joined_as_written(connection: Any) -> Iterator[None]:
    """Joins keep the relation on their right in memory, where ours have the small one.

    Rows of Arrow are one row to the engine's estimate: it would turn every join around, and copy
    a chunk with its hundred columns into a hash table to look up ten of another.
    """
    connection.execute("SET disabled_optimizers = 'build_side_probe_side'")
    try:
        yield
    finally:
        connection.execute("RESET disabled_optimizers")


def run_raw(connection: Any, mapping: TypeMapping) -> set[str]:
    """Run a type's views over the chunk into ``fhir_raw``, every word of ours present.

    Returns
    -------
    set of str
        The columns in which any row says anything.
    """
    selects = [_select(compiled(mapping.view))]
    if mapping.parts_view:
        # Without its first quote: the search jumps to its first letter, and quotes are many.
        element = literal(f'{mapping.parts_element}"')
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {WITH_PARTS} AS SELECT seq, resource FROM {TEXT} "
            f"WHERE contains(resource, {element})"
        )
        selects.append(_select(compiled(mapping.parts_view, WITH_PARTS)))
    together = " UNION ALL BY NAME ".join(selects)
    rows = connection.execute(together).to_arrow_table(_BATCH_ROWS)
    show(connection, ROWS, rows)
    said = said_in(rows)
    columns = columns_sql(VOCABULARY, said)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {RAW} AS SELECT seq, {columns} FROM {ROWS}")
    return said


def forget_raw(connection: Any) -> None:
    """Let go of the rows, which stay in memory as long as the engine sees them."""
    connection.unregister(ROWS)


def show(connection: Any, name: str, rows: pa.Table) -> None:
    """Let the engine see rows as a relation, in parts that it works on in parallel."""
    parts = rows.combine_chunks().to_batches(max_chunksize=_BATCH_ROWS)
    connection.register(name, pa.Table.from_batches(parts, schema=rows.schema))


def said_in(rows: pa.Table) -> set[str]:
    """The columns in which any row says anything.

    Records of a chunk are alike and say a third of our words; the engine folds the rest away.
    """
    return {name for name in rows.column_names if rows[name].null_count < rows.num_rows}


def columns_sql(words: Mapping[str, str], said: Container[str]) -> str:
    """The columns of a relation, those that say nothing as nothing."""
    return ", ".join(f'{_column(name, words[name], said)} AS "{name}"' for name in words)


def _select(view: CompiledView) -> str:
    names = [column.name for column in view.columns if column.name in VOCABULARY]
    own = ", ".join(f'{_present(name)} AS "{name}"' for name in names)
    return f"SELECT seq, {own} FROM ({view.sql})"


def _column(name: str, kind: str, said: Container[str]) -> str:
    if name not in said:
        return _KEYS.get(name, f"NULL::{kind}")
    return f'coalesce("{name}", {_KEYS[name]})' if name in _KEYS else f'"{name}"'


_KEYS = {"part": "''", "part_at": "0::BIGINT"}


def _present(name: str) -> str:
    if VOCABULARY[name] == "VARCHAR" and name not in _KEYS:
        return f"nullif(\"{name}\"::VARCHAR, '')"
    return f'"{name}"::{VOCABULARY[name]}'
