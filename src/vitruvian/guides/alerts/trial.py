"""A silent trial: an alert's rule over history, at every moment at which something was new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Protocol

from vitruvian.guides.alerts.outcome import Outcome, held_against
from vitruvian.guides.alerts.receipt import Receipt
from vitruvian.guides.alerts.replay import HistoryReader, read_history
from vitruvian.guides.alerts.rule import AlertRule, Fire, Hush, fire_of
from vitruvian.guides.cards import told
from vitruvian.guides.changes import people_for
from vitruvian.guides.engine.asked import PersonReader
from vitruvian.guides.engine.bedside import EPOCH, micros
from vitruvian.guides.engine.guide import Guide
from vitruvian.guides.engine.library import guide_named
from vitruvian.guides.engine.presence import STAYS

DAY_US = 86_400_000_000
MOST_MISSING = 6


class TrialReader(HistoryReader, PersonReader, Protocol):
    """What a reader of the lake can do for us."""

    def person_of(self, subject_id: int) -> int:
        """The person a subject is."""

    def persons(self) -> dict[int, int]:
        """The person of every subject that is linked to another one."""


@dataclass
class Trial:
    """A trial so far.

    Parameters
    ----------
    rule
        What is tried.
    begin, end
        The stretch of history, by what was known; both ends are in it.
    people
        Of whom it is asked: the patients who hold a fact that its population names.
    patient_days
        Of all patients, in that stretch.
    done
        How many patients have been gone through.
    fires
        What it would have told.
    """

    rule: AlertRule
    begin: datetime
    end: datetime
    people: Sequence[int]
    patient_days: int
    done: int = 0
    moments: int = 0
    unknown: int = 0
    repeats: int = 0
    facts: int = 0
    facts_known_later: int = 0
    fires: list[Fire] = field(default_factory=list)
    missing: Counter[str] = field(default_factory=Counter)

    @property
    def finished(self) -> bool:
        """Whether all were gone through."""
        return self.done == len(self.people)

    def advance(self, reader: TrialReader, *, enough: Callable[[], bool]) -> None:
        """Go through the next patients until it is enough; at least one.

        Parameters
        ----------
        reader
            A reader of the lake, opened with `known_at=end`.
        enough
            Asked after every patient.
        """
        guide = guide_named(self.rule.guide)
        while not self.finished:
            self._go_through(reader, self.people[self.done], guide)
            self.done += 1
            if enough():
                return

    def _go_through(self, reader: TrialReader, person: int, guide: Guide) -> None:
        history = read_history(reader, person, guide=guide)
        hush = Hush(self.rule.quiet)
        for at in history.moments(self.begin, self.end):
            decision = history.decision(guide, at)
            self.moments += 1
            if decision.status == "unknown":
                self.unknown += 1
                self.missing.update(told(decision.missing, guide))
            fire = fire_of(decision, rule=self.rule, guide=guide, person_id=person, at=at)
            if fire is None:
                continue
            if hush.repeats(fire):
                self.repeats += 1
                continue
            hush.tell(fire)
            self.fires.append(fire)
            self.facts += len(fire.facts)
            self.facts_known_later += history.known_later(fire.facts, at)


def trial_for(
    rule: AlertRule,
    reader: TrialReader,
    *,
    begin: datetime | None = None,
    end: datetime | None = None,
) -> Trial:
    """A trial that has not begun.

    Parameters
    ----------
    rule
        What to try.
    reader
        A reader of the lake, opened with `known_at=end`.
    begin, end
        The stretch; None means from the first, or to the last, fact that the lake knows.
    """
    first, last = _known(reader)
    begin, end = begin or first, end or last
    people = people_for((guide_named(rule.guide),), reader)
    return Trial(rule, begin, end, people, _patient_days(reader, begin, end))


def _known(reader: TrialReader) -> tuple[datetime, datetime]:
    """When the first and the last fact became known; the beginning of time in an empty lake."""
    sql = "SELECT min(known_at) AS first, max(known_at) AS last FROM event"
    (row,) = reader.query(sql, tables=["event"]).to_pylist()
    return row["first"] or EPOCH, row["last"] or EPOCH


_DAYS = """
WITH days AS (
    SELECT subject_id, epoch_us(known_at) // {day} AS day FROM event
    WHERE epoch_us(known_at) BETWEEN {begin} AND {end}
    UNION
    SELECT subject_id, unnest(range(
        greatest(epoch_us(start_time), {begin}) // {day},
        least(coalesce(epoch_us(end_time), {end}), {end}) // {day} + 1)) AS day
    FROM encounter
    WHERE string_split(class_code, '//')[-1] IN ({stays})
        AND status IN ('arrived', 'triaged', 'in-progress', 'onleave', 'finished')
        AND epoch_us(start_time) <= {end}
        AND (end_time IS NOT NULL OR status <> 'finished')
        AND coalesce(epoch_us(end_time), {end}) >= {begin})
SELECT count(*) AS days FROM (SELECT DISTINCT {person} AS person, day FROM days {linked})
"""


def _patient_days(reader: TrialReader, begin: datetime, end: datetime) -> int:
    """Days on which something of a patient became known, or a stay went on."""
    linked = reader.persons()
    pairs = ", ".join(f"({subject}, {person})" for subject, person in linked.items())
    sql = _DAYS.format(
        day=DAY_US,
        begin=micros(begin),
        end=micros(end),
        stays=", ".join(f"'{each}'" for each in sorted(STAYS)),
        person="coalesce(person_id, subject_id)" if linked else "subject_id",
        linked=f"LEFT JOIN (VALUES {pairs}) l(member, person_id) ON member = subject_id"
        if linked
        else "",
    )
    return int(reader.query(sql, tables=["event", "encounter"])["days"][0].as_py())


@dataclass(frozen=True)
class RanOn:
    """When a trial ran, who ran it, and on which state of the lake."""

    at: datetime
    by: str
    snapshot: str
    published_at: datetime


def receipt_of(trial: Trial, ran: RanOn, *, outcome: Outcome | None = None) -> Receipt:
    """The receipt of a finished trial."""
    rule = trial.rule
    stretch = {"begin": trial.begin, "end": trial.end}
    judged = None if outcome is None else held_against(trial.fires, outcome, **stretch)
    return Receipt(
        alert=rule.name,
        guide=rule.guide,
        edition=guide_named(rule.guide).card.edition,
        fingerprint=rule.fingerprint,
        ran_at=ran.at,
        ran_by=ran.by,
        software=version("vitruvian"),
        snapshot=ran.snapshot,
        published_at=ran.published_at,
        begin=trial.begin,
        end=trial.end,
        judged=judged,
        **_counts(trial),
    )


# Any: counts of several kinds, by the names of the receipt
def _counts(trial: Trial) -> dict[str, Any]:
    days = Counter(fire.at.astimezone(UTC).date() for fire in trial.fires)
    return {
        "patients": len(trial.people),
        "patient_days": trial.patient_days,
        "moments": trial.moments,
        "unknown": trial.unknown,
        "fires": len(trial.fires),
        "patients_fired": len({fire.person_id for fire in trial.fires}),
        "repeats": trial.repeats,
        "facts": trial.facts,
        "facts_known_later": trial.facts_known_later,
        "answers": dict(Counter(fire.answer for fire in trial.fires)),
        "days": dict(sorted(days.items())),
        "missing": dict(trial.missing.most_common(MOST_MISSING)),
    }
