"""What a search asks for, read from the parameters of its address or form.

References
----------
HL7 FHIR R4 (4.0.1), 3.1.1 Search.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from vitruvian.api.routes.fhir.outcome import BadRequest
from vitruvian.api.routes.fhir.search.declared import Parameter, parameter, resource_types
from vitruvian.api.routes.fhir.search.words import split

Summary = Literal["true", "text", "data", "count", "false"]
SUMMARIES: tuple[Summary, ...] = ("true", "text", "data", "count", "false")
MODIFIERS = {
    "string": {"exact", "contains", "missing"},
    "token": {"not", "text", "missing", "of-type"},
    "reference": {"missing", "identifier"},
    "date": {"missing"},
    "number": {"missing"},
    "quantity": {"missing"},
    "uri": {"below", "above", "missing"},
    "composite": set[str](),
}
# _totalMethod: fhirpy asks for a total with it; the total is told anyway
IGNORED = frozenset({"_format", "_pretty", "_totalMethod"})
MOST_FILTERS, MOST_VALUES, MOST_LINKS = 50, 1000, 8
MOST_COUNT, USUAL_COUNT = 1000, 50


class UnknownParameter(BadRequest):
    """A search names a parameter or modifier that is not declared for its type."""

    code = "not-supported"

    def __init__(self, resource_type: str) -> None:
        super().__init__(
            f"A search parameter or modifier is not declared for {resource_type}. Expected one "
            "that /fhir/metadata lists; with 'Prefer: handling=lenient' it is left out."
        )


class BadControl(BadRequest):
    """A parameter that shapes the answer has a value it cannot have."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"The search parameter {name} must be {expected}.")


@dataclass(frozen=True)
class Filter:
    """One condition.

    Parameters
    ----------
    parameter
        Which one, of the type that it stands on.
    modifier
        As written, without the colon; empty when none.
    values
        Alternatives, still escaped; at least one.
    target
        For a chain: the types that the reference leads to, each with the condition there.
    source
        For ``_has``: the type that refers here, with the condition there.
    """

    parameter: Parameter
    modifier: str = ""
    values: tuple[str, ...] = ()
    target: tuple[tuple[str, Filter], ...] = ()
    source: tuple[str, Filter] | None = None


@dataclass(frozen=True)
class Include:
    """Which resources come along: those referred to, or (reverse) those that refer."""

    source: str
    parameter: str
    target: str = ""
    reverse: bool = False
    iterate: bool = False


@dataclass(frozen=True)
class Search:
    """A whole search."""

    resource_type: str
    filters: tuple[Filter, ...] = ()
    includes: tuple[Include, ...] = ()
    sort: tuple[tuple[Parameter, bool], ...] = ()
    count: int = USUAL_COUNT
    total: bool = True
    summary: Summary = "false"
    elements: tuple[str, ...] = ()
    left_out: bool = False
    used: tuple[tuple[str, str], ...] = field(default=())


def read_search(
    resource_type: str, said: Sequence[tuple[str, str]], *, lenient: bool = False
) -> Search:
    """A search from the pairs of its address; raises what is wrong with it.

    Parameters
    ----------
    resource_type
        What is searched for.
    said
        Names and values in order, decoded.
    lenient
        Whether an unknown parameter is left out; otherwise it is refused.
    """
    if len(said) > MOST_FILTERS:
        raise BadControl("list", f"at most {MOST_FILTERS} long")
    search = Search(resource_type)
    for name, value in said:
        if name in IGNORED or (not value and not name.startswith("_")):
            continue
        try:
            search = _with_one(search, name, value)
        except UnknownParameter:
            if not lenient:
                raise
            search = replace(search, left_out=True)
        else:
            search = replace(search, used=(*search.used, (name, value)))
    return search


def _with_one(search: Search, name: str, value: str) -> Search:
    word, _, modifier = name.partition(":")
    if word in {"_include", "_revinclude"}:
        found = read_include(value, reverse=word == "_revinclude", iterate=modifier == "iterate")
        return replace(search, includes=(*search.includes, found))
    if word == "_sort":
        return replace(search, sort=tuple(_sorting(search.resource_type, value)))
    if word == "_elements":
        return replace(search, elements=tuple(part for part in value.split(",") if part))
    if word in CONTROLS:
        return CONTROLS[word](search, value)
    return replace(
        search, filters=(*search.filters, read_filter(search.resource_type, name, value))
    )


