"""Commands about what notes say."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from vitruvian.base.errors import BadInput
from vitruvian.cli.terminal import DONE, access_of, draw, reading, say, say_json
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from datetime import datetime

    from vitruvian.derive import Advance, DeriveReport, Progress, Standing
    from vitruvian.derive.records.tumour import TumourRecord
    from vitruvian.derive.review import Queue, ReviewStanding
    from vitruvian.derive.review.verdicts import Answer
    from vitruvian.lake import Reader
    from vitruvian.lake.engines.spark import Spark

# Fewer notes are read sooner than a second process has started.
WORTH_A_PROCESS = 4_000
# A shorter run says nothing about the next.
WORTH_TELLING = 2.0
# How right all facts should be, for which the work of readers is told.
AIMS = 0.95, 0.98, 0.99


def add_notes(whole: Words) -> None:
    """Commands about what notes say."""
    derive = whole.command("derive", run_derive, example="derive --lake lake").lake()
    derive.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="an extractor; may be repeated",
    )
    derive.add_argument(
        "--with",
        action="append",
        default=[],
        dest="beside",
        metavar="NAME",
        help="also an extractor that reads only when asked; may be repeated",
    )
    derive.add_argument(
        "--workers", type=int, metavar="N", help="processes; as many as pay off if not given"
    )
    words = "what reads; spark needs a drained lake, and is the server that SPARK_REMOTE names"
    derive.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb", help=words)
    derive.add_argument("--list", action="store_true", help="the extractors and what awaits them")
    derive.json()
    example = "abstract 4611686018427387904 --lake lake"
    abstract = whole.command("abstract", run_abstract, example=example).moment()
    abstract.add_argument("person", type=int, metavar="PERSON", help="id, as `find` gives it")
    add_review(whole)


def add_review(whole: Words) -> None:
    """The command about what people say of facts read in notes."""
    review = whole.command("review", run_review, example="review --lake lake").lake()
    review.add_argument(
        "event", type=int, nargs="?", metavar="EVENT", help="the fact judged; none shows the queue"
    )
    verdict = review.add_mutually_exclusive_group()
    verdict.add_argument("--accept", action="store_true", help="the fact is right")
    verdict.add_argument("--reject", action="store_true", help="the note says no such thing")
    verdict.add_argument(
        "--correct", action="append", default=[], metavar="NAME=VALUE",
        help="what it should say, as polarity=negated; may be repeated",
    )  # fmt: skip
    review.add_argument(
        "--limit", type=int, default=15, metavar="N", help="how much of the queue is shown"
    )
    review.json()


def run_derive(asked: argparse.Namespace) -> int:
    """Read facts in the notes that were not read yet; an interrupted run goes on where it ended."""
    from vitruvian.derive import Pace, derive, standings
    from vitruvian.lake import Lake

    access = access_of("operations")
    with Lake.open(asked.lake) as lake:
        found = standings(lake, access=access)
        if asked.list:
            show_list(found, as_json=asked.json)
            return DONE
        with watch() as progress, session(asked.engine) as spark:
            pace = Pace(asked.workers or workers(found), progress=progress, spark=spark)
            report = derive(lake, access=access, only=asked.only, beside=asked.beside, pace=pace)
    if asked.json:
        say_json(report.as_json())
    else:
        say_report(report)
    return DONE


@contextmanager
def session(engine: str) -> Iterator[Spark | None]:
    """A session on Spark where one was asked for."""
    if engine != "spark":
        yield None
        return
    from vitruvian.lake.engines.spark import open_spark

    with open_spark() as spark:
        yield spark


def run_abstract(asked: argparse.Namespace) -> int:
    """A patient's tumour as the notes tell it, with how many mentions speak for and against."""
    from vitruvian.derive import tumour_record_of

    with reading(asked) as (reader, _):
        record = tumour_record_of(reader, asked.person)
        if not (record.fields or record.lines):
            _expect_somebody(reader, asked.person)
    if asked.json:
        say_json(record)
    elif record.fields or record.lines:
        draw_record(record)
    else:
        say("the notes of this person tell of no tumour, or were not read yet: vitruvian derive")
    return DONE


def _expect_somebody(reader: Reader, person: int) -> None:
    """A mistyped number is nobody, and no patient without a tumour."""
    from vitruvian.picture import expect_patient

    subjects = reader.subjects_of(person)
    if not (subjects and reader.rows("note", subjects=subjects, columns=["note_id"]).num_rows):
        expect_patient(reader, person)


class NoVerdict(BadInput):
    """An event without a verdict, or a verdict without an event."""

    def __init__(self) -> None:
        super().__init__(
            "A verdict needs an event and one of --accept, --reject, --correct NAME=VALUE. "
            "Without both the queue is shown: vitruvian review --lake DIR."
        )


def run_review(asked: argparse.Namespace) -> int:
    """The facts worth looking at first, how far people have come, and verdicts on facts."""
    from vitruvian.derive.review import judge, queue, review_standing
    from vitruvian.lake import Lake

    access = access_of("quality")
    answer: Answer | None = "accept" if asked.accept else "reject" if asked.reject else None
    answer = "correct" if asked.correct else answer
    if (asked.event is None) != (answer is None):
        raise NoVerdict
    with Lake.open(asked.lake) as lake:
        if answer is not None:
            said = dict(map(correction, asked.correct))
            given = judge(lake, asked.event, answer, access=access, said=said)
            say_json(given) if asked.json else say(f"kept: {answer}, by {given.reader}")
            return DONE
        standing = review_standing(lake, access=access)
        with lake.read(access) as reader:
            waiting = queue(reader, who=access.who, limit=asked.limit)
    if asked.json:
        say_json({"standing": standing, "queue": waiting})
    else:
        draw_review(standing, waiting)
    return DONE


