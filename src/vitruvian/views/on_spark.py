"""Running a view on Spark: over resources in hand."""

from __future__ import annotations

import pyarrow as pa

from vitruvian.lake.engines.spark import Spark
from vitruvian.lake.errors import SparkFailed
from vitruvian.views.compiled import Options, compile_view
from vitruvian.views.definition import ViewDefinition
from vitruvian.views.failing import failure_of, unreadable
from vitruvian.views.plan.expressions import Store
from vitruvian.views.plan.rows import Column

RELATION = "vv_resources"
SPARK = Options(engine="spark")
_ARROW: dict[Store, pa.DataType] = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "decimal": pa.float64(),
    "text": pa.string(),
}


def run_on_spark(view: ViewDefinition, resources: pa.Table, spark: Spark) -> pa.Table:
    """The rows of a view over resources, computed by Spark; they come in no order.

    Parameters
    ----------
    view
        The view, as `parse_view` gives it.
    resources
        A table with a text column `resource`; it is sent to the server.
    spark
        The session, as `open_spark` gives it.

    Raises
    ------
    UnreadableResource
        When a text is not one JSON object. Spark itself would pass over it in silence.
    NotOneValue, RepeatTooDeep
        When a resource does not fit the view.
    """
    broken = unreadable(resources)
    if broken is not None:
        raise broken
    compiled = compile_view(view, source=RELATION, options=SPARK)
    try:
        spark.show(RELATION, resources)
        return shaped(spark.query(compiled.sql), compiled.columns)
    except SparkFailed as problem:
        raise failure_of(problem, resources) from None


def shaped(rows: pa.Table, columns: tuple[Column, ...]) -> pa.Table:
    """The rows with the types that DuckDB gives the view's columns; others are left alone."""
    kinds = {column.name: _arrow(column) for column in columns}
    fields = [pa.field(one.name, kinds.get(one.name, one.type)) for one in rows.schema]
    return rows.cast(pa.schema(fields))


def _arrow(column: Column) -> pa.DataType:
    kind = _ARROW[column.store]
    return pa.list_(kind) if column.collection else kind
