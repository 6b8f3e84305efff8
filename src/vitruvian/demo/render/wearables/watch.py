"""Two weeks of a watch and a telephone, as the Health app exports them.

The watch is worn in the two weeks before the patient was last seen, and the export is handed
over on that day; a life that feels worse walks less, sleeps less and beats faster.
Watch and telephone both count steps, and neither knows of the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr
from zoneinfo import ZoneInfo

from vitruvian.demo.catalogue import hospital

if TYPE_CHECKING:
    from vitruvian.demo.life import Life

DAYS, EVERY = 14, 3
"""Days that are told, and that every third life has a watch."""
SHEET_HEAD = "apple_health_export,identifier_system,patient_id\n"
_WATCH = ("name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,2, "
          "software:10.5")  # fmt: skip
_PHONE = "name:iPhone, manufacturer:Apple Inc., model:iPhone, hardware:iPhone14,5, software:17.5.1"
_PULSE, _WEIGHT = "8867-4", "29463-7"
_SEX = {"female": "Female", "male": "Male"}
_DTD = """<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 14 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Workout)*)>
<!ATTLIST HealthData locale CDATA #REQUIRED>
]>
"""
_STAGES = (("AsleepCore", 0.24), ("AsleepDeep", 0.16), ("AsleepCore", 0.20), ("AsleepREM", 0.12),
           ("Awake", 0.03), ("AsleepCore", 0.13), ("AsleepREM", 0.12))  # fmt: skip


@dataclass(frozen=True)
class Watch:
    """One export of one wearer."""

    life: Life
    seen: datetime

    @property
    def name(self) -> str:
        """Of the file; it holds no name and no number of the patient."""
        return f"watch-{self.life.number:07d}.xml"

    @property
    def link(self) -> str:
        """The line of the sheet that tells whose it is, by the hash of the file."""
        key = hashlib.sha256(self.data).hexdigest()[:16]
        return f"{key},{hospital().mrn_system},{self.life.person.mrn}\n"

    @cached_property
    def steps(self) -> list[list[int]]:
        """Steps of each hour of each day, from seven to twenty-one."""
        rng = Random(f"steps {self.life.key}")
        usual = rng.uniform(180, 620)
        return [
            [round(usual * rng.uniform(0.1, 1.9) * (1 - 0.03 * day)) for _ in range(15)]
            for day in range(DAYS)
        ]

    @cached_property
    def data(self) -> bytes:
        """The export."""
        person = self.life.person
        sex = _SEX.get(person.sex, "NotSet")
        head = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n{_DTD}<HealthData locale="en_AT">\n'
            f' <ExportDate value="{_time(self.seen)}"/>\n'
            f' <Me HKCharacteristicTypeIdentifierDateOfBirth="{person.born}" '
            f'HKCharacteristicTypeIdentifierBiologicalSex="HKBiologicalSex{sex}"/>\n'
        )
        return (head + "".join(self._records()) + "</HealthData>\n").encode()

    def truth(self) -> dict[str, Any]:
        """What was planted: steps of each day by watch and by telephone."""
        return {
            "patient": self.life.key,
            "file": self.name,
            "steps": {f"{self._day(day):%Y-%m-%d}": {"watch": sum(some), "phone": _half(some)}
                      for day, some in enumerate(self.steps)},
        }  # fmt: skip

    def _day(self, day: int) -> datetime:
        midnight = self.seen.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - timedelta(days=DAYS - day)

    def _records(self) -> Iterator[str]:
        rng = Random(f"watch {self.life.key}")
        resting = last_value(self.life, _PULSE) or rng.uniform(56, 78)
        weight = last_value(self.life, _WEIGHT) or rng.uniform(58, 94)
        for day in range(0, DAYS, 7):
            at = self._day(day) + timedelta(hours=7, minutes=rng.randrange(30))
            yield _record("Quantity", "BodyMass", at, at, f"{weight:.1f}", "kg", watch=False)
            weight -= rng.uniform(-0.6, 0.9)
        for day in range(DAYS):
            yield from self._pulse(rng, day, resting)
        for day, hours in enumerate(self.steps):
            yield from self._walked(day, hours)
        for day in range(DAYS):
            yield from self._night(rng, day)

    def _pulse(self, rng: Random, day: int, resting: float) -> Iterator[str]:
        """A value every half an hour; ten minutes of exercise every ten seconds."""
        worse = resting + 0.9 * day
        for half_hour in range(48):
            at = self._day(day) + timedelta(minutes=30 * half_hour, seconds=rng.randrange(59))
            awake = 14 <= half_hour <= 44
            value = worse + (rng.uniform(4, 30) if awake else rng.uniform(-6, 4))
            yield _record("Quantity", "HeartRate", at, at, f"{value:.0f}", "count/min")
        if day % 5 == 2:
            begun = self._day(day) + timedelta(hours=17, minutes=30)
            for step in range(60):
                at = begun + timedelta(seconds=10 * step)
                value = worse + 30 + 30 * min(1, step / 30) + rng.uniform(-3, 3)
                yield _record("Quantity", "HeartRate", at, at, f"{value:.0f}", "count/min")
            yield _workout(begun, begun + timedelta(minutes=10))
        at = self._day(day) + timedelta(hours=6, minutes=45)
        yield _record("Quantity", "RestingHeartRate", at, at, f"{worse:.0f}", "count/min")
        variability = max(12, 62 - 1.6 * day + rng.uniform(-8, 8))
        yield _record("Quantity", "HeartRateVariabilitySDNN", at, at, f"{variability:.1f}", "ms")

    def _walked(self, day: int, hours: list[int]) -> Iterator[str]:
        for place, count in enumerate(hours):
            start = self._day(day) + timedelta(hours=7 + place, minutes=5)
            end = start + timedelta(minutes=9)
            yield _record("Quantity", "StepCount", start, end, str(count), "count")
            if half := count // 2:
                yield _record("Quantity", "StepCount", start, end, str(half), "count", watch=False)

    def _night(self, rng: Random, day: int) -> Iterator[str]:
        at = self._day(day) - timedelta(minutes=rng.randrange(20, 90))
        asleep = timedelta(hours=rng.uniform(6.2, 7.9) - 0.1 * day)
        for stage, share in _STAGES:
            end = (at + asleep * share).replace(microsecond=0)
            yield _record("Category", "SleepAnalysis", at, end,
                          f"HKCategoryValueSleepAnalysis{stage}", "")  # fmt: skip
            at = end
        low = self._day(day) + timedelta(hours=3)
        share = rng.uniform(0.93, 0.98)
        yield _record("Quantity", "OxygenSaturation", low, low, f"{share:.2f}", "%")


def _half(hours: list[int]) -> int:
    return sum(count // 2 for count in hours)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S %z}"


def _record(  # noqa: PLR0913, PLR0917  the attributes of one record
    family: str,
    kind: str,
    start: datetime,
    end: datetime,
    value: str,
    unit: str,
    *,
    watch: bool = True,
) -> str:
    device = f"<<HKDevice: 0x28{'2' if watch else '3'}>, {_WATCH if watch else _PHONE}>"
    told = f' unit="{unit}"' if unit else ""
    source, version = ("Watch", "10.5") if watch else ("iPhone", "17.5.1")
    return (
        f' <Record type="HK{family}TypeIdentifier{kind}" sourceName="{source}" '
        f'sourceVersion="{version}" device={quoteattr(device)}{told} '
        f'creationDate="{_time(end)}" startDate="{_time(start)}" endDate="{_time(end)}" '
        f'value="{value}"/>\n'
    )


def _workout(start: datetime, end: datetime) -> str:
    minutes = (end - start).total_seconds() / 60
    return (
        ' <Workout workoutActivityType="HKWorkoutActivityTypeWalking" '
        f'duration="{minutes:g}" durationUnit="min" sourceName="Watch" sourceVersion="10.5" '
        f'creationDate="{_time(end)}" startDate="{_time(start)}" endDate="{_time(end)}"/>\n'
    )


def watches(life: Life) -> Iterator[Watch]:
    """The export of a life that wears a watch."""
    seen = last_seen(life)
    if life.number % EVERY == 0 and seen is not None:
        yield Watch(life, seen)


def last_value(life: Life, code: str) -> float | None:
    """What was last measured of a LOINC code in the hospital; None for never."""
    found = [
        each
        for each in life.measurements
        if each.value and any(coding.code == code for coding in each.concept.codings)
    ]
    return float(max(found, key=lambda each: each.time).value) if found else None


def last_seen(life: Life) -> datetime | None:
    """When a life was last measured, on the hospital's own clock; None for one that never was."""
    latest = max((each.time for each in life.measurements), default=None)
    if latest is None:
        return None
    return latest.replace(microsecond=0).astimezone(ZoneInfo(hospital().time_zone))
