"""Flat tables: the rows of SQL on FHIR views over a lake, one file a view.

References
----------
SQL on FHIR v2, structure definition "View Definition": ``name`` is the name of the table.
RFC 4180, Common Format for CSV Files; it has no lists, which stand there as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, count
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from vitruvian.lake import Lake, Reader, building
from vitruvian.lake.engines.spark import Spark, open_spark
from vitruvian.research.export.spans import rows_by_subject, spans
from vitruvian.research.export.wish import Wish, pinned
from vitruvian.views import ViewDefinition, compile_view, parse_view, rows_as_ndjson, run_over_lake

# What is written when nobody names a view: the usual columns of the usual types.
USUAL = Path(__file__).with_name("views")
ROWS_A_SPAN = 200_000
# The person in every table, by the same id as in MEDS and as `find` gives it.
PERSON, SUBJECT = "person_id", "subject_id"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
Write = Callable[[pa.Table], object]
Opened = AbstractContextManager[Write]


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


@contextmanager
def _parquet(to: Path, schema: pa.Schema) -> Iterator[Write]:
    with pq.ParquetWriter(to, schema, compression="zstd") as file:
        yield file.write_table


@contextmanager
def _csv(to: Path, schema: pa.Schema) -> Iterator[Write]:
    with pc.CSVWriter(to, _without_lists(schema.empty_table()).schema) as file:
        yield lambda rows: file.write_table(_without_lists(rows))


def _without_lists(rows: pa.Table) -> pa.Table:
    """Each list as JSON; no list stays nothing."""
    for place, field in enumerate(rows.schema):
        if pa.types.is_list(field.type):
            lists = rows.column(place).to_pylist()
            told = [None if one is None else orjson.dumps(one).decode() for one in lists]
            rows = rows.set_column(place, field.name, pa.array(told, pa.string()))
    return rows


@contextmanager
def _ndjson(to: Path, schema: pa.Schema) -> Iterator[Write]:
    with to.open("wb") as file:
        yield lambda rows: file.writelines(rows_as_ndjson(rows.cast(schema)))


# How tables are written; each is the ending of its files.
FORMATS: Mapping[str, Callable[[Path, pa.Schema], Opened]] = {
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


def export_tables(
    lake: Lake, to: Path, wish: Wish, tables: Tables, *, rows_a_span: int = ROWS_A_SPAN
) -> TablesReport:
    """Write the rows of some views over the current version of every resource.

    The first column, ``person_id``, is the person whom the resource is about, sources that are
    linked together; null where it names nobody. A view with a column of that name, or
    ``subject_id``, keeps its own.

    Parameters
    ----------
    lake
        Where from; drained, if Spark is to compute.
    to
        A folder that does not exist, or an empty one.
    wish
        Who asks, as of when.
    tables
        Which tables, and how.
    rows_a_span
        About how many resources are read at once.

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
    written, steps = {}, count(1)
    with (
        _engine(on_spark=tables.on_spark) as spark,
        building(to, doing="exporting") as place,
        pinned(lake, wish, into=f"tables {', '.join(tables.views)}") as reader,
    ):
        parts, persons = _parts(reader, rows_a_span), reader.persons()

        def found(view: ViewDefinition) -> Iterator[pa.Table]:
            carry = () if _tells_persons(view) else (SUBJECT,)
            for part in parts:
                rows = run_over_lake(view, reader, spark=spark, carry=carry, where=part)
                yield _by_person(rows, persons) if carry else rows
                wish.progress(next(steps), len(parts) * len(tables.views))

        for name, view in tables.views.items():
            opened = partial(FORMATS[tables.kind], place / f"{name}.{tables.kind}")
            written[name] = _written(found(view), opened)
    return TablesReport(tables=written)


def _parts(reader: Reader, rows_a_span: int) -> list[str]:
    """Conditions that cut what is stored into parts which fit into memory."""
    counts = rows_by_subject(reader, "resource")
    cut = spans(counts, persons={}, rows_a_span=rows_a_span)
    of_persons = (f"subject_id BETWEEN {span.low} AND {span.high}" for span in cut)
    return ["subject_id IS NULL", *of_persons]


def _tells_persons(view: ViewDefinition) -> bool:
    """Whether a view has a column of such a name, which it then keeps as its own."""
    columns = compile_view(view, source="resource").columns
    return not {PERSON, SUBJECT}.isdisjoint(column.name.lower() for column in columns)


def _by_person(rows: pa.Table, persons: Mapping[int, int]) -> pa.Table:
    """Rows with whom they are about as first column, however their reference looks."""
    told = rows.column(SUBJECT).combine_chunks().dictionary_encode()
    meant = [persons.get(one, one) for one in told.dictionary.to_pylist()]
    whose = pa.array(meant, pa.int64()).take(told.indices)
    return rows.drop_columns([SUBJECT]).add_column(0, PERSON, whose)


def _written(found: Iterator[pa.Table], opened: Callable[[pa.Schema], Opened]) -> int:
    """Write one table, part by part; how many rows it has."""
    first = next(found)
    with opened(first.schema) as write:
        total = 0
        for rows in chain([first], found):
            write(rows)
            total += rows.num_rows
    return total


@contextmanager
def _engine(*, on_spark: bool) -> Iterator[Spark | None]:
    """Spark's session, or nobody: then the lake's own engine computes."""
    if not on_spark:
        yield None
        return
    with open_spark() as spark:
        yield spark
