"""The chart under the pen: facts are added in any order and bound into a life at the end."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from vitruvian.demo.catalogue import analyte, concept
from vitruvian.demo.chart.horizon import bind
from vitruvian.demo.life import Condition, Encounter, Flag, Measurement, Procedure, Relative, Stay

if TYPE_CHECKING:
    from datetime import date
    from random import Random

    from vitruvian.demo.body import Body
    from vitruvian.demo.life import Coding, Concept, Life, Person

Fact = TypeVar("Fact")


@dataclass(frozen=True, slots=True)
class Plan:
    """How an encounter goes: setting, wards with hours on each, who is responsible.

    `part_of` is the id of the wider episode; `wards` are (ward, hours) in order.
    """

    visit: str
    wards: tuple[tuple[str, float], ...]
    practitioner: str
    setting: str = "AMB"
    discharged_to: str = ""
    reason: Concept | None = None
    part_of: str | None = None


@dataclass(slots=True)
class Chart:
    """One patient's chart while it is being written."""

    seed: int
    number: int
    rng: Random
    person: Person
    body: Body
    now: datetime
    anchor_days: float | None = None
    storylines: list[str] = field(default_factory=list)
    facts: defaultdict[type, list[Any]] = field(default_factory=lambda: defaultdict(list))
    counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def next_id(self, kind: str) -> str:
        """Give the next id of a kind, such as ``lab-12``."""
        self.counts[kind] += 1
        return f"{kind}-{self.counts[kind]}"

    def write(self, fact: Fact) -> Fact:
        """Put a fact into the chart."""
        self.facts[type(fact)].append(fact)
        return fact

    def age_at(self, when: datetime) -> float:
        """Give the age in years at an instant."""
        return (when.date() - self.person.born).days / 365.25

    def birthday_years(self, years: float) -> datetime:
        """Give ten in the morning of the day at which an age is reached."""
        return clinic_hour(self.person.born + timedelta(days=years * 365.25))

    def die(self, when: datetime) -> None:
        """Let the patient die; nothing after this is bound into the life."""
        if self.person.died is None or when < self.person.died:
            self.person = replace(self.person, died=when)

    def jitter(self, shortest: float, longest: float) -> timedelta:
        """Give some hours between two bounds, to the second."""
        return timedelta(seconds=round(self.rng.uniform(shortest, longest) * 3600))

    def days(self, shortest: float, longest: float) -> timedelta:
        """Give some days between two bounds, to the second."""
        return self.jitter(shortest * 24, longest * 24)

    def days_ago(self, *, shortest: float, longest: float) -> datetime:
        """Give a clinic morning some days ago, or the anchor day where one was set."""
        if self.anchor_days is not None:
            shortest = longest = self.anchor_days
        return self.days_ago_free(shortest=shortest, longest=longest)

    def days_ago_free(self, *, shortest: float, longest: float) -> datetime:
        """Give a clinic morning some days ago, whatever the anchor."""
        days = self.rng.uniform(shortest, longest)
        return clinic_hour((self.now - timedelta(days=days)).date()) + self.jitter(0, 3)

    def office(self, when: datetime) -> datetime:
        """Give an hour at which clinics are open, that day or the Monday after it."""
        day = when.date()
        if day.weekday() >= 5:
            day += timedelta(days=7 - day.weekday())
        return clinic_hour(day, hour=7) + self.jitter(0, 7.5)

    def visit(self, plan: Plan, *, start: datetime) -> Encounter:
        """Write an encounter with its stays, one ward after another."""
        stays, at = [], start
        for ward, hours in plan.wards:
            left = at + timedelta(minutes=round(hours * 60))
            stays.append(Stay(ward, at, left))
            at = left
        return self.write(
            Encounter(
                id=self.next_id("visit"),
                setting=plan.setting,
                kind=concept(f"visits.{plan.visit}"),
                start=start,
                end=at,
                reason=plan.reason,
                stays=tuple(stays),
                practitioner=plan.practitioner,
                discharged_to=plan.discharged_to,
                part_of=plan.part_of,
            )
        )

    def diagnose(
        self,
        problem: str,
        *,
        at: datetime,
        visit: Encounter | None = None,
        onset: datetime | date | None = None,
        abated: datetime | None = None,
        **details: str,
    ) -> str:
        """Write a diagnosis (a name in ``concepts.toml``) and give its id."""
        shelf = problem if "." in problem else f"problems.{problem}"
        fact = Condition(
            id=self.next_id("condition"),
            concept=concept(shelf),
            category=details.get("category", "problem-list-item"),
            onset=at if onset is None else onset,
            abated=abated,
            recorded=at,
            verification=details.get("verification", "confirmed"),
            encounter=visit.id if visit else None,
            stage=details.get("stage", ""),
        )
        return self.write(fact).id

    def perform(
        self, what: str, *, at: datetime, visit: Encounter, hours: float = 0.5, **details: str
    ) -> None:
        """Write a procedure; `why_not` in the details makes it one not done."""
        site = details.get("site")
        self.write(
            Procedure(
                id=self.next_id("procedure"),
                concept=concept(f"procedures.{what}"),
                start=at,
                end=at + timedelta(minutes=round(hours * 60)),
                status="not-done" if "why_not" in details else "completed",
                why_not=details.get("why_not", ""),
                encounter=visit.id,
                site=concept(f"sites.{site}") if site else None,
                reason=details.get("reason"),
            )
        )

    def warn(self, flag: str, *, start: datetime, end: datetime | None = None) -> None:
        """Write a flag that every team sees."""
        self.write(Flag(self.next_id("flag"), concept(f"flags.{flag}"), start, end))

    def relate(
        self, relation: Coding, *, at: datetime, affected: str | None, **ages: int | str | None
    ) -> None:
        """Write a relative with what they had; None says certainly nothing of the kind."""
        onset, died = ages.get("onset"), ages.get("died")
        self.write(
            Relative(
                id=self.next_id("relative"),
                relation=relation,
                recorded=at,
                affected=concept(f"problems.{affected}") if affected else None,
                onset_age_years=onset if isinstance(onset, int) else None,
                died_age_years=died if isinstance(died, int) else None,
                note=str(ages.get("note") or ""),
            )
        )

    def last(self, key: str, *, before: datetime | None = None) -> str:
        """Give the last value of an analyte, as printed; "not known" without one.

        Last written, or last known before an instant.
        """
        wanted = analyte(key).concept
        seen = [one for one in self.facts[Measurement] if one.concept is wanted]
        if before is not None:
            seen = sorted((m for m in seen if m.known_at <= before), key=lambda one: one.time)
        return f"{seen[-1].comparator}{seen[-1].value}" if seen else "not known"

    def last_pressure(self) -> str:
        """Give the blood pressure written last, such as ``96/54``."""
        pressures = [one for one in self.facts[Measurement] if one.components]
        return "/".join(part.value for part in pressures[-1].components)

    def finish(self) -> Life:
        """Bind the chart into a life that ends today or with death."""
        return bind(self)


def clinic_hour(day: date, *, hour: int = 8) -> datetime:
    """Give an hour (UTC) of a day."""
    return datetime.combine(day, time(hour), tzinfo=UTC)
