"""A whole search as one SELECT over the resources as the door shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from vitruvian.api.routes.fhir.search import dates
from vitruvian.api.routes.fhir.search.conditions import (
    folded,
    key_sql,
    plain_condition,
    reference_condition,
    reference_keys,
)
from vitruvian.api.routes.fhir.search.declared import Parameter, Place, parameter
from vitruvian.api.routes.fhir.search.request import Filter, Search
from vitruvian.api.routes.fhir.search.sql import (
    Sql,
    all_of,
    any_of,
    listed,
    negated,
    path_text,
    repeats,
    where_any,
)
from vitruvian.api.routes.fhir.search.words import BadValue, plain, split, token

SubjectsOf = Callable[[Sequence[str]], Sequence[int]]
HEAD = "version_id, subject_id, site, resource_type, resource_id"
_CODES = {"CodeableConcept": ("coding[]", "code"), "Coding": ("code",), "Identifier": ("value",)}


@dataclass(frozen=True)
class Statement:
    """Builds the SELECT of one search.

    Parameters
    ----------
    subjects_of
        Gives the subjects of patients named as ``Patient/id``.
    now
        For dates that are approximately.
    """

    subjects_of: SubjectsOf
    now: datetime

    def select(self, search: Search, *, among: Sequence[int] | None) -> Sql:
        """Every fitting resource in the order asked for.

        Parameters
        ----------
        search
            What is asked.
        among
            The only subjects that can fit; None when any can.
        """
        conditions = [self.condition(search.resource_type, one) for one in search.filters]
        if among is not None:
            conditions.append(Sql("list_contains(?::BIGINT[], subject_id)", (list(among),)))
        where = all_of(conditions)
        order = ", ".join([*map(sort_sql, search.sort), "recorded_at DESC", "resource_id", "site"])
        rows = resources(search.resource_type)
        text = f"SELECT {HEAD} FROM {rows} WHERE {where.text} ORDER BY {order}"  # noqa: S608  our own text; values are bound
        return Sql(text, where.values)

    def condition(self, resource_type: str, asked: Filter) -> Sql:
        """One condition on resources of a type."""
        if asked.source is not None:
            return self._referred_to(resource_type, asked)
        if asked.target:
            return any_of(
                self._leads_to(place, *lead) for place in asked.parameter.places
                for lead in asked.target
            )  # fmt: skip
        if asked.parameter.name in SPECIAL:
            return SPECIAL[asked.parameter.name](asked, self.now)
        if asked.parameter.type == "composite":
            return any_of(self._together(resource_type, asked, one) for one in asked.values)
        if asked.parameter.type == "reference" and asked.modifier != "missing":
            return any_of(self._reference(asked, place) for place in asked.parameter.places)
        return plain_condition(asked, now=self.now)

    def _reference(self, asked: Filter, place: Place) -> Sql:
        """A reference; whom a resource is about was resolved when it was taken in."""
        literal = reference_condition(asked, place)
        if not place.is_subject or asked.modifier == "identifier":
            return literal
        patients = patient_keys(asked)
        if not patients:
            return literal
        subjects = Sql(
            "list_contains(?::BIGINT[], subject_id)", (list(self.subjects_of(patients)),)
        )
        return any_of([subjects, literal])

    def _together(self, resource_type: str, asked: Filter, value: str) -> Sql:
        """A composite: each part holds."""
        values = split(value, "$")
        parts = [parameter(resource_type, name) for name in asked.parameter.parts]
        if len(values) != len(parts):
            raise BadValue("composite", expected="its parts with $ between them")
        return all_of(
            plain_condition(Filter(part, values=(one,)), now=self.now)
            for part, one in zip(parts, values, strict=True)
            if part is not None
        )

    def _leads_to(self, place: Place, target: str, asked: Filter) -> Sql:
        """A chain: the reference leads to a resource of that type which fits."""
        inner = self.condition(target, asked)
        found = f"FROM {resources(target)} WHERE {inner.text}"
        if place.is_subject and target == "Patient":
            return Sql(f"coalesce(subject_id IN (SELECT subject_id {found}), false)", inner.values)
        keys = "[resource_type || '/' || resource_id, 'urn:uuid:' || resource_id]"
        path = (*place.path, "reference")
        if repeats(path):
            here = f"list_transform({listed(path)}, lambda v: {key_sql('v')})"
            there = f"(SELECT coalesce(flatten(list({keys})), []::VARCHAR[]) {found})"
            return Sql(f"coalesce(list_has_any({here}, {there}), false)", inner.values)
        text = key_sql(f"json_extract_string(doc, {path_text(path)})")
        return Sql(f"coalesce({text} IN (SELECT unnest({keys}) {found}), false)", inner.values)

    def _referred_to(self, resource_type: str, asked: Filter) -> Sql:
        """``_has``: a resource of another type that fits refers here."""
        source, inner_filter = asked.source or ("", asked)
        inner = self.condition(source, inner_filter)
        found = f"FROM {resources(source)} WHERE {inner.text}"
        return any_of(
            _points_here(resource_type, place, Sql(found, inner.values))
            for place in asked.parameter.places
        )


def _points_here(resource_type: str, place: Place, found: Sql) -> Sql:
    if place.is_subject and resource_type == "Patient":
        return Sql(f"coalesce(subject_id IN (SELECT subject_id {found.text}), false)", found.values)
    keys = f"list_transform({listed((*place.path, 'reference'))}, lambda v: {key_sql('v')})"
    there = f"(SELECT unnest({keys}) {found.text})"
    here = f"resource_type || '/' || resource_id IN {there}"
    again = f"'urn:uuid:' || resource_id IN {there}"
    return Sql(f"coalesce({here}, false) OR coalesce({again}, false)", found.values * 2)


def resources(resource_type: str) -> str:
    """The current resources of one type, in SQL; the type is one of a closed list."""
    return (
        f"(SELECT {HEAD}, recorded_at, "  # noqa: S608 - a type of a closed list
        f"CASE WHEN resource_type = '{resource_type}' THEN decode(bytes) END AS doc "
        f"FROM resource WHERE resource_type = '{resource_type}' AND NOT deleted)"
    )


def patient_keys(asked: Filter) -> tuple[str, ...]:
    """The patients that a reference names, as ``Patient/id``."""
    found: list[str] = []
    for value in asked.values:
        found += reference_keys(value, asked.modifier, asked.parameter.targets)
    return tuple(key for key in dict.fromkeys(found) if key.startswith("Patient/"))


# ------------------------------------------------------------------ what stands beside the JSON


def _id_condition(asked: Filter, _: datetime) -> Sql:
    if asked.modifier == "missing":
        return Sql("false" if asked.values == ("true",) else "true")
    wanted = [token(value).code for value in asked.values]
    found = Sql("list_contains(?::VARCHAR[], resource_id)", (wanted,))
    return negated(found) if asked.modifier == "not" else found


def _updated_condition(asked: Filter, now: datetime) -> Sql:
    if asked.modifier == "missing":
        return Sql("false" if asked.values == ("true",) else "true")
    at = "timezone('UTC', recorded_at)"
    ends = at, f"({at} + INTERVAL 1 MICROSECOND)"
    return any_of(dates.compared(dates.date_value(plain(v)), ends, now=now) for v in asked.values)


SPECIAL: dict[str, Callable[[Filter, datetime], Sql]] = {
    "_id": _id_condition,
    "_lastUpdated": _updated_condition,
}


# ------------------------------------------------------------------ order


def sort_sql(wish: tuple[Parameter, bool]) -> str:
    """The words of ORDER BY for one parameter; what has no value comes last."""
    found, descending = wish
    direction = "DESC" if descending else "ASC"
    if found.name in {"_id", "_lastUpdated"}:
        column = "resource_id" if found.name == "_id" else "recorded_at"
        return f"{column} {direction}"
    lists = ", ".join(_sort_list(found.type, place) for place in found.places)
    pick = "list_max" if descending else "list_min"
    return f"{pick}(flatten([{lists}])) {direction} NULLS LAST"


def _sort_list(kind: str, place: Place) -> str:
    """The values at a place as a list that can be ordered."""
    ends: tuple[str, ...]
    if kind == "date":
        ends = {"Period": ("start",), "Timing": ("event[]",)}.get(place.kind, ())
        return f"list_transform({listed((*place.path, *ends))}, lambda e: {dates.low_sql('e')})"
    if kind in {"quantity", "number"}:
        ends = ("value",) if kind == "quantity" else ()
        texts = listed((*place.path, *ends))
        return f"list_transform({texts}, lambda e: try_cast(e AS DOUBLE))"
    if kind == "string":
        return f"list_transform({listed(place.path)}, lambda e: {folded('e')})"
    ends = ("reference",) if kind == "reference" else _CODES.get(place.kind, ())
    return listed((*place.path, *ends))


def key_among(place: Place, keys: Iterable[str]) -> Sql:
    """A reference at a place leads to one of these ``Type/id``."""
    wanted = list(keys)
    return where_any(
        (*place.path, "reference"),
        lambda text: Sql(f"list_contains(?::VARCHAR[], {key_sql(text)})", (wanted,)),
        text=True,
    )
