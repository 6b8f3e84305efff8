"""Running a view over resources, and its rows as NDJSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, TypeAlias

import duckdb
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.lake.engines.spark import open_spark
from vitruvian.views.compiled import CompiledView, Engine, compile_view
from vitruvian.views.definition import ViewDefinition
from vitruvian.views.errors import UnreadableResource
from vitruvian.views.failing import LINE, failure_of
from vitruvian.views.on_spark import RELATION, run_on_spark

# Any: pyarrow ships no types.
Table: TypeAlias = Any
Resources: TypeAlias = "Iterable[bytes | str] | Table | duckdb.DuckDBPyRelation"


def run_view(
    view: ViewDefinition,
    resources: Resources,
    *,
    connection: duckdb.DuckDBPyConnection | None = None,
    engine: Engine = "duckdb",
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
    engine
        `spark` runs on the Spark Connect server that `SPARK_REMOTE` names, or on one started
        for this run; its rows come in no order.

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
    if engine == "spark":
        with open_spark() as spark:
            return run_on_spark(view, table_of(resources), spark)
    compiled = compile_view(view, source=RELATION)
    with (connection or _engine()).cursor() as cursor:
        return _run(compiled, table_of(resources), cursor)


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """The in-memory engine of runs that bring none; opening one costs more than a small run."""
    return duckdb.connect(":memory:")


def table_of(resources: Resources) -> Table:
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
    table = pa.table({"resource": texts, LINE: pa.array(range(1, len(texts) + 1))})
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
    connection.register(RELATION, table)
    try:
        return connection.sql(compiled.sql).to_arrow_table()
    except duckdb.Error as problem:
        raise failure_of(problem, table) from None
    finally:
        connection.unregister(RELATION)


def rows_as_ndjson(table: Table) -> Iterator[bytes]:
    """The rows as JSON objects, one a line, members in column order."""
    for batch in table.to_batches(max_chunksize=1024):
        for row in batch.to_pylist():
            yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
