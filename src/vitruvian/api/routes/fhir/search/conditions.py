"""One condition of a search as SQL over ``doc``, the resource's JSON.

References
----------
HL7 FHIR R4 (4.0.1), 3.1.1.4 Search Parameter Types.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from vitruvian.api.routes.fhir.search import dates
from vitruvian.api.routes.fhir.search.declared import Parameter, Place
from vitruvian.api.routes.fhir.search.request import BadControl, Filter
from vitruvian.api.routes.fhir.search.sql import (
    Sql,
    all_of,
    any_of,
    negated,
    present,
    where_any,
)
from vitruvian.api.routes.fhir.search.words import (
    BadValue,
    Number,
    Prefix,
    Token,
    number,
    plain,
    prefixed,
    split,
    token,
)

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_LITERAL = re.compile(r"(?:^|/)([A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})(?:/_history/[^/]+)?$")
_LITERAL_SQL = "'(?:^|/)([A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})(?:/_history/[^/]+)?$'"
_QUANTITY_PARTS = 3
_APPROXIMATELY = 0.1


def folded(text: str) -> str:
    """Text without case and accents, in SQL."""
    return f"strip_accents(lower({text}))"


def key_sql(reference: str) -> str:
    """``Type/id`` of a reference as sent, in SQL; a ``urn:uuid:`` stays as it is."""
    return f"""CASE WHEN starts_with({reference}, 'urn:') THEN {reference}
        ELSE regexp_extract({reference}, {_LITERAL_SQL}, 1) END"""


def missing(found: Parameter, values: tuple[str, ...]) -> Sql:
    """Nothing stands where the parameter looks, or something does."""
    if values not in {("true",), ("false",)}:
        raise BadControl(":missing", "true or false")
    somewhere = any_of(present(place) for place in found.places)
    return negated(somewhere) if values == ("true",) else somewhere


def plain_condition(asked: Filter, *, now: datetime) -> Sql:
    """A condition on a resource's own content."""
    found = asked.parameter
    if asked.modifier == "missing":
        return missing(found, asked.values)
    test = TESTS[found.type]
    pieces = any_of(
        test(place, value, asked.modifier if found.type != "date" else now)
        for value in asked.values
        for place in found.places
    )
    return negated(pieces) if asked.modifier == "not" else pieces


# ------------------------------------------------------------------ strings and addresses


def string_test(place: Place, value: str, modifier: str) -> Sql:
    """Begins with, contains, or is exactly."""
    wanted = plain(value)

    def test(text: str) -> Sql:
        if modifier == "exact":
            return Sql(f"{text} = ?", (wanted,))
        call = "contains" if modifier == "contains" else "starts_with"
        return Sql(f"{call}({folded(text)}, {folded('?::VARCHAR')})", (wanted,))

    return where_any(place.path, test, text=True)


def uri_test(place: Place, value: str, modifier: str) -> Sql:
    """Is exactly, lies below or above."""
    wanted = plain(value)

    def test(text: str) -> Sql:
        if modifier == "below":
            return Sql(f"starts_with({text}, ?)", (wanted,))
        if modifier == "above":
            return Sql(f"starts_with(?, {text})", (wanted,))
        return Sql(f"{text} = ?", (wanted,))

    return where_any(place.path, test, text=True)


# ------------------------------------------------------------------ tokens


def token_test(place: Place, value: str, modifier: str) -> Sql:
    """A code, an identifier, a contact point, or the words of a concept."""
    if modifier == "text":
        return _words_test(place, plain(value))
    if modifier == "of-type":
        return _of_type_test(place, value)
    wanted = token(value)
    if place.kind == "deceased":
        return _deceased_test(wanted)
    if place.kind == "CodeableConcept":
        return where_any((*place.path, "coding[]"), _pair(wanted, "code"), text=False)
    if place.kind in {"Coding", "Identifier", "ContactPoint"}:
        member = "code" if place.kind == "Coding" else "value"
        return where_any(place.path, _pair(wanted, member, only=place.only), text=False)
    # The system of a plain code is fixed by its element; only the code is compared.
    return where_any(place.path, lambda text: Sql(f"{text} = ?", (wanted.code,)), text=True)


