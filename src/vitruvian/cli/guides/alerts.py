"""Commands about alerts: draft one, try it over history, let it run, retire it."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.cli.terminal import (
    DONE,
    access_of,
    moment_of,
    read_bytes,
    say,
    say_json,
    tell_of_erasures,
)
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from vitruvian.guides.alerts import AlertShelf, Standing
    from vitruvian.guides.alerts.outcome import Outcome
    from vitruvian.guides.alerts.page import AlertPage
    from vitruvian.guides.alerts.shelf import State
    from vitruvian.lake import Lake, Reader

NAME = "its name at this site"


def add_alerts(whole: Words) -> None:
    """Commands about alerts."""
    group = whole.add_group(
        "alert", "Alerts with a receipt: tried over history before they may interrupt."
    )
    group.command("list", run_list, example="alert list --lake lake").lake().json()
    example = "alert draft deterioration --guide news2 --answer high --lake lake"
    draft = _named(group.command("draft", run_draft, example=example))
    draft.add_argument("--guide", required=True, help="the guideline asked; see: guide list")
    words = "an answer that fires it; may be given again. Without it: every warning and critical"
    draft.add_argument("--answer", action="append", default=[], metavar="TEXT", help=words)
    words = "so long the same answer about the same patient is not repeated (default 8)"
    draft.add_argument("--quiet-hours", type=float, metavar="H", help=words)
    _trial(group)
    _named(group.command("show", run_show, example="alert show deterioration --lake lake"))
    silent = group.command("silent", run_silent, example="alert silent deterioration --lake lake")
    _why(_named(silent), "why")
    example = "alert activate deterioration --owner 'Dr. Vega, ward 7' --lake lake"
    activate = _named(group.command("activate", run_activate, example=example))
    activate.add_argument("--owner", default="", metavar="WHO", help="the clinician who answers")
    _why(activate, "why")
    example = "alert retire deterioration --why 'overridden nine times in ten' --lake lake"
    _why(_named(group.command("retire", run_retire, example=example)), "why, which is required")


def _named(command: Words) -> Words:
    command.add_argument("name", metavar="NAME", help=NAME)
    return command.lake().json()


def _why(command: Words, words: str) -> None:
    command.add_argument("--why", default="", metavar="TEXT", help=words)


def _trial(group: Words) -> None:
    example = "alert trial deterioration --outcome death.yaml --within 24 --lake lake"
    trial = _named(group.command("trial", run_trial, example=example))
    trial.add_argument("--from", dest="begin", metavar="T", help="first instant (default: all)")
    trial.add_argument("--to", dest="end", metavar="T", help="last instant (default: all)")
    words = "what a right alert foresees: a definition, see: cohort examples; or the word death"
    trial.add_argument("--outcome", metavar="FILE", help=words)
    words = "hours within which the outcome must come (default 24)"
    trial.add_argument("--within", type=float, default=24, metavar="H", help=words)


def run_list(asked: argparse.Namespace) -> int:
    """Every alert: its state, its owner, its burden and how often it was right."""
    with _shelf(asked) as (lake, shelf):
        found = [_page(lake, each) for each in shelf.all()]
    if asked.json:
        say_json(found)
    elif not found:
        say("No alert yet. Draft one: vitruvian alert draft NAME --guide GUIDE --lake DIR")
    else:
        from vitruvian.cli.guides.drawing import draw_list
        from vitruvian.cli.terminal import draw

        draw(draw_list(found))
    return DONE


def run_draft(asked: argparse.Namespace) -> int:
    """Write an alert down as a draft; it looks at nothing and tells nobody."""
    from vitruvian.guides import guide_named
    from vitruvian.guides.alerts.rule import rule_for

    rule = rule_for(
        asked.name,
        guide_named(asked.guide),
        answers=asked.answer,
        quiet_hours=asked.quiet_hours,
    )
    with _shelf(asked) as (lake, shelf):
        _tell(asked, _page(lake, shelf.draft(rule, by=_who())))
    return DONE


def run_trial(asked: argparse.Namespace) -> int:
    """Run a silent trial over history and keep its receipt; nobody is told anything."""
    from vitruvian.guides.alerts.trial import RanOn, receipt_of, trial_for

    begin, end = moment_of(asked.begin), moment_of(asked.end)
    with _shelf(asked) as (lake, shelf):
        rule = shelf.get(asked.name).rule
        with _history(asked, lake, end) as reader:
            trial = trial_for(rule, reader, begin=begin, end=end)
            outcome = _outcome(asked, reader)
            with reader.over_many(f"trial of alert {rule.name}"), _far(len(trial.people)) as tell:
                while not trial.finished:
                    trial.advance(reader, enough=lambda: True)
                    tell(trial.done)
            state = reader.snapshot
        ran = RanOn(datetime.now(UTC), _who(), state.id, state.published_at)
        shelf.keep(receipt_of(trial, ran, outcome=outcome))
        _tell(asked, _page(lake, shelf.get(asked.name)))
    return DONE


def run_show(asked: argparse.Namespace) -> int:
    """One alert: its rule, its receipt, its steps, and what became of it since."""
    with _shelf(asked) as (lake, shelf):
        _tell(asked, _page(lake, shelf.get(asked.name)))
    return DONE


def run_silent(asked: argparse.Namespace) -> int:
    """Let an alert look at new data and write down what it would say; nobody is told."""
    return _move(asked, "silent")


def run_activate(asked: argparse.Namespace) -> int:
    """Let an alert interrupt; refused without a trial of this edition and an owner."""
    return _move(asked, "active", owner=asked.owner)


def run_retire(asked: argparse.Namespace) -> int:
    """End an alert for good; what it did stays on record."""
    return _move(asked, "retired")


def _move(asked: argparse.Namespace, state: State, *, owner: str = "") -> int:
    from vitruvian.guides.alerts.shelf import Asks

    with _shelf(asked) as (lake, shelf):
        moved = shelf.move(asked.name, Asks(state, _who(), owner, asked.why))
        _tell(asked, _page(lake, moved))
    return DONE


def _who() -> str:
    return f"terminal:{getpass.getuser()}"


@contextmanager
def _shelf(asked: argparse.Namespace) -> Iterator[tuple[Lake, AlertShelf]]:
    from vitruvian.guides.alerts import AlertShelf
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        shelf = AlertShelf(asked.lake)
        try:
            yield lake, shelf
        finally:
            shelf.close()


@contextmanager
def _history(asked: argparse.Namespace, lake: Lake, end: datetime | None) -> Iterator[Reader]:
    """The lake as it was known at the end of the stretch."""
    from vitruvian.picture import Moment

    tell_of_erasures(asked.lake, Moment(now=datetime.now(UTC), known_at=end))
    with lake.read(access_of("quality"), known_at=end) as reader:
        yield reader


def _outcome(asked: argparse.Namespace, reader: Reader) -> Outcome | None:
    from vitruvian.criteria.cohorts import read_definition
    from vitruvian.guides.alerts.outcome import DEATH, outcome_of

    if asked.outcome is None:
        return None
    text = DEATH
    if asked.outcome != "death":
        text = read_bytes(Path(asked.outcome), option="--outcome").decode("utf-8", "replace")
    return outcome_of(read_definition(text), reader, within=timedelta(hours=asked.within))


def _page(lake: Lake, standing: Standing) -> AlertPage:
    """An alert with what became of it since."""
    from vitruvian.api.routes.cds_hooks.memory import FILE, Memory
    from vitruvian.guides.alerts.page import (
        NOT_SHOWN,
        NOTHING_YET,
        live_by_alert,
        page_of_alert,
    )

    overrides = NOT_SHOWN
    if (lake.path / FILE).is_file():
        memory = Memory(lake.path)
        overrides = memory.overrides(standing.rule)
        memory.close()
    with lake.read(access_of("quality")) as reader:
        live = live_by_alert(reader).get(standing.rule.name, NOTHING_YET)
    return page_of_alert(standing, overrides=overrides, live=live)


def _tell(asked: argparse.Namespace, page: AlertPage) -> None:
    if asked.json:
        say_json(page)
        return
    from vitruvian.cli.guides.drawing import draw_alert
    from vitruvian.cli.terminal import draw

    draw(draw_alert(page))


@contextmanager
def _far(total: int) -> Iterator[Callable[[int], None]]:
    """Somebody to tell how many patients are done; plain lines where there is no terminal."""
    if not sys.stderr.isatty():
        said = [0]

        def line(done: int) -> None:
            if done == total or done - said[0] >= max(total // 10, 1):
                said[0] = done
                print(f"trial: {done:,} of {total:,} patients", file=sys.stderr, flush=True)

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("trial: patients", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task("", total=total)
        yield lambda done: shown.update(task, completed=done)
