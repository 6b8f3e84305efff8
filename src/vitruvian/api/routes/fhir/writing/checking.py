"""Whether what was sent can be stored as a resource."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from vitruvian.api.routes.fhir.json import Json, NotJson, parsed, written
from vitruvian.api.routes.fhir.outcome import BadRequest
from vitruvian.api.routes.fhir.search.declared import resource_types
from vitruvian.views.elements.shape import find_fault

ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
VOLATILE = ("versionId", "lastUpdated")
MOST_DEEP = 100


class BadResource(BadRequest):
    """What was sent is no resource that can be stored at this address."""

    def __init__(self, *, why: str) -> None:
        super().__init__(f"What was sent cannot be stored: {why}.")


def read_resource(data: bytes) -> Json:
    """The JSON object of a resource; raises `BadResource`."""
    try:
        content = parsed(data)
    except NotJson:
        raise BadResource(why="it is not JSON") from None
    return checked(content)


def checked(content: Any) -> Json:
    """The same for JSON in hand."""
    if not isinstance(content, dict):
        raise BadResource(why="it is not a JSON object")
    kind = content.get("resourceType")
    if not isinstance(kind, str) or kind not in resource_types() | {"Bundle"}:
        raise BadResource(why="its resourceType is none of FHIR R4")
    said = content.get("id")
    if said is not None and not (isinstance(said, str) and ID.fullmatch(said)):
        raise BadResource(why="its id is not 1 to 64 letters, digits, dots or dashes")
    _check_depth(content)
    _check_shapes(content)
    return content


def _check_shapes(content: Json) -> None:
    """Refuse an element that is a list, an object or a single value where FHIR has another."""
    if content["resourceType"] == "Bundle":
        return  # each of its entries is checked by itself, so that a bad one stands alone
    fault = find_fault(content, content["resourceType"])
    if fault is not None:
        raise BadResource(
            why=f"its {fault.pointer} is of the wrong shape, expected {fault.expected}"
        )


def _check_depth(content: Any) -> None:
    """Refuse what is nested deeper than any resource is."""
    level: Iterable[Any] = [content]
    for _ in range(MOST_DEEP):
        level = [
            below
            for one in level
            if isinstance(one, dict | list)
            for below in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return
    raise BadResource(why=f"it is nested deeper than {MOST_DEEP}")


def of_type(content: Json, resource_type: str, *, resource_id: str | None = None) -> Json:
    """The resource, when it is of the type (and id) that its address says."""
    if content["resourceType"] != resource_type:
        raise BadResource(why="its resourceType is not that of its address")
    if resource_id is not None and content.get("id") != resource_id:
        raise BadResource(why="its id is not that of its address")
    return content


def text_of(content: Json, *, resource_id: str) -> str:
    """What is stored: the resource with its id, without what only a server says in meta."""
    meta = content.get("meta") or {}
    kept = {key: value for key, value in meta.items() if key not in VOLATILE}
    head = {"resourceType": content["resourceType"], "id": resource_id}
    if kept:
        head["meta"] = kept
    rest = {key: value for key, value in content.items() if key not in {*head, "meta"}}
    try:
        return written(head | rest).decode()
    except NotJson:
        raise BadResource(why="it holds text that is not Unicode") from None


def with_references(content: Any, known: Mapping[str, str]) -> Any:
    """The same with every reference, and every link in text, that is known put in its place."""
    if isinstance(content, dict):
        return {
            key: known.get(value, value)
            if key in {"reference", "url", "uri"} and isinstance(value, str)
            else with_references(value, known)
            for key, value in content.items()
        }
    if isinstance(content, list):
        return [with_references(one, known) for one in content]
    return content