def _pair(wanted: Token, member: str, *, only: str | None = None) -> Callable[[str], Sql]:
    def test(one: str) -> Sql:
        pieces = []
        if wanted.code:
            pieces.append(Sql(f"({one} ->> '$.{member}') = ?", (wanted.code,)))
        if wanted.system == "":
            pieces.append(Sql(f"({one} ->> '$.system') IS NULL"))
        elif wanted.system is not None:
            pieces.append(Sql(f"({one} ->> '$.system') = ?", (wanted.system,)))
        if only is not None:
            pieces.append(Sql(f"({one} ->> '$.system') = ?", (only,)))
        return all_of(pieces)

    return test


def _words_test(place: Place, wanted: str) -> Sql:
    """The text of a concept, or how one of its codings is shown, begins with the words."""

    def test(text: str) -> Sql:
        return Sql(f"starts_with({folded(text)}, {folded('?::VARCHAR')})", (wanted,))

    ends: dict[str, tuple[tuple[str, ...], ...]] = {
        "CodeableConcept": (("text",), ("coding[]", "display")),
        "Coding": (("display",),),
        "Identifier": (("type", "text"),),
    }
    found = ends.get(place.kind, ((),))
    return any_of(where_any((*place.path, *end), test, text=True) for end in found)


def _of_type_test(place: Place, value: str) -> Sql:
    parts = [plain(part) for part in split(value, "|")]
    if place.kind != "Identifier" or len(parts) != 3 or not all(parts):  # noqa: PLR2004
        wanted_form = "system|code|value of an identifier's type"
        raise BadValue(":of-type", expected=wanted_form)
    system, code, wanted = parts

    def test(one: str) -> Sql:
        kinds = f"json_extract({one}, '$.type.coding[*]')"
        match = "(c ->> '$.system') = ? AND (c ->> '$.code') = ?"
        kept = f"list_filter({kinds}, lambda c: coalesce({match}, false))"
        text = f"coalesce(len({kept}), 0) > 0 AND ({one} ->> '$.value') = ?"
        return Sql(text, (system, code, wanted))

    return where_any(place.path, test, text=False)


def _deceased_test(wanted: Token) -> Sql:
    """Patient.deceased[x] exists and is not false."""
    said = "json_extract_string(doc, '$.deceasedBoolean')"
    when = "json_extract(doc, '$.deceasedDateTime') IS NOT NULL"
    dead = f"coalesce({said} = 'true', false) OR {when}"
    return Sql(dead if wanted.code == "true" else f"NOT ({dead})")


# ------------------------------------------------------------------ references


def reference_keys(value: str, modifier: str, targets: tuple[str, ...]) -> tuple[str, ...]:
    """What a reference may be to fit a value: ``Type/id`` of each type it may lead to."""
    wanted = plain(value)
    literal = _LITERAL.search(wanted)
    if literal is not None:
        name = literal[1].partition("/")[2]
        return (literal[1], f"urn:uuid:{name}")
    if wanted.startswith("urn:"):
        return (wanted,)
    if not _ID.fullmatch(wanted):
        raise BadValue("reference", expected="an id, Type/id, or an address")
    types = (modifier,) if modifier else targets
    return (*(f"{one}/{wanted}" for one in types), f"urn:uuid:{wanted}")


def reference_condition(asked: Filter, place: Place) -> Sql:
    """A reference as sent leads to one of those asked for."""
    if asked.modifier == "identifier":
        path = (*place.path, "identifier")
        return any_of(
            where_any(path, _pair(token(value), "value"), text=False) for value in asked.values
        )
    wanted = _all_keys(asked)
    # Targets that are not declared can be anything: the id alone decides.
    anything = not (asked.parameter.targets or asked.modifier)
    loose = [plain(value) for value in asked.values if _ID.fullmatch(plain(value)) and anything]

    def test(text: str) -> Sql:
        key = key_sql(text)
        exact = Sql(f"list_contains(?::VARCHAR[], {key})", (list(wanted),))
        by_id = Sql(f"list_contains(?::VARCHAR[], split_part({key}, '/', 2))", (loose,))
        return any_of([exact, by_id]) if loose else exact

    return where_any((*place.path, "reference"), test, text=True)


