"""Who this is: identifiers, age, and the few facts every reader must see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from functools import partial
from typing import Any

from vitruvian.base.words import counted
from vitruvian.picture.facts.events import SAID, Aligned, instant, stamp
from vitruvian.picture.facts.words import facts
from vitruvian.picture.panels.choices import BannerChoice, banner_choices
from vitruvian.picture.panels.deaths import death_conflict
from vitruvian.picture.panels.episodes import place
from vitruvian.picture.types import AllergyPanel, Banner, BannerItem, Fact, Identifier

Row = Mapping[str, Any]
MONTHS_A_YEAR = 12
DAYS_OF_A_NEWBORN = 31
YEARS_TOLD_IN_MONTHS = 2
YEAR_ONLY = 4
YEAR_AND_MONTH = 7


@dataclass(frozen=True)
class Sources:
    """What the banner is made from."""

    patients: Sequence[Row]
    aligned: Aligned
    allergies: AllergyPanel
    stay: Row | None
    at: datetime


def age_text(birth: str | None, *, at: date, died: str | None = None) -> str | None:
    """The age in words at a date, or at death; "about" where the birth date is partial.

    Examples
    --------
    >>> age_text("1950-06-01", at=date(2020, 5, 31))
    '69 years'
    >>> age_text("1950", at=date(2020, 5, 31))
    'about 70 years'
    """
    if not birth:
        return None
    end = day_of(died) if died else at
    born = day_of(birth)
    if born is None or end is None or end < born:
        return None
    words = span(born, end)
    if len(birth) <= YEAR_AND_MONTH:
        words = (
            f"about {end.year - born.year} years" if len(birth) == YEAR_ONLY else f"about {words}"
        )
    return f"died aged {words}" if died else words


def age_of(birth: str | None, *, at: datetime, dead: bool, death: str | None) -> str | None:
    """The age now, at death, or the word that the day of death was not said."""
    if dead and not death:
        return "died, day not recorded"
    return age_text(birth, at=at.date(), died=death if dead else None)


def span(born: date, end: date) -> str:
    """Days for a newborn, months below two years, years from then on."""
    months = (end.year - born.year) * MONTHS_A_YEAR + end.month - born.month - (end.day < born.day)
    if (days := (end - born).days) < DAYS_OF_A_NEWBORN:
        return counted(days, "day")
    if months < YEARS_TOLD_IN_MONTHS * MONTHS_A_YEAR:
        return counted(months, "month")
    return counted(months // MONTHS_A_YEAR, "year")


def day_of(text: str) -> date | None:
    """The first day that a full or partial date allows; None for what is not a date."""
    padded = {YEAR_ONLY: f"{text}-01-01", YEAR_AND_MONTH: f"{text}-01"}.get(len(text), text[:10])
    try:
        return date.fromisoformat(padded)
    except ValueError:
        return None


def identifiers(patients: Sequence[Row]) -> list[Identifier]:
    """Every identifier once, in the order the sources gave them."""
    found: dict[tuple[str | None, str], Identifier] = {}
    for row in patients:
        for each in row["identifiers"] or []:
            if each["value"]:
                name = each["label"] or "Identifier"
                key = (each["system"], each["value"])
                found.setdefault(key, Identifier(name, each["value"], each["system"]))
    return list(found.values())


def first(patients: Sequence[Row], name: str) -> Any:
    """What the newest source that says anything says."""
    return next((row[name] for row in patients if row[name] is not None), None)


def banner(person_id: int, sources: Sources) -> Banner:
    """The banner; `patients` come newest first."""
    patients = sources.patients
    death = first(patients, "death_time")
    deceased = first(patients, "deceased")
    already = deceased is not True or happened(death, at=sources.at)
    birth = first(patients, "birth_date")
    died = death if deceased and already else None
    return Banner(
        person_id=str(person_id),
        family=first(patients, "family"),
        given=first(patients, "given"),
        sex=first(patients, "sex"),
        birth_date=birth,
        age_text=age_of(birth, at=sources.at, dead=deceased is True and already, death=death),
        deceased=deceased if already else None,
        death_time=died,
        death_conflict=death_conflict(patients, happened=partial(happened, at=sources.at)),
        identifiers=identifiers(patients),
        items=items(sources, sex=first(patients, "sex")),
    )


@dataclass(frozen=True)
class Death:
    """That a patient has died, and when, as far as that was said."""

    time: datetime | None


def death_of(patients: Sequence[Row], *, at: datetime) -> Death | None:
    """The death of a patient before a moment; None for the living."""
    if first(patients, "deceased") is not True:
        return None
    said = first(patients, "death_time")
    if not happened(said, at=at):
        return None
    return Death(moment_of(said, zone=at.tzinfo) if said else None)


def moment_of(said: str, *, zone: tzinfo | None) -> datetime | None:
    """A moment, or the last one of a day; None for what is neither."""
    if len(said) > len("2024-05-01"):
        with suppress(ValueError):
            found = datetime.fromisoformat(said)
            return found if found.tzinfo else found.replace(tzinfo=zone)
    day = day_of(said)
    return None if day is None else datetime.combine(day, time.max, tzinfo=zone)


def happened(death: str | None, *, at: datetime) -> bool:
    """Whether a death lies before a moment; a death without a date does."""
    day = day_of(death) if death else None
    return day is None or day <= at.date()


def items(sources: Sources, *, sex: str | None) -> list[BannerItem]:
    """Allergies, then the chosen measurements, then the ward."""
    chosen = [choice for choice in banner_choices() if sex not in choice.not_for_sex]
    return [
        allergy_item(sources.allergies),
        *(chosen_item(sources, choice) for choice in chosen),
        ward_item(sources.stay),
    ]


def allergy_item(panel: AllergyPanel) -> BannerItem:
    """Names of the allergies, or which of the two other answers holds."""
    # What a record states leads; what a machine read in a note says so.
    told = sorted(panel.facts, key=lambda each: (each.negated, each.machine_read))
    lead = None if panel.answer == "not-asked" else next(iter(told), None)
    named = (
        f"{each.label} (read in a note)" if each.machine_read else each.label
        for each in told
        if not each.negated
    )
    words = {
        "recorded": ", ".join(dict.fromkeys(named)),
        "none-known": "none known",
    }
    return BannerItem(
        key="allergies",
        label="Allergies",
        value=words.get(panel.answer),
        absent="not asked" if panel.answer == "not-asked" else None,
        time=None if lead is None else lead.time,
        event_id=None if lead is None else lead.event_id,
        alert=panel.answer == "recorded",
    )


def chosen_item(sources: Sources, choice: BannerChoice) -> BannerItem:
    """The newest result under the codes of one line, or the word for none."""
    aligned = sources.aligned
    row = newest(aligned, choice.codes, before=stamp(sources.at))
    if row is None:
        return BannerItem(choice.key, choice.label, None, choice.absent, None, None)
    found = facts(aligned, [row])[0]
    return BannerItem(
        key=choice.key,
        label=choice.label,
        value=value_of(found),
        absent=None,
        time=found.time,
        event_id=found.event_id,
        alert=choice.alert and aligned.events.column("value_code")[row] not in choice.usual,
    )


def newest(aligned: Aligned, codes: Sequence[str], *, before: int) -> int | None:
    """The latest row under any of some codes that a record states about the patient."""
    acts, who = aligned.events.column("act"), aligned.events.column("experiencer")
    when = aligned.events.when
    said = [
        row
        for code in codes
        for row in aligned.coded.get(code, ())
        if acts[row] in SAID
        and who[row] == "patient"
        and when[row] <= before
        and row not in aligned.events.machine_read
    ]
    return max(said, key=when.__getitem__, default=None)


def value_of(found: Fact) -> str:
    """The value with its unit; answers that disagree stand side by side."""
    if found.conflict is not None:
        return " ≠ ".join(found.conflict.answers)
    value = found.value or found.label
    return f"{value} {found.unit}" if found.unit else value


def ward_item(stay: Row | None) -> BannerItem:
    """Where the patient is."""
    return BannerItem(
        key="ward",
        label="Ward",
        value=None if stay is None else place(stay),
        absent="not in hospital" if stay is None else None,
        time=None if stay is None else instant(stay["start_time"]),
        event_id=None,
    )
