"""Whether every element of a FHIR R4 resource is a list, an object or a single value as declared.

References
----------
HL7 FHIR R4 (4.0.1), section 2.6.2 "JSON Representation of Resources": repeating elements are
arrays, primitives have a sibling with a leading underscore for their id and extensions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from vitruvian.views.elements import PRIMITIVES, elements_of

LIST = "a list"
OBJECT = "an object"
SINGLE = "a single value"


@dataclass(frozen=True)
class Fault:
    """The first element of the wrong shape: its JSON pointer, and what stands there by FHIR."""

    pointer: str
    expected: str


@dataclass(frozen=True)
class _Slot:
    """What may stand at one name: the type of its object ('' for a primitive), and how often."""

    kind: str
    many: bool


@dataclass(frozen=True)
class _Place:
    value: Any
    slot: _Slot
    pointer: str


def find_fault(resource: Any, kind: str) -> Fault | None:
    """First element, in the order written, whose shape is not the one of FHIR R4.

    Parameters
    ----------
    resource
        A resource as parsed from JSON. Names that FHIR does not know pass, and so does null.
    kind
        Its resource type. Contained resources are looked at as what they say they are.

    Examples
    --------
    >>> find_fault({"name": [{"given": ["Ada"]}, {"given": "Ada"}]}, "Patient")
    Fault(pointer='/name/1/given', expected='a list')
    >>> find_fault({"name": [{"given": ["Ada"]}]}, "Patient") is None
    True
    """
    # A stack of our own: extensions and items nest as deep as their sender likes.
    waiting = [_Place(resource, _Slot(kind, many=False), "")]
    while waiting:
        place = waiting.pop()
        expected = _expected_instead(place)
        if expected is not None:
            return Fault(place.pointer, expected)
        waiting.extend(reversed(list(_inside(place))))
    return None


def _expected_instead(place: _Place) -> str | None:
    """What should stand at a place; None when it does."""
    value, slot = place.value, place.slot
    if value is None:
        return None
    if slot.many:
        return None if isinstance(value, list) else LIST
    if slot.kind:
        return None if isinstance(value, dict) else OBJECT
    return SINGLE if isinstance(value, dict | list) else None


def _inside(place: _Place) -> Iterator[_Place]:
    value, slot = place.value, place.slot
    if isinstance(value, list):
        one = _Slot(slot.kind, many=False)
        for number, item in enumerate(value):
            yield _Place(item, one, f"{place.pointer}/{number}")
    elif isinstance(value, dict):
        slots = _slots(_kind_of(value, slot.kind))
        for name, item in value.items():
            if name in slots:
                yield _Place(item, slots[name], f"{place.pointer}/{name}")


def _kind_of(value: dict[str, Any], declared: str) -> str:
    return str(value.get("resourceType", "")) if declared == "Resource" else declared


@cache
def _slots(kind: str) -> dict[str, _Slot]:
    """JSON name -> what may stand there, for one type; empty for a type that R4 lacks."""
    found: dict[str, _Slot] = {}
    for element in elements_of(kind):
        for one in element.types:
            name = element.json_name(one)
            primitive = one in PRIMITIVES
            found[name] = _Slot("" if primitive else one, element.many)
            if primitive:
                found[f"_{name}"] = _Slot("Element", element.many)
    return found