def _count(search: Search, value: str) -> Search:
    if not (value.isascii() and value.isdigit() and len(value) < 10):  # noqa: PLR2004
        raise BadControl("_count", "a whole number, 0 or more")
    wanted = int(value)
    if not wanted:
        return replace(search, summary="count")
    return replace(search, count=min(wanted, MOST_COUNT))


def _total(search: Search, value: str) -> Search:
    if value not in {"none", "estimate", "accurate"}:
        raise BadControl("_total", "none, estimate or accurate")
    return replace(search, total=value != "none")


def _summary(search: Search, value: str) -> Search:
    wanted = next((one for one in SUMMARIES if one == value), None)
    if wanted is None:
        raise BadControl("_summary", "true, text, data, count or false")
    return replace(search, summary=wanted)


CONTROLS = {"_count": _count, "_total": _total, "_summary": _summary}


def _sorting(resource_type: str, value: str) -> Iterable[tuple[Parameter, bool]]:
    for word in value.split(","):
        found = parameter(resource_type, word.removeprefix("-"))
        if found is None or found.type == "composite":
            raise UnknownParameter(resource_type)
        yield found, word.startswith("-")


def read_include(value: str, *, reverse: bool, iterate: bool) -> Include:
    """``Type:parameter[:Target]``, or ``*`` for every reference."""
    parts = value.split(":")
    if value == "*" and not reverse:
        return Include("*", "*")
    if len(parts) not in {2, 3} or parts[0] not in resource_types():
        raise BadControl("_include", "of the form Type:parameter or Type:parameter:Target")
    declared = parameter(parts[0], parts[1])
    if parts[1] != "*" and (declared is None or declared.type != "reference"):
        raise UnknownParameter(parts[0])
    target = parts[2] if len(parts) == 3 else ""  # noqa: PLR2004
    return Include(parts[0], parts[1], target, reverse=reverse, iterate=iterate)


def read_filter(resource_type: str, name: str, value: str, *, links: int = 0) -> Filter:
    """One condition: plain, chained (``subject:Patient.name``) or reversed (``_has:...``)."""
    if links > MOST_LINKS:
        raise BadControl("chain", f"at most {MOST_LINKS} links long")
    if name.startswith("_has:"):
        return _reversed(name, value, links=links)
    head, dot, rest = name.partition(".")
    word, _, modifier = head.partition(":")
    found = parameter(resource_type, word)
    if found is None:
        raise UnknownParameter(resource_type)
    if dot:
        return _chained(found, modifier, (rest, value), (resource_type, links))
    if modifier not in MODIFIERS[found.type] and not _names_type(found, modifier):
        raise UnknownParameter(resource_type)
    values = tuple(part for part in split(value, ",") if part)
    if not values or len(values) > MOST_VALUES:
        raise BadControl("value", f"between 1 and {MOST_VALUES} alternatives")
    return Filter(found, modifier, values)


def _names_type(found: Parameter, modifier: str) -> bool:
    return not modifier or (found.type == "reference" and modifier in resource_types())


def _chained(
    found: Parameter, modifier: str, asked: tuple[str, str], at: tuple[str, int]
) -> Filter:
    (rest, value), (resource_type, links) = asked, at
    wanted = (modifier,) if modifier else found.targets
    if found.type != "reference" or (modifier and modifier not in resource_types()):
        raise UnknownParameter(resource_type)
    leads = []
    for target in wanted:
        try:
            leads.append((target, read_filter(target, rest, value, links=links + 1)))
        except UnknownParameter:
            # A chain without a type asks only those types that know its last word.
            continue
    if not leads:
        raise UnknownParameter(resource_type)
    return Filter(found, modifier, target=tuple(leads))


def _reversed(name: str, value: str, *, links: int) -> Filter:
    """``_has:Observation:patient:code`` and chains of it."""
    parts = name.split(":", 3)
    if len(parts) != 4 or parts[1] not in resource_types():  # noqa: PLR2004
        raise BadControl("_has", "of the form _has:Type:reference:parameter")
    _, source, reference, rest = parts
    found = parameter(source, reference)
    if found is None or found.type != "reference":
        raise UnknownParameter(source)
    return Filter(found, source=(source, read_filter(source, rest, value, links=links + 1)))
