"""An element's fields, as the tables of ``mapping.toml`` name them.

Moments are written as ISO 8601 says; nothing else is changed, but for shares: HealthKit writes
97 % as 0.97 with the unit %, and that is 97 here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from vitruvian.ingest.library.apple_health.reading.xml import Element

Fields = dict[str, str | None]
_KINDS = Path(__file__).parents[1] / "kinds.toml"
_PREFIX = re.compile(r"^HK(Quantity|Category|Data|Correlation)Type(Identifier)?")
_MOMENT = re.compile(r"^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)$")
_DEVICE = re.compile(r"(?:^|, )(name|manufacturer|model|hardware|software):([^,>]*)")
_BY_HAND = "HKWasUserEntered"


@cache
def kinds() -> Mapping[str, Any]:
    """Which kinds are sampled, which are added up, and the stages of sleep."""
    said = tomllib.loads(_KINDS.read_text("utf-8"))
    return {**said, "sampled": frozenset(said["sampled"]), "summed": frozenset(said["summed"])}


def kind_of(name: str) -> str:
    """A kind without its first part.

    Examples
    --------
    >>> kind_of("HKQuantityTypeIdentifierHeartRate")
    'HeartRate'
    """
    return _PREFIX.sub("", name)


def iso(text: str | None) -> str | None:
    """A moment as ISO 8601 writes it; what is none stays as it is and is refused later.

    Examples
    --------
    >>> iso("2024-03-05 07:15:00 +0100")
    '2024-03-05T07:15:00+01:00'
    """
    found = _MOMENT.match(text or "")
    return text if found is None else "{}T{}{}:{}".format(*found.groups())


def device_of(text: str | None) -> str | None:
    """A device in words: name, hardware, software; never its address in memory.

    Examples
    --------
    >>> device_of("<<HKDevice: 0x28>, name:Apple Watch, hardware:Watch6,2, software:7.0.1>")
    'Apple Watch, hardware Watch6,2, software 7.0.1'
    """
    if not text:
        return None
    joined = re.sub(r",(?! )", "\0", text)  # a comma without a space belongs to the value
    said = {key: value.replace("\0", ",").strip() for key, value in _DEVICE.findall(joined)}
    name = said.get("name") or said.get("model") or said.get("manufacturer")
    parts = [name, *(f"{key} {said[key]}" for key in ("hardware", "software") if said.get(key))]
    return ", ".join(filter(None, parts)) or None


_MOST_DIGITS = 20


def number_of(element: Element) -> Decimal | None:
    """The value of a record as a number; shares in percent; None when it is none."""
    try:
        number = Decimal(element.attributes.get("value", ""))
    except InvalidOperation:
        return None
    # What no sensor measures: it would be written out with as many digits as its exponent says.
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        return None
    return number * 100 if element.attributes.get("unit") == "%" else number


def plain(number: Decimal) -> str:
    """A number without exponent and without zeros at its end.

    Examples
    --------
    >>> plain(Decimal("97.00")), plain(Decimal("1200"))
    ('97', '1200')
    """
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def own_fields(element: Element) -> tuple[str, Fields]:
    """Table and fields of an element that is a row of its own."""
    if element.name == "Record":
        return _record(element)
    if element.name == "Workout":
        return "workout", _workout(element)
    if element.name == "ActivitySummary":
        return "activity", _activity(element)
    if element.name == "Me":
        return "me", _me(element)
    return "other", {"name": element.name}


def origin(element: Element) -> Fields:
    """Which source and device an element comes from, and when it begins and ends."""
    said = element.attributes
    source = " ".join(filter(None, (said.get("sourceName"), said.get("sourceVersion"))))
    return {
        "source": source or None,
        "device": device_of(said.get("device")),
        "start": iso(said.get("startDate")),
        "end": iso(said.get("endDate")),
    }


def _record(element: Element) -> tuple[str, Fields]:
    said = element.attributes
    inner = {each.get("key"): each.get("value") for _, each in element.inner}
    fields = {
        **origin(element),
        "kind": kind_of(said.get("type", "")),
        "by_hand": "entered by hand" if inner.get(_BY_HAND) == "1" else None,
    }
    if said.get("type", "").startswith("HKCategory"):
        word = said.get("value", "").removeprefix("HKCategoryValue")
        return "category", {**fields, "said": word.removeprefix(str(fields["kind"])) or None}
    number, unit = number_of(element), said.get("unit")
    value = said.get("value") if number is None or unit != "%" else plain(number)
    return "quantity", {**fields, "value": value, "unit": unit}


def _workout(element: Element) -> Fields:
    said = element.attributes
    activity = said.get("workoutActivityType", "").removeprefix("HKWorkoutActivityType")
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", activity).lower()
    return {
        **origin(element),
        "activity": words.capitalize() or None,
        "duration": said.get("duration"),
        "unit": said.get("durationUnit", "min"),
    }


def _activity(element: Element) -> Fields:
    said = element.attributes
    return {
        "day": said.get("dateComponents"),
        "exercise": said.get("appleExerciseTime"),
        "stand": said.get("appleStandHours"),
    }


def _me(element: Element) -> Fields:
    born = element.attributes.get("HKCharacteristicTypeIdentifierDateOfBirth")
    sex = element.attributes.get("HKCharacteristicTypeIdentifierBiologicalSex")
    return {"born": born or None, "sex": sex or None}
