"""Running a view over resources, and its rows as NDJSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import duckdb
import orjson
import pyarrow as pa

from vitruvian.views.compiled import CompiledView, compile_view
from vitruvian.views.definition import ViewDefinition
from vitruvian.views.duckdb_sql.words import NOT_ONE, TOO_DEEP
from vitruvian.views.errors import NotOneValue, RepeatTooDeep, UnreadableResource, ViewFailed

_RELATION = "vv_resources"
_MARK = re.compile(rf"({NOT_ONE}|{TOO_DEEP}) (\S*) ;")

# Any: pyarrow ships no types.
Table: TypeAlias = Any
Resources: TypeAlias = "Iterable[bytes | str] | Table | duckdb.DuckDBPyRelation"


def run_view(
    view: ViewDefinition,
    resources: Resources,
    *,
    connection: duckdb.DuckDBPyConnection | None = None,
) -> Table:
    """The rows of a view over FHIR resources.

    Parameters
    ----------
    view
        The view, as `parse_view` gives it.
    resources
        JSON texts, one resource each; or an Arrow table or DuckDB relation with a text
        column `resource`. Blank lines are passed over; other resource types give no rows.
    connection
        DuckDB connection to run on; None opens one for this run.

    Returns
    -------
    pyarrow.Table
        One row per view row, in the order of the resources.

    Raises
    ------
    UnreadableResource
        When a text is not one JSON object; names its line.
    NotOneValue, RepeatTooDeep
        When a resource does not fit the view.
    """
    compiled = compile_view(view, source=_RELATION)
    table = resources if isinstance(resources, pa.Table) else _table(resources)
    if isinstance(resources, duckdb.DuckDBPyRelation):
        table = resources.to_arrow_table()
    if connection is not None:
        return _run(compiled, table, connection.cursor())
    with duckdb.connect() as own:
        return _run(compiled, table, own)


def _table(resources: Any) -> Table:
    """Lines as a table; relations are left alone."""
    if isinstance(resources, duckdb.DuckDBPyRelation):
        return None
    lines = [line for line in resources if line.strip()]
    return pa.table({"resource": pa.array(lines, pa.binary()).cast(pa.string())})


def _run(compiled: CompiledView, table: Table, connection: duckdb.DuckDBPyConnection) -> Table:
    connection.register(_RELATION, table)
    try:
        return connection.sql(compiled.sql).to_arrow_table()
    except duckdb.Error as problem:
        raise translated(problem) or _unreadable(table) from None
    finally:
        connection.unregister(_RELATION)


def translated(problem: duckdb.Error) -> Exception | None:
    """Our own failure behind an engine's error; None when it is not one of ours.

    The engine's message is read only for our own mark: it may quote the resource.
    """
    found = _MARK.search(str(problem))
    if found is None:
        return None
    if found[1] == NOT_ONE:
        return NotOneValue(found[2])
    return RepeatTooDeep(found[2])


def _unreadable(table: Table) -> Exception:
    """The first record that is not one JSON object."""
    for record, text in enumerate(table.column("resource").to_pylist(), start=1):
        try:
            good = isinstance(orjson.loads(text), dict)
        except orjson.JSONDecodeError:
            good = False
        if not good:
            return UnreadableResource(record)
    return ViewFailed("an error of its own")


def rows_as_ndjson(table: Table) -> Iterator[bytes]:
    """The rows as JSON objects, one a line, members in column order."""
    for batch in table.to_batches(max_chunksize=1024):
        for row in batch.to_pylist():
            yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
