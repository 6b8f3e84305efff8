"""Alerts as a terminal shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from vitruvian.guides.alerts.page import AlertPage, DayCount, TrialShown
    from vitruvian.guides.alerts.receipt import Proportion

BLOCKS = "▁▂▃▄▅▆▇█"
WIDEST = 60
COLOURS = {"active": "bold green", "silent": "cyan", "draft": "yellow", "retired": "dim"}


def share(found: Proportion) -> str:
    """A share with its interval: `31 % (26 to 37), 81 of 263`."""
    if found.share is None or found.low is None or found.high is None:
        return "nothing to count yet"
    low, high = (f"{100 * end:.0f}" for end in (found.low, found.high))
    return f"{100 * found.share:.0f} % (95 % interval {low} to {high}), {found.hits} of {found.of}"


def people(count: int) -> str:
    """So many patients, in words."""
    return "1 patient" if count == 1 else f"{count:,} patients"


def draw_list(found: Sequence[AlertPage]) -> RenderableType:
    """A line an alert."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("alert", "state", "guideline", "fires / 100 patient-days", "right", "overridden"):
        table.add_column(name, justify="left", overflow="fold")
    for each in found:
        table.add_row(
            each.name,
            Text(_state(each), style=COLOURS[each.state]),
            each.guide,
            _burden(each.trial) if each.trial else "not tried",
            _short(each.trial.judged.ppv) if each.trial and each.trial.judged else "",
            _short(each.overrides.overridden),
        )
    return table


def _state(page: AlertPage) -> str:
    return f"{page.state}, held back" if page.lacks else page.state


def _short(found: Proportion) -> str:
    return "" if found.share is None else f"{100 * found.share:.0f} %"


def _burden(trial: TrialShown) -> str:
    rate = trial.fires_per_100_patient_days
    return "no patient-day" if rate is None else f"{rate:.2f}"


def draw_alert(page: AlertPage) -> RenderableType:
    """One alert, its receipt, and its life since."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, said in [*_standing(page), *_receipt(page), *_since(page)]:
        table.add_row(name, said)
    title = Text(page.name, style="bold")
    return Group(title.append(f"  {_state(page)}", style=COLOURS[page.state]), table)


def _standing(page: AlertPage) -> Iterator[tuple[str, str]]:
    yield "guideline", f"{page.title} ({page.edition})"
    yield "fires on", "; ".join(page.answers)
    yield "quiet for", f"{page.quiet_hours:g} hours after the same answer about the same patient"
    yield "owner", page.owner or "nobody yet"
    why = f": {page.why}" if page.why else ""
    yield "since", f"{page.since:%Y-%m-%d %H:%M} UTC{why}"
    if page.lacks:
        yield "held back", page.lacks
    yield "may become", ", ".join(page.next) or "nothing any more"


def _receipt(page: AlertPage) -> Iterator[tuple[str, str]]:
    trial = page.trial
    yield "", ""
    if trial is None:
        yield "trial", f"none yet; run: vitruvian alert trial {page.name} --lake DIR"
        return
    edition = "" if trial.current else ", of another edition of the rule"
    yield "trial", f"{trial.ran_at:%Y-%m-%d %H:%M} UTC by {trial.ran_by}{edition}"
    yield from _counted(trial)
    judged = trial.judged
    if judged is not None:
        within = f"{judged.title} within {judged.within_hours:g} hours"
        yield "right", f"{share(judged.ppv)}: {within}; {judged.open} still open"
        yield "first alerts", f"{share(judged.first_ppv)}, one a patient"
        came = judged.foreseen.of > 0
        yield "foreseen", share(judged.foreseen) if came else "no such outcome in this stretch"


def _counted(trial: TrialShown) -> Iterator[tuple[str, str]]:
    yield "history", f"{trial.begin:%Y-%m-%d} to {trial.end:%Y-%m-%d}, lake {trial.snapshot}"
    moments = f"at {trial.moments:,} moments of news; unknown at {trial.unknown:,}"
    yield "asked", f"{people(trial.patients)} {moments}"
    if trial.missing:
        yield "missing", "; ".join(f"{each.name} {each.count:,}" for each in trial.missing)
    held = f"{trial.repeats:,} repeats held back"
    yield "fires", f"{trial.fires:,}, about {people(trial.patients_fired)}; {held}"
    days = f"of {trial.patient_days:,} patient-days"
    yield "burden", f"{_burden(trial)} per 100 patient-days, {days}"
    yield "by answer", "; ".join(f"{each.name} {each.count:,}" for each in trial.answers) or "none"
    yield "fires a day", spark(trial.days) or "none"
    yield "future", f"{trial.facts_known_later} of {trial.facts:,} facts behind were known later"


def _since(page: AlertPage) -> Iterator[tuple[str, str]]:
    yield "", ""
    live = page.live
    states = f"{live.silent:,} silent, {live.active:,} active"
    yield "on new data", f"{states}, about {people(live.patients)}"
    if live.days:
        yield "fires a day", spark(live.days)
    cards = page.overrides
    yield "overridden", share(cards.overridden) if cards.shown else "no card shown yet"
    for each in cards.reasons:
        yield "", f"{each.name or 'no reason given'}: {each.count}"


def spark(days: Sequence[DayCount]) -> str:
    """Fires a day as blocks, the newest right; a long stretch is drawn in wider steps."""
    if not days:
        return ""
    first, last = days[0].day, days[-1].day
    width = (last - first).days + 1
    step = -(-width // WIDEST)
    bins = [0] * (-(-width // step))
    for each in days:
        bins[(each.day - first).days // step] += each.fires
    top = max(bins)
    drawn = "".join(BLOCKS[round((len(BLOCKS) - 1) * n / top)] if n else " " for n in bins)
    until = first + timedelta(days=width - 1)
    unit = "a day" if step == 1 else f"in {step} days"
    return f"{first} {drawn} {until}, at most {top} {unit}"