def _all_keys(asked: Filter) -> tuple[str, ...]:
    found: list[str] = []
    for value in asked.values:
        found += reference_keys(value, asked.modifier, asked.parameter.targets)
    return tuple(dict.fromkeys(found))


# ------------------------------------------------------------------ dates, numbers, quantities


def date_test(place: Place, value: str, now: datetime) -> Sql:
    """A date, an instant, a period or the limits of a timing."""
    wanted = dates.date_value(value)

    def test(one: str) -> Sql:
        if place.kind == "Period":
            ends = dates.period_sql(one)
        elif place.kind == "Timing":
            ends = dates.timing_sql(one)
        else:
            ends = dates.low_sql(one), dates.high_sql(one)
        return dates.compared(wanted, ends, now=now)

    return where_any(place.path, test, text=place.kind not in {"Period", "Timing"})


def number_test(place: Place, value: str, _: str) -> Sql:
    """A number, with the precision it is asked for with."""
    prefix, rest = prefixed(value)
    wanted = number(rest)
    return where_any(
        place.path, lambda text: _compared(prefix, wanted, f"try_cast({text} AS DOUBLE)"), text=True
    )


def quantity_test(place: Place, value: str, _: str) -> Sql:
    """A number, and a unit by its code or as written."""
    parts = [plain(part) for part in split(value, "|")]
    if len(parts) not in {1, _QUANTITY_PARTS}:
        raise BadValue("quantity", expected="a number, or number|system|code")
    prefix, rest = prefixed(parts[0])
    wanted = number(rest)

    def test(one: str) -> Sql:
        pieces = [_compared(prefix, wanted, f"try_cast({one} ->> '$.value' AS DOUBLE)")]
        if len(parts) == _QUANTITY_PARTS:
            pieces += _unit_tests(one, system=parts[1], unit=parts[2])
        return all_of(pieces)

    return where_any(place.path, test, text=False)


def _unit_tests(one: str, *, system: str, unit: str) -> list[Sql]:
    if system:
        pieces = [Sql(f"({one} ->> '$.system') = ?", (system,))]
        return [*pieces, Sql(f"({one} ->> '$.code') = ?", (unit,))] if unit else pieces
    if not unit:
        return []
    return [Sql(f"({one} ->> '$.code') = ? OR ({one} ->> '$.unit') = ?", (unit, unit))]


def _compared(prefix: Prefix, wanted: Number, value: str) -> Sql:
    """A stored number stands to the one asked for as the prefix says."""
    exact = (wanted.value,)
    margin = abs(wanted.value) * _APPROXIMATELY
    near = (wanted.value - margin, wanted.value + margin)
    simple = {
        "eq": Sql(f"{value} >= ? AND {value} < ?", (wanted.low, wanted.high)),
        "ne": Sql(f"NOT ({value} >= ? AND {value} < ?)", (wanted.low, wanted.high)),
        "gt": Sql(f"{value} > ?", exact),
        "lt": Sql(f"{value} < ?", exact),
        "ge": Sql(f"{value} >= ?", exact),
        "le": Sql(f"{value} <= ?", exact),
        "sa": Sql(f"{value} > ?", exact),
        "eb": Sql(f"{value} < ?", exact),
        "ap": Sql(f"{value} BETWEEN ? AND ?", near),
    }
    return simple[prefix]


TESTS: dict[str, Callable[..., Sql]] = {
    "string": string_test,
    "uri": uri_test,
    "token": token_test,
    "date": date_test,
    "number": number_test,
    "quantity": quantity_test,
}
