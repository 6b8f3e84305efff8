"""Running a view over resources, and its rows as NDJSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, TypeAlias

import duckdb
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.views.compiled import CompiledView, compile_view
from vitruvian.views.definition import ViewDefinition
from vitruvian.views.errors import NotOneValue, RepeatTooDeep, UnreadableResource, ViewFailed
from vitruvian.views.sql.words import NOT_ONE, TOO_DEEP

_RELATION, _LINE = "vv_resources", "vv_line"
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
        DuckDB connection to run on; None takes one of our own, in memory.

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
    with (connection or _engine()).cursor() as cursor:
        return _run(compiled, _table(resources), cursor)


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """The in-memory engine of runs that bring none; opening one costs more than a small run."""
    return duckdb.connect(":memory:")


def _table(resources: Resources) -> Table:
    """Resources as an Arrow table; lines keep their number."""
    if isinstance(resources, duckdb.DuckDBPyRelation):
        return resources.to_arrow_table()
    if isinstance(resources, pa.Table):
        return resources
    lines = pa.array(list(resources), pa.binary())
    try:
        texts = lines.cast(pa.string())
    except pa.ArrowInvalid:
        raise UnreadableResource(_first_not_utf8(lines)) from None
    return _numbered(texts)


def _numbered(texts: Any) -> Table:
    """Lines that are not blank, with their numbers; each must begin as a JSON object does."""
    starts = pc.utf8_ltrim_whitespace(texts)
    opens = pc.starts_with(starts, "{")
    blank = pc.equal(pc.binary_length(starts), 0)
    bad = pc.index(pc.or_(opens, blank), value=False).as_py()
    if bad >= 0:
        raise UnreadableResource(bad + 1)
    table = pa.table({"resource": texts, _LINE: pa.array(range(1, len(texts) + 1))})
    return table.filter(opens)


def _first_not_utf8(lines: Any) -> int:
    """Number of the first line that is not UTF-8."""
    for number, line in enumerate(lines.to_pylist(), start=1):
        try:
            line.decode()
        except UnicodeDecodeError:
            return number
    return 0


def _run(compiled: CompiledView, table: Table, connection: duckdb.DuckDBPyConnection) -> Table:
    connection.register(_RELATION, table)
    try:
        return connection.sql(compiled.sql).to_arrow_table()
    except duckdb.Error as problem:
        raise (
            translated(problem) or _unreadable(table) or ViewFailed(type(problem).__name__)
        ) from None
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


def _unreadable(table: Table) -> UnreadableResource | None:
    """The first record that is not JSON, if that is what went wrong."""
    if "resource" not in table.column_names:
        return None
    texts = table.column("resource").to_pylist()
    numbers = table.column(_LINE).to_pylist() if _LINE in table.column_names else None
    for place, text in enumerate(texts):
        try:
            orjson.loads(text)
        except orjson.JSONDecodeError:
            return UnreadableResource(numbers[place] if numbers else place + 1)
    return None


def rows_as_ndjson(table: Table) -> Iterator[bytes]:
    """The rows as JSON objects, one a line, members in column order."""
    for batch in table.to_batches(max_chunksize=1024):
        for row in batch.to_pylist():
            yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
