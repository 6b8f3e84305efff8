"""FHIR search the slow way: every resource looked at in plain Python.

Written from HL7 FHIR R4 (4.0.1), 3.1.1 Search, and from nothing else; elements are reached by
name alone, whether they repeat or not.
"""

from __future__ import annotations

import calendar
import random
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

Json = dict[str, Any]
Span = tuple[float, float]

# Type, parameter: kind of parameter and where the specification's expression leads.
PARAMETERS: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "Patient": {
        "family": ("string", ("name.family",)),
        "given": ("string", ("name.given",)),
        "name": (
            "string",
            ("name.family", "name.given", "name.prefix", "name.suffix", "name.text"),
        ),
        "address-city": ("string", ("address.city",)),
        "gender": ("code", ("gender",)),
        "birthdate": ("date", ("birthDate",)),
        "death-date": ("date", ("deceasedDateTime",)),
        "identifier": ("identifier", ("identifier",)),
    },
    "Observation": {
        "code": ("concept", ("code",)),
        "combo-code": ("concept", ("code", "component.code")),
        "component-code": ("concept", ("component.code",)),
        "category": ("concept", ("category",)),
        "status": ("code", ("status",)),
        "date": ("date", ("effectiveDateTime", "effectivePeriod")),
        "value-quantity": ("quantity", ("valueQuantity",)),
        "component-value-quantity": ("quantity", ("component.valueQuantity",)),
        "value-concept": ("concept", ("valueCodeableConcept",)),
        "patient": ("reference", ("subject",)),
        "subject": ("reference", ("subject",)),
        "encounter": ("reference", ("encounter",)),
    },
    "Condition": {
        "code": ("concept", ("code",)),
        "clinical-status": ("concept", ("clinicalStatus",)),
        "onset-date": ("date", ("onsetDateTime", "onsetPeriod")),
        "recorded-date": ("date", ("recordedDate",)),
        "patient": ("reference", ("subject",)),
    },
    "Encounter": {
        "class": ("coding", ("class",)),
        "status": ("code", ("status",)),
        "date": ("date", ("period",)),
        "location-period": ("date", ("location.period",)),
        "type": ("concept", ("type",)),
        "patient": ("reference", ("subject",)),
    },
    "MedicationRequest": {
        "status": ("code", ("status",)),
        "intent": ("code", ("intent",)),
        "authoredon": ("date", ("authoredOn",)),
        "code": ("concept", ("medicationCodeableConcept",)),
        "subject": ("reference", ("subject",)),
    },
    "DiagnosticReport": {
        "code": ("concept", ("code",)),
        "issued": ("date", ("issued",)),
        "result": ("reference", ("result",)),
        "patient": ("reference", ("subject",)),
    },
    "Procedure": {
        "code": ("concept", ("code",)),
        "date": ("date", ("performedDateTime", "performedPeriod")),
        "patient": ("reference", ("subject",)),
    },
}
PREFIXES = ("", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb")


def reached(content: Any, path: str) -> list[Any]:
    """What stands at a dotted path, lists opened on the way."""
    found = [content]
    for name in path.split("."):
        below = [one[name] for one in found if isinstance(one, dict) and name in one]
        found = [x for one in below for x in (one if isinstance(one, list) else [one])]
    return found


def folded(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.lower())
    return "".join(mark for mark in bare if not unicodedata.combining(mark))


# ------------------------------------------------------------------ dates


def span(text: str) -> Span:
    """First and last instant that a date means, as seconds; the end is exclusive."""
    if len(text) == 4:
        return moment(int(text), 1, 1), moment(int(text) + 1, 1, 1)
    if len(text) == 7:
        year, month = int(text[:4]), int(text[5:])
        return moment(year, month, 1), moment(year + month // 12, month % 12 + 1, 1)
    if len(text) == 10:
        begin = moment(int(text[:4]), int(text[5:7]), int(text[8:]))
        return begin, begin + 86_400
    at = datetime.fromisoformat(text)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    begin = calendar.timegm(at.astimezone(UTC).timetuple()) + at.microsecond / 1e6
    return begin, begin + (0.001 if "." in text else 1)


def moment(year: int, month: int, day: int) -> float:
    return (datetime(year, month, day, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(
        seconds=1
    )


def span_of(value: Any) -> Span | None:
    if isinstance(value, str):
        return span(value)
    if "start" not in value and "end" not in value:
        return None
    low = span(value["start"])[0] if "start" in value else float("-inf")
    return low, span(value["end"])[1] if "end" in value else float("inf")


def date_fits(value: Any, prefix: str, asked: Span) -> bool:
    found = span_of(value)
    if found is None:
        return False
    (low, high), (begin, end) = found, asked
    contained = begin <= low and high <= end
    return {
        "": contained,
        "eq": contained,
        "ne": not contained,
        "gt": high > end,
        "lt": low < begin,
        "ge": high > end or contained,
        "le": low < begin or contained,
        "sa": low >= end,
        "eb": high <= begin,
    }[prefix]


# ------------------------------------------------------------------ the rest


def number_fits(value: Any, prefix: str, text: str) -> bool:
    asked, found = Decimal(text), Decimal(repr(value))
    half = Decimal(5).scaleb(int(asked.as_tuple().exponent) - 1)
    near = asked - half <= found < asked + half
    return {
        "": near,
        "eq": near,
        "ne": not near,
        "gt": found > asked,
        "lt": found < asked,
        "ge": found >= asked,
        "le": found <= asked,
        "sa": found > asked,
        "eb": found < asked,
    }[prefix]


def token_fits(system: Any, code: Any, asked: str) -> bool:
    if "|" not in asked:
        return bool(code == asked)
    wanted_system, wanted_code = asked.split("|", 1)
    system_fits = system == wanted_system if wanted_system else system is None
    return system_fits and (not wanted_code or code == wanted_code)


def fits(kind: str, value: Any, modifier: str, asked: str) -> bool:
    if kind == "string":
        if modifier == "exact":
            return bool(value == asked)
        contains = folded(asked) in folded(value)
        return contains if modifier == "contains" else folded(value).startswith(folded(asked))
    if kind == "reference":
        said = str(value.get("reference", ""))
        return said == asked or ("/" not in asked and said.endswith(f"/{asked}"))
    if kind in {"date", "quantity"}:
        prefix = next((p for p in PREFIXES[1:] if asked.startswith(p)), "")
        rest = asked.removeprefix(prefix)
        if kind == "date":
            return date_fits(value, prefix, span(rest))
        number, *unit = rest.split("|")
        units = {value.get("code"), value.get("unit")}
        return number_fits(value["value"], prefix, number) and (not unit or unit[1] in units)
    return any(token_fits(system, code, asked) for system, code in tokens(kind, value))


def tokens(kind: str, value: Any) -> Iterator[tuple[Any, Any]]:
    if kind == "code":
        yield None, value
    elif kind == "concept":
        yield from ((one.get("system"), one.get("code")) for one in value.get("coding", ()))
    else:
        yield value.get("system"), value.get("value" if kind == "identifier" else "code")


@dataclass(frozen=True)
class Asked:
    """One condition of a random query."""

    name: str
    modifier: str
    values: tuple[str, ...]

    def written(self) -> tuple[str, str]:
        name = f"{self.name}:{self.modifier}" if self.modifier else self.name
        escaped = [value.replace("\\", r"\\").replace(",", r"\,") for value in self.values]
        return name, ",".join(escaped)


def scan(resources: Sequence[Json], resource_type: str, asked: Sequence[Asked]) -> set[str]:
    """Ids of the resources that fit every condition."""
    return {
        one["id"] for one in resources if all(holds(one, resource_type, each) for each in asked)
    }


def holds(resource: Json, resource_type: str, asked: Asked) -> bool:
    kind, paths = PARAMETERS[resource_type][asked.name]
    values = [value for path in paths for value in reached(resource, path)]
    if asked.modifier == "missing":
        return (not values) == (asked.values[0] == "true")
    found = any(fits(kind, v, asked.modifier, one) for v in values for one in asked.values)
    return found != (asked.modifier == "not")


# ------------------------------------------------------------------ random queries


def random_query(
    luck: random.Random, by_type: dict[str, list[Json]]
) -> tuple[str, tuple[Asked, ...]]:
    """A type and one to three conditions with values that occur, or nearly."""
    resource_type = luck.choice([name for name in PARAMETERS if by_type.get(name)])
    names = luck.sample(sorted(PARAMETERS[resource_type]), luck.choice((1, 1, 2, 2, 3)))
    return resource_type, tuple(random_asked(luck, resource_type, name, by_type) for name in names)


def random_asked(
    luck: random.Random, resource_type: str, name: str, by_type: dict[str, list[Json]]
) -> Asked:
    kind, paths = PARAMETERS[resource_type][name]
    if luck.random() < 0.08:
        return Asked(name, "missing", (luck.choice(("true", "false")),))
    modifiers = {"string": ("", "exact", "contains"), "reference": ("",)}
    plain = ("",) if kind in {"date", "quantity"} else ("", "", "not")
    modifier = luck.choice(modifiers.get(kind, plain))
    values = [
        random_value(luck, kind, by_type[resource_type], paths)
        for _ in range(luck.choice((1, 1, 2)))
    ]
    return Asked(name, modifier, tuple(values))


def random_value(
    luck: random.Random, kind: str, resources: Sequence[Json], paths: Sequence[str]
) -> str:
    for _ in range(20):
        found = [x for path in paths for x in reached(luck.choice(resources), path)]
        if found:
            return spelt(luck, kind, luck.choice(found))
    return {"date": "2020", "quantity": "5.0"}.get(kind, "none")


def spelt(luck: random.Random, kind: str, value: Any) -> str:
    if kind == "string":
        text = str(value)
        start = luck.randrange(len(text)) if luck.random() < 0.3 else 0
        return luck.choice((text, text[start : start + luck.randint(1, 4)], text.upper()))
    if kind == "reference":
        said = str(value["reference"])
        return luck.choice((said, said.rpartition("/")[2]))
    if kind == "date":
        text = str(value if isinstance(value, str) else value.get("start", "2020"))
        cut = luck.choice((4, 7, 10, len(text)))
        return luck.choice(PREFIXES) + text[: min(cut, len(text))]
    if kind == "quantity":
        number = Decimal(repr(value["value"]))
        digits = number.quantize(Decimal(luck.choice(("1", "0.1", "0.01"))))
        unit = luck.choice(("", "", f"||{value.get('code', value.get('unit', ''))}"))
        return f"{luck.choice(PREFIXES)}{digits}{unit}"
    system, code = luck.choice(list(tokens(kind, value)) or [(None, "none")])
    forms = [str(code)]
    if kind != "code":
        forms += [f"{system or ''}|{code}", *([f"{system}|"] if system else [f"|{code}"])]
    return luck.choice(forms)
