"""What an alert should have foreseen: an outcome as a definition in the criteria language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vitruvian.criteria.cohorts import Asked, Definition, ask
from vitruvian.criteria.run import Reader
from vitruvian.guides.alerts.errors import BadOutcome
from vitruvian.guides.alerts.receipt import Judged, Proportion, proportion
from vitruvian.guides.alerts.rule import Fire
from vitruvian.risks import scores

DEATH = """\
metadata: {title: Death}
predicates:
  death: {code: MEDS_DEATH}
trigger: death
windows: {}
"""
"""The plainest outcome, to begin with; most alerts want one of their own."""
Times = Mapping[int, Sequence[datetime]]


@dataclass(frozen=True)
class Outcome:
    """When an outcome happened, by person.

    Parameters
    ----------
    title
        In the words of its definition.
    within
        So long after a fire it may begin for the fire to have been right.
    sure, unknown
        When it began; when it may have begun and nobody can tell.
    """

    title: str
    within: timedelta
    sure: Times
    unknown: Times


def outcome_of(definition: Definition, reader: Reader, *, within: timedelta) -> Outcome:
    """When the trigger of a definition came in each record that meets it.

    Parameters
    ----------
    definition
        A cohort; each trigger that is in is an outcome.
    reader
        A reader of the lake, opened with the end of the trial's stretch as `known_at`.
    within
        More than nothing.

    Raises
    ------
    BadOutcome
        When `within` is no time at all.
    BrokenDefinition
        When the lake cannot answer the definition.
    """
    if within <= timedelta():
        fault = "a fire has no time to be right"
        raise BadOutcome(fault, expected="more than 0 hours")
    sure: dict[int, list[datetime]] = defaultdict(list)
    unknown: dict[int, list[datetime]] = defaultdict(list)
    for each in ask(definition, Asked(reader, scores())).members:
        (sure if each.verdict == "in" else unknown)[int(each.person_id)].append(each.trigger)
    return Outcome(definition.title, within, sure, unknown)


def held_against(
    fires: Iterable[Fire], outcome: Outcome, *, begin: datetime, end: datetime
) -> Judged:
    """How often the fires were right, and how many outcomes they foresaw.

    Parameters
    ----------
    fires
        In any order.
    outcome
        What they should have foreseen.
    begin, end
        The stretch of the trial: a fire whose time ends later is not judged yet.
    """
    ordered = sorted(fires, key=lambda fire: fire.at)
    told = [(fire, _right(fire, outcome, end)) for fire in ordered]
    over = [(fire, right) for fire, right in told if right is not None]
    first: dict[int, bool] = {}
    for fire, right in over:
        first.setdefault(fire.person_id, right)
    return Judged(
        title=outcome.title,
        within_hours=outcome.within / timedelta(hours=1),
        ppv=proportion(sum(right for _, right in over), len(over)),
        first_ppv=proportion(sum(first.values()), len(first)),
        open=len(told) - len(over),
        foreseen=_foreseen(ordered, outcome, (begin, end)),
    )


def _right(fire: Fire, outcome: Outcome, end: datetime) -> bool | None:
    """Whether the outcome came in time; None where nobody can tell yet."""
    until = fire.at + outcome.within

    def came(times: Times) -> bool:
        return any(fire.at < at <= until for at in times.get(fire.person_id, ()))

    # One that came early would be counted, and one that may still come would not.
    if until > end:
        return None
    if came(outcome.sure):
        return True
    return None if came(outcome.unknown) else False


def _foreseen(
    fires: Sequence[Fire], outcome: Outcome, stretch: tuple[datetime, datetime]
) -> Proportion:
    begin, end = stretch
    fired: dict[int, list[datetime]] = defaultdict(list)
    for fire in fires:
        fired[fire.person_id].append(fire.at)
    came = [
        (person, at) for person, times in outcome.sure.items() for at in times if begin < at <= end
    ]
    seen = sum(
        any(at - outcome.within <= fire < at for fire in fired[person]) for person, at in came
    )
    return proportion(seen, len(came))
