"""What is shown of alerts: how each stands, its receipt, its life since, and what may come next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from vitruvian.guides.alerts.receipt import Judged, Proportion, Receipt, proportion
from vitruvian.guides.alerts.shelf import NEXT, AlertStep, Standing, State
from vitruvian.guides.engine.library import guide_named

if TYPE_CHECKING:
    from vitruvian.lake import Reader


@dataclass(frozen=True)
class DayCount:
    """Fires of one day (UTC)."""

    day: date
    fires: int


@dataclass(frozen=True)
class NamedCount:
    """How often one answer, or one reason, came."""

    name: str
    count: int


@dataclass(frozen=True)
class TrialShown:
    """A receipt as it is shown; `current` when it is of exactly the rule as it is now."""

    current: bool
    edition: str
    ran_at: datetime
    ran_by: str
    software: str
    snapshot: str
    published_at: datetime
    begin: datetime
    end: datetime
    patients: int
    patient_days: int
    moments: int
    unknown: int
    fires: int
    fires_per_100_patient_days: float | None
    patients_fired: int
    repeats: int
    facts: int
    facts_known_later: int
    answers: list[NamedCount]
    missing: list[NamedCount]
    days: list[DayCount]
    judged: Judged | None


@dataclass(frozen=True)
class Overrides:
    """What users did with the cards that an alert made interrupt.

    Parameters
    ----------
    shown, answered
        How many cards were shown, and to how many an answer came.
    overridden
        Of those shown, the share that was overridden.
    reasons
        Why, by the code the user chose; empty for none given.
    """

    shown: int
    answered: int
    overridden: Proportion
    reasons: list[NamedCount]


NOT_SHOWN = Overrides(0, 0, proportion(0, 0), [])


@dataclass(frozen=True)
class Live:
    """What an alert wrote on new data: silently, and while it might interrupt."""

    silent: int
    active: int
    patients: int
    days: list[DayCount]


@dataclass(frozen=True)
class AlertPage:
    """Everything about one alert.

    Parameters
    ----------
    state, since, owner, why
        Its last step; `why` is what was said then.
    speaks, lacks
        Whether it may interrupt now; and why not, where its state would let it.
    next
        The states that it may go to.
    trial, trials
        The newest receipt, of this edition where there is one; and how many there are.
    """

    name: str
    guide: str
    title: str
    edition: str
    answers: list[str]
    quiet_hours: float
    state: State
    since: datetime
    owner: str
    why: str
    speaks: bool
    lacks: str
    next: list[State]
    steps: list[AlertStep]
    trial: TrialShown | None
    trials: int
    overrides: Overrides
    live: Live


def page_of_alert(standing: Standing, *, overrides: Overrides, live: Live) -> AlertPage:
    """The page of one alert."""
    rule, guide = standing.rule, guide_named(standing.rule.guide)
    newest = standing.trial or next(iter(standing.receipts), None)
    return AlertPage(
        name=rule.name,
        guide=rule.guide,
        title=guide.manifest.title,
        edition=guide.card.edition,
        answers=list(rule.answers),
        quiet_hours=rule.quiet_hours,
        state=standing.state,
        since=standing.since,
        owner=standing.owner,
        why=standing.steps[-1].why,
        speaks=standing.speaks,
        lacks=standing.lacks,
        next=[*NEXT[standing.state]],
        steps=list(standing.steps),
        trial=None if newest is None else trial_shown(newest, current=newest is standing.trial),
        trials=len(standing.receipts),
        overrides=overrides,
        live=live,
    )


def trial_shown(receipt: Receipt, *, current: bool) -> TrialShown:
    """A receipt as it is shown."""
    plain = ("alert", "guide", "fingerprint", "answers", "missing", "days")
    said = {name: value for name, value in vars(receipt).items() if name not in plain}
    return TrialShown(
        current=current,
        fires_per_100_patient_days=receipt.fires_per_100_patient_days,
        answers=_counts(receipt.answers),
        missing=_counts(receipt.missing),
        days=[DayCount(day, fires) for day, fires in sorted(receipt.days.items())],
        **said,
    )


def _counts(found: Mapping[str, int]) -> list[NamedCount]:
    ordered = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return [NamedCount(name, count) for name, count in ordered]


def overrides_of(shown: int, answered: int, reasons: Mapping[str, int]) -> Overrides:
    """Overrides, from the cards shown, those answered, and those overridden by reason."""
    return Overrides(shown, answered, proportion(sum(reasons.values()), shown), _counts(reasons))


_LIVE = """
SELECT name, state, CAST(timezone('UTC', fired_at) AS DATE) AS day, count(*) AS fires
    FROM alert GROUP BY ALL ORDER BY day
"""


def live_by_alert(reader: Reader) -> dict[str, Live]:
    """What each alert wrote on new data; one that wrote nothing is not named."""
    rows = reader.query(_LIVE, tables=["alert"]).to_pylist()
    whom = reader.query(
        "SELECT name, count(DISTINCT subject_id) AS patients FROM alert GROUP BY name",
        tables=["alert"],
    ).to_pylist()
    patients = {row["name"]: row["patients"] for row in whom}
    return {
        name: _live([x for x in rows if x["name"] == name], patients[name]) for name in patients
    }


NOTHING_YET = Live(0, 0, 0, [])


# Any row of the query above
def _live(rows: list[dict[str, object]], patients: int) -> Live:
    days: dict[date, int] = {}
    states = {"silent": 0, "active": 0}
    for row in rows:
        day, fires = row["day"], int(str(row["fires"]))
        if isinstance(day, date):
            days[day] = days.get(day, 0) + fires
        states[str(row["state"])] += fires
    listed = [DayCount(day, fires) for day, fires in sorted(days.items())]
    return Live(states["silent"], states["active"], patients, listed)