def correction(words: str) -> tuple[str, object]:
    """NAME=VALUE; a number where the field is one."""
    name, _, value = words.partition("=")
    if name.strip() != "numeric_value":
        return name.strip(), value.strip()
    try:
        return "numeric_value", float(value)
    except ValueError:
        return "numeric_value", value


def draw_review(standing: ReviewStanding, waiting: Queue) -> None:
    """How far people have come in words, then the queue as a table."""
    from rich.table import Column, Table

    from vitruvian.derive.review import share_for

    say(
        f"{standing.facts:,} facts from {standing.notes:,} notes ({standing.waiting:,} wait for an "
        f"extractor); {standing.doubtful:,} doubtful; {standing.judged:,} looked at, "
        f"{standing.wrong:,} of them wrong"
    )
    twice = standing.agreement
    if twice.kappa is not None:
        say(f"two readers: {twice.same} of {twice.read_twice} the same, kappa {twice.kappa:.2f}")
    for aim in AIMS:
        share = share_for(standing.curve, aim)
        if share:
            say(f"{aim:.0%} right is expected when {share:.1%} of the facts are looked at")
    table = Table(Column("event", no_wrap=True), "fact", "says", "likely wrong", "because")
    for each in waiting.items:
        reasons = ", ".join(each.why)
        table.add_row(each.event_id, each.label, each.value, f"{each.doubt:.0%}", reasons)
    if waiting.items:
        draw(table)
    else:
        say("nothing waits for you: derive notes first, or everything was looked at")


def draw_record(record: TumourRecord) -> None:
    """Fields, then lines of treatment, as tables."""
    from rich.table import Table

    fields = Table("tumour", "value", "code", "first told", "for", "against")
    for each in record.fields:
        counts = (str(len(each.supporting)), str(len(each.contradicting)))
        code = "" if each.code == each.value else each.code or ""
        fields.add_row(each.name, each.value, code, day(each.time), *counts)
    draw(fields)
    lines = Table("line", "treatment", "begun", "last given", "cycles", "best response", "stopped")
    for number, line in enumerate(record.lines, start=1):
        lines.add_row(
            str(number), ", ".join(line.treatments), day(line.start), day(line.last_given),
            str(line.cycles or ""), line.response or "",
            (line.reason or "yes") if line.stopped else "",
        )  # fmt: skip
    if record.lines:
        draw(lines)


def day(time: datetime | None) -> str:
    """A day for people."""
    return "" if time is None else f"{time:%Y-%m-%d}"


def workers(found: Sequence[Standing]) -> int:
    """One process, or one a core when enough notes are waiting."""
    waiting = max((each.waiting or 0 for each in found), default=0)
    return 1 if waiting < WORTH_A_PROCESS else os.cpu_count() or 1


def say_report(report: DeriveReport) -> None:
    """What a run did, in words."""
    if not report.notes and not report.retired:
        say("nothing new to read")
        return
    say(f"read {report.notes:,} notes, found {report.facts.total():,} facts")
    if report.seconds >= WORTH_TELLING:
        pace = report.notes / report.seconds
        say(f"in {timedelta(seconds=round(report.seconds))}, {pace:,.0f} notes a second")
    for name, count in sorted(report.facts.items()):
        say(f"  {name:<14}{count:>10,}")
    if report.dropped:
        reasons = ", ".join(f"{name} {count:,}" for name, count in report.dropped.most_common())
        say(f"left out {report.dropped.total():,} answers that cannot be used: {reasons}")
    if report.retired:
        say(f"retired {report.retired:,} earlier readings; who asks as recorded before sees them")


def show_list(found: Sequence[Standing], *, as_json: bool) -> None:
    """The extractors, as a table or as JSON."""
    if as_json:
        say_json([each.as_json() for each in found])
        return
    from rich.table import Table

    drawn = Table("extractor", "version", "finds", "facts", "notes waiting")
    for each in found:
        needs = ", ".join(each.missing_packages + each.missing_settings)
        off = f"needs {needs}" if needs else "off: --with"
        rest = off if each.waiting is None else f"{each.waiting:,}"
        drawn.add_row(each.name, each.version, each.title, f"{each.facts:,}", rest)
    draw(drawn)


@contextmanager
def watch() -> Iterator[Progress]:
    """A bar on a terminal, plain lines elsewhere; on standard error."""
    if not sys.stderr.isatty():
        yield plain_lines()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("notes, {task.fields[facts]:,} facts"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=sys.stderr)) as bar:
        task = bar.add_task("derive", total=None, facts=0)
        yield lambda now: bar.update(task, completed=now.notes, total=now.of, facts=now.facts)


def plain_lines() -> Progress:
    """One line for every tenth of the notes."""
    said = [0]

    def tell(now: Advance) -> None:
        tenth = 10 * now.notes // max(1, now.of)
        if tenth > said[0]:
            said[0] = tenth
            line = f"read {now.notes:,} of {now.of:,} notes, {now.facts:,} facts"
            print(line, file=sys.stderr, flush=True)

    return tell
