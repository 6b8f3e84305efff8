"""Flat tables: the rows of SQL on FHIR views over a lake, one file a view.

References
----------
SQL on FHIR v2, structure definition "View Definition": ``name`` is the name of the table.
RFC 4180, Common Format for CSV Files; it has no lists, which stand there as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from vitruvian.lake import Lake, building
from vitruvian.lake.engines.spark import Spark, open_spark
from vitruvian.research.export.wish import Wish, pinned
from vitruvian.views import ViewDefinition, parse_view, rows_as_ndjson, run_over_lake

# What is written when nobody names a view: the usual columns of the usual types.
USUAL = Path(__file__).with_name("views")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Tables:
    """Which tables are wanted, and how.

    Parameters
    ----------
    views
        The views, by the name of their table.
    kind
        How they are written: one of `FORMATS`.
    on_spark
        Whether Spark computes: the server that `SPARK_REMOTE` names, or one of this process.
    """

    views: Mapping[str, ViewDefinition]
    kind: str = "parquet"
    on_spark: bool = False


@dataclass(frozen=True)
class TablesReport:
    """How many rows were written, by table."""

    tables: Mapping[str, int]

    @property
    def total(self) -> int:
        """Of all tables."""
        return sum(self.tables.values())


def _parquet(rows: pa.Table, to: Path) -> None:
    pq.write_table(rows, to, compression="zstd")


def _csv(rows: pa.Table, to: Path) -> None:
    for place, field in enumerate(rows.schema):
        if pa.types.is_list(field.type):
            rows = rows.set_column(place, field.name, _as_json(rows.column(place)))
    pc.write_csv(rows, to)


def _as_json(lists: pa.ChunkedArray) -> pa.Array:
    """Each list as JSON; no list stays nothing."""
    return pa.array(
        [None if one is None else orjson.dumps(one).decode() for one in lists.to_pylist()],
        pa.string(),
    )


def _ndjson(rows: pa.Table, to: Path) -> None:
    with to.open("wb") as file:
        file.writelines(rows_as_ndjson(rows))


# How tables are written; each is the ending of its files.
FORMATS: Mapping[str, Callable[[pa.Table, Path], None]] = {
    "parquet": _parquet,
    "csv": _csv,
    "ndjson": _ndjson,
}


def table_name(view: ViewDefinition, path: Path) -> str:
    """What the table of a view is called: by the view, or by its file where it has no usable name.

    Examples
    --------
    >>> from vitruvian.views import parse_view
    >>> view = parse_view('{"resource": "Patient", "select": [{"column": '
    ...                   '[{"name": "id", "path": "id"}]}]}')
    >>> table_name(view, Path("views/people.json"))
    'people'
    """
    return view.name if _NAME.fullmatch(view.name) else path.stem


def usual_views() -> Mapping[str, ViewDefinition]:
    """The views that come with Vitruvian, by the name of their table."""
    views = (parse_view(path.read_bytes()) for path in sorted(USUAL.glob("*.json")))
    return {view.name: view for view in views}


def export_tables(lake: Lake, to: Path, wish: Wish, tables: Tables) -> TablesReport:
    """Write the rows of some views over the current version of every resource.

    Parameters
    ----------
    lake
        Where from; drained, if Spark is to compute.
    to
        A folder that does not exist, or an empty one.
    wish
        Who asks, as of when; its progress is told in views.
    tables
        Which tables, and how.

    Raises
    ------
    NotEmpty
        When something lies in that folder.
    NotDrained
        When resources are still in the hot log and Spark is to compute.
    NotOneValue, RepeatTooDeep
        When a resource does not fit a view.
    StorageFailed
        When the disk does not take it; then nothing is left of it.
    """
    write, rows = FORMATS[tables.kind], {}
    with (
        _engine(on_spark=tables.on_spark) as spark,
        building(to, doing="exporting") as place,
        pinned(lake, wish, into=f"tables {', '.join(tables.views)}") as reader,
    ):
        for number, (name, view) in enumerate(tables.views.items(), start=1):
            found = run_over_lake(view, reader, spark=spark)
            write(found, place / f"{name}.{tables.kind}")
            rows[name] = found.num_rows
            wish.progress(number, len(tables.views))
    return TablesReport(tables=rows)


@contextmanager
def _engine(*, on_spark: bool) -> Iterator[Spark | None]:
    """Spark's session, or nobody: then the lake's own engine computes."""
    if not on_spark:
        yield None
        return
    with open_spark() as spark:
        yield spark
