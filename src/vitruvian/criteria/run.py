"""Running a task over events: on a connection, or over a lake through its door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias, runtime_checkable

from vitruvian.criteria.engines.duckdb.compiled import CompiledTask, Wish, compile_plan
from vitruvian.criteria.engines.duckdb.words import name
from vitruvian.criteria.engines.spark.compiled import compile_for_spark
from vitruvian.criteria.errors import TaskFailed
from vitruvian.criteria.guard import check_plan
from vitruvian.criteria.language.descendants import with_descendants
from vitruvian.criteria.language.task import Task
from vitruvian.criteria.over_lake.on_spark import LakeOnSpark, OnSpark
from vitruvian.criteria.over_lake.persons import ByPerson, LakeReader
from vitruvian.criteria.plan.build import build_plan
from vitruvian.criteria.plan.nodes import Logic, Plan
from vitruvian.criteria.scored import add_scores, known_scores
from vitruvian.criteria.scores import Measure
from vitruvian.criteria.source import LAKE, Source
from vitruvian.terms.releases import Expansion, Terms

# Any: pyarrow ships no types.
Arrow: TypeAlias = Any


@runtime_checkable
class Connection(Protocol):
    """What a DuckDB connection can do for us."""

    # Any: whatever the engine gives back
    def execute(self, query: str, /) -> Any:
        """Run one statement."""


class Reader(Protocol):
    """What a reader of the lake can do for us."""

    def query(
        self, sql: str, *, tables: Sequence[str], subjects: Sequence[int] | None = None
    ) -> Arrow:
        """The answer of our own SQL over tables as the door shows them."""


@dataclass(frozen=True)
class Engine:
    """Somewhere SQL can be run, and the events it is run over; `subjects` None sees all.

    Over a lake `subject_id` is the person, whichever sources knew it.
    """

    over: Connection | Reader
    source: Source = LAKE
    subjects: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        """See persons where the reader knows them."""
        if self.source.by_person and isinstance(self.over, LakeReader):
            object.__setattr__(self, "over", ByPerson(self.over))

    def answer(self, sql: str) -> Arrow:
        """The rows of a SELECT.

        Raises
        ------
        TaskFailed
            When the engine refuses; its own words are withheld.
        """
        try:
            if isinstance(self.over, Connection):
                return self.over.execute(self._narrowed(sql)).to_arrow_table()
            known = (self.source.relation, self.source.observed)
            tables = [each for each in known if each and name(each) in sql]
            return self.over.query(sql, tables=tables, subjects=self.subjects)
        except Exception as problem:
            if _is_refusal(problem):
                raise TaskFailed(type(problem).__name__) from None
            raise

    def compiled(self, plan: Plan, wish: Wish | None = None) -> CompiledTask:
        """The SQL of a plan, as this engine answers it."""
        on_spark = isinstance(self.over, OnSpark | LakeOnSpark)
        compiler = compile_for_spark if on_spark else compile_plan
        return compiler(plan, source=self.source, wish=wish)

    def only(self, *subject_ids: int) -> Engine:
        """The same, seeing some subjects."""
        return replace(self, subjects=tuple(int(one) for one in subject_ids))

    def expand(self, code: str) -> Expansion | None:
        """A code with its descendants by the releases in the lake; None when none knows it."""
        reader = getattr(self.over, "reader", None)
        return None if reader is None else Terms(reader).expand(code)

    def opened(self, task: Task) -> Task:
        """The task with every descendant by its own code.

        Raises
        ------
        NoRelease
            When no terminology release in the lake knows a code whose descendants are asked for.
        """
        return with_descendants(task, self.expand)

    def _narrowed(self, sql: str) -> str:
        """The statement over a source that holds the subjects wanted; a door does it itself."""
        if self.subjects is None:
            return sql
        relation, listed = name(self.source.relation), ", ".join(map(str, self.subjects))
        rows = f"SELECT * FROM {relation} WHERE subject_id IN ({listed})"
        return f"WITH {relation} AS ({rows}) SELECT * FROM ({sql})"


def _is_refusal(problem: Exception) -> bool:
    """Whether an engine, alone or behind the door, refused a statement."""
    # a task over a connection needs no lake, whose libraries take 80 MB
    from vitruvian.lake.errors import QueryFailed, SparkFailed  # noqa: PLC0415

    return isinstance(problem, QueryFailed | SparkFailed) or type(problem).__module__.startswith(
        "_duckdb"
    )


def run_task(
    task: Task,
    over: Connection | Reader | Engine,
    *,
    source: str | Source = LAKE,
    logic: Logic = "strict",
    scores: Mapping[str, Measure] | None = None,
) -> Arrow:
    """Who is in: one row a trigger that meets every line, ordered by subject and time.

    Parameters
    ----------
    task
        As `parse_task` gives it.
    over
        A DuckDB connection, a reader of the lake, or an `Engine` that sees some subjects only.
    source
        Name of a MEDS-like relation on the connection, or a `Source`; over a lake the timeline
        with its default visibility.
    logic
        `strict` answers as es-aces does; `three-valued` knows "unknown".
    scores
        The scores that the task names under `score`, by name.

    Returns
    -------
    pyarrow.Table
        subject_id, trigger, index_timestamp and label where the task asks for them. With
        three-valued logic also those that may be in, and for each row `unknown` (paths of the
        lines nobody can answer; empty means in), each line's verdict (null is unknown), each
        measure, and each score as its low and high end.

    Raises
    ------
    InvalidTask
        When a word or a regular expression in the task cannot be used on these events.
    NoRelease
        When a code counts with its descendants and no terminology release in the lake knows it.
    MissingColumn
        When the events lack a column that a predicate names.
    UnknownName
        When a score is named that was not handed in.
    NotTwoValued
        When strict logic is asked of a task with constructs beside ACES.
    TaskFailed
        When the engine refuses.
    """
    found = engine(over, source)
    plan = build_plan(found.opened(task), logic=logic)
    check_plan(plan, source=found.source, answer=found.answer)
    measures = known_scores(plan, scores or {})
    rows = found.answer(found.compiled(plan).sql)
    return add_scores(rows, plan, measures) if plan.scores else rows


def engine(over: Connection | Reader | Engine, source: str | Source) -> Engine:
    """An engine over a source, given by name or described; an engine already made stays."""
    if isinstance(over, Engine):
        return over
    return Engine(over, Source(source) if isinstance(source, str) else source)


def compile_task(
    task: Task, *, source: str | Source, logic: Logic = "strict", wish: Wish | None = None
) -> CompiledTask:
    """The SQL that answers a task over a relation of events.

    Parameters
    ----------
    task
        As `parse_task` gives it.
    source
        Name of a relation with the columns subject_id, time, code, numeric_value and those
        that predicates name, as in MEDS; or a `Source`, which tells more about it.
    logic
        `strict` answers as es-aces does; `three-valued` knows "unknown".
    wish
        How much the answer tells.

    Examples
    --------
    >>> from vitruvian.criteria import parse_task
    >>> task = parse_task("{predicates: {birth: {code: MEDS_BIRTH}}, trigger: birth}")
    >>> compile_task(task, source="events").columns
    ('subject_id', 'trigger')
    """
    found = Source(source) if isinstance(source, str) else source
    return compile_plan(build_plan(task, logic=logic), source=found, wish=wish)
