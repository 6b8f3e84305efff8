"""Running a view over the resources that a lake holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.lake import Reader
from vitruvian.lake.engines.spark import Spark
from vitruvian.lake.errors import QueryFailed, SparkFailed
from vitruvian.views.compiled import Engine, Options, compile_view
from vitruvian.views.definition import ViewDefinition
from vitruvian.views.failing import translated
from vitruvian.views.on_spark import RELATION, shaped

if TYPE_CHECKING:
    import pyarrow as pa

_TEXT: dict[Engine, str] = {"duckdb": "decode(bytes)", "spark": "CAST(bytes AS STRING)"}


def run_over_lake(
    view: ViewDefinition,
    reader: Reader,
    *,
    spark: Spark | None = None,
    carry: tuple[str, ...] = (),
    where: str = "true",
) -> pa.Table:
    """The rows of a view over every resource that holds, as the door shows them.

    Parameters
    ----------
    view
        The view, as `parse_view` gives it.
    reader
        The state of the lake, as of any instants.
    spark
        The session that computes; None computes here, with DuckDB.
    carry
        Columns of the table `resource` to copy to every row: `version_id`, `subject_id`, ...
    where
        Which resources: a condition on the columns of that table, which both engines know.

    Returns
    -------
    pyarrow.Table
        The carried columns, then those of the view; rows in no order.

    Raises
    ------
    NotDrained
        When resources are still in the hot log and Spark is to compute.
    NotOneValue, RepeatTooDeep
        When a resource does not fit the view.
    """
    engine: Engine = "duckdb" if spark is None else "spark"
    options = Options(engine=engine)
    compiled = compile_view(view, source=RELATION, carry=carry, options=options)
    sql = f"WITH {RELATION} AS ({_resources(view, carry, engine)} AND {where}) {compiled.sql}"
    try:
        found = _found(sql, reader, spark)
    except (SparkFailed, QueryFailed) as problem:
        # The door withholds the engine's own words, among which is our mark.
        cause = problem.__context__ if spark is None else problem
        raise translated(cause or problem) or problem from None
    return shaped(found, compiled.columns)


def _found(sql: str, reader: Reader, spark: Spark | None) -> pa.Table:
    if spark is None:
        return reader.query(sql, tables=("resource",))
    spark.show_table(reader, "resource")
    return spark.query(sql)


def _resources(view: ViewDefinition, carry: tuple[str, ...], engine: Engine) -> str:
    """The texts of one resource type. Names of types are letters only."""
    columns = ", ".join((*carry, f"{_TEXT[engine]} AS resource"))
    return f"SELECT {columns} FROM resource WHERE resource_type = '{view.resource}' AND NOT deleted"
