"""Resources that come along with a page: those referred to, and those that refer.

References
----------
HL7 FHIR R4 (4.0.1), 3.1.1.5.4 _include and _revinclude.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from vitruvian.api.routes.fhir.json import Json
from vitruvian.api.routes.fhir.search.declared import Parameter, parameter, parameters
from vitruvian.api.routes.fhir.search.request import Include, Search
from vitruvian.api.routes.fhir.search.sql import any_of
from vitruvian.api.routes.fhir.search.statement import HEAD, key_among, resources
from vitruvian.api.routes.fhir.serving.finding import KEY_COLUMNS, Finder
from vitruvian.api.routes.fhir.serving.stored import (
    Stored,
    current_ids,
    key_rows,
    load,
    subjects_among,
    versions_of,
)

MOST_INCLUDED = 1000
MOST_ROUNDS = 5
_LITERAL = re.compile(r"(?:^|/)([A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})(?:/_history/[^/]+)?$")
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?identifier=(.+)")


def values_at(content: Any, path: Sequence[str]) -> Iterator[Any]:
    """What stands at a path of a parsed resource.

    Examples
    --------
    >>> list(values_at({"name": [{"given": ["A", "B"]}]}, ("name[]", "given[]")))
    ['A', 'B']
    """
    if not path:
        yield content
        return
    step = path[0]
    below = content.get(step.removesuffix("[]")) if isinstance(content, dict) else None
    many = below if step.endswith("[]") and isinstance(below, list) else [below]
    for one in many:
        if one is not None:
            yield from values_at(one, path[1:])


def all_references(content: Any) -> Iterator[str]:
    """Every reference anywhere in a resource."""
    if isinstance(content, dict):
        said = content.get("reference")
        if isinstance(said, str):
            yield said
        for value in content.values():
            yield from all_references(value)
    elif isinstance(content, list):
        for value in content:
            yield from all_references(value)


def look_up_key(reference: str, targets: Iterable[str]) -> Iterator[str]:
    """The look-up keys at which a reference may lead to something.

    Examples
    --------
    >>> list(look_up_key("http://a.example/fhir/Patient/1/_history/2", ()))
    ['Patient/1']
    """
    literal = _LITERAL.search(reference)
    if literal is not None:
        yield literal[1]
    elif reference.startswith("urn:uuid:"):
        yield from (f"{target}/{reference.removeprefix('urn:uuid:')}" for target in targets)
    else:
        conditional = _CONDITIONAL.fullmatch(reference)
        if conditional is not None:
            yield f"{conditional[1]}?{conditional[2]}"


class Follower:
    """Finds what a page brings along."""

    def __init__(self, finder: Finder, search: Search) -> None:
        self._finder = finder
        self._search = search
        self._seen: set[str] = set()

    def along(self, page: Sequence[tuple[Stored, Json]]) -> list[tuple[Stored, Json]]:
        """The resources that the search's includes add to a page, each once."""
        self._seen = {stored.version.key for stored, _ in page}
        found: list[tuple[Stored, Json]] = []
        latest, includes = list(page), list(self._search.includes)
        for _ in range(MOST_ROUNDS):
            latest = self._one_round(latest, includes)[: MOST_INCLUDED - len(found)]
            found += latest
            includes = [one for one in includes if one.iterate]
            if not latest or not includes:
                break
        return found

    def _one_round(
        self, page: Sequence[tuple[Stored, Json]], includes: Sequence[Include]
    ) -> list[tuple[Stored, Json]]:
        keys: dict[str, None] = {}
        for include in includes:
            found = self._referring(page, include) if include.reverse else _named(page, include)
            keys.update(dict.fromkeys(found))
        wanted = [key for key in keys if key not in self._seen][:MOST_INCLUDED]
        self._seen.update(wanted)
        return [(stored, stored.resource()) for stored in self._current(wanted)]

    def _current(self, keys: Sequence[str]) -> list[Stored]:
        """The versions that hold now of resources at look-up keys."""
        reader, versions = self._finder.reader, []
        for several in versions_of(reader, self._literal(keys)).values():
            holding = several if len(several) == 1 else [
                one for one in several if one.version_id in current_ids(reader, several)
            ]  # fmt: skip
            versions += holding[-1:]
        return [one for one in load(reader, versions) if not one.deleted]

    def _literal(self, keys: Sequence[str]) -> list[str]:
        """``Type/id`` for every key, also for those by identifier."""
        conditional = [key for key in keys if "?" in key]
        found = {key: None for key in keys if "?" not in key}
        if conditional:
            rows = key_rows(self._finder.reader, conditional, columns=KEY_COLUMNS)
            found.update({f"{row['resource_type']}/{row['resource_id']}": None for row in rows})
        return list(found)

    def _referring(self, page: Sequence[tuple[Stored, Json]], include: Include) -> Iterator[str]:
        """Resources of the include's type that refer to one on the page."""
        here = [stored for stored, _ in page]
        if include.target:
            here = [one for one in here if one.version.resource_type == include.target]
        if not here:
            return
        keys = [one.version.key for one in here]
        keys += [f"urn:uuid:{one.version.resource_id}" for one in here]
        for declared in _parameters(include):
            yield from self._pointing(include.source, declared, (here, keys))

    def _pointing(
        self, source: str, declared: Parameter, there: tuple[Sequence[Stored], list[str]]
    ) -> list[str]:
        here, keys = there
        test = any_of(key_among(place, keys) for place in declared.places)
        patients = all(one.version.resource_type == "Patient" for one in here)
        of_subject = all(place.is_subject for place in declared.places)
        subjects = subjects_among(one.version.subject_id for one in here)
        near = subjects if patients and of_subject else None
        sql = (
            f"SELECT resource_type || '/' || resource_id AS key FROM (SELECT {HEAD} FROM "  # noqa: S608  our own text; values are bound
            f"{resources(source)} WHERE {'true' if near else test.text} ORDER BY recorded_at DESC, "
            f"resource_id LIMIT {MOST_INCLUDED})"
        )
        rows = self._finder.reader.query(
            sql, tables=["resource"], params=() if near else test.values, subjects=near
        )
        names: list[str] = rows.column("key").to_pylist()
        return names


def _parameters(include: Include) -> list[Parameter]:
    if include.parameter != "*":
        found = parameter(include.source, include.parameter)
        return [] if found is None else [found]
    declared = parameters().get(include.source, {}).values()
    return [one for one in declared if one.type == "reference"]


def _named(page: Sequence[tuple[Stored, Json]], include: Include) -> Iterator[str]:
    """Look-up keys of what the page's resources refer to."""
    for stored, content in page:
        if include.source == "*":
            for said in all_references(content):
                yield from look_up_key(said, ("Patient", "Encounter", "Practitioner"))
        elif stored.version.resource_type == include.source:
            for declared in _parameters(include):
                yield from _keys_named(content, declared, include.target)


def _keys_named(content: Json, declared: Parameter, target: str) -> Iterator[str]:
    targets = (target,) if target else declared.targets
    for place in declared.places:
        for said in values_at(content, (*place.path, "reference")):
            if isinstance(said, str):
                for key in look_up_key(said, targets):
                    kind = re.split(r"[/?]", key)[0]
                    if not targets or kind in targets:
                        yield key
