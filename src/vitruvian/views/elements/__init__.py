"""What FHIR R4 says about its elements: which types an element has, and whether it repeats.

References
----------
HL7 FHIR R4 (4.0.1), structure definitions of all resources and data types, CC0.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

_PRIMITIVES = (
    "base64Binary boolean canonical code date dateTime decimal id instant integer markdown oid "
    "positiveInt string time unsignedInt uri url uuid xhtml"
)
PRIMITIVES = frozenset(_PRIMITIVES.split())


@dataclass(frozen=True)
class Element:
    """One element of a FHIR type.

    `types` holds several names for a choice element (`value[x]`); `many` tells whether it
    repeats (upper cardinality above one); `choice` whether its JSON name carries the type.
    """

    name: str
    types: tuple[str, ...]
    many: bool
    choice: bool = False

    def json_name(self, kind: str) -> str:
        """Name in JSON of this element when it is of one type (`value` -> `valueQuantity`)."""
        return f"{self.name}{kind[0].upper()}{kind[1:]}" if self.choice else self.name


@cache
def _table() -> tuple[Mapping[str, Mapping[str, Element]], Mapping[str, str]]:
    """Own elements of every type, and the parent of every type that has one."""
    own: dict[str, dict[str, Element]] = {}
    parents: dict[str, str] = {}
    text = resources.files(__package__).joinpath("r4.csv").read_text(encoding="utf-8")
    for kind, name, types, cardinality in csv.reader(text.splitlines()):
        if not name:
            parents[kind] = types
            continue
        element = Element(name, tuple(types.split("|")), cardinality == "*", "|" in types)
        own.setdefault(kind, {})[name] = element
    return own, parents


def find_element(kind: str, name: str) -> Element | None:
    """Element `name` of a FHIR type, its parents included; None when R4 has no such element.

    Examples
    --------
    >>> find_element("Patient", "birthDate")
    Element(name='birthDate', types=('date',), many=False, choice=False)
    >>> find_element("Patient", "id").types
    ('id',)
    >>> find_element("Patient", "species") is None
    True
    """
    own, parents = _table()
    while kind:
        found = own.get(kind, {}).get(name)
        if found is not None:
            return found
        kind = parents.get(kind, "")
    return None


def elements_of(kind: str) -> list[Element]:
    """All elements of a FHIR type, those of its parents last; none when R4 has no such type.

    Examples
    --------
    >>> [element.name for element in elements_of("Narrative")]
    ['div', 'status', 'extension', 'id']
    """
    own, parents = _table()
    found: list[Element] = []
    while kind:
        found += own.get(kind, {}).values()
        kind = parents.get(kind, "")
    return found


@cache
def is_resource(kind: str) -> bool:
    """Whether a name is that of a FHIR R4 resource type."""
    _, parents = _table()
    while kind in parents:
        kind = parents[kind]
    return kind == "Resource"


def is_type(kind: str) -> bool:
    """Whether a name is that of any FHIR R4 type, primitive, complex or resource."""
    own, parents = _table()
    return kind in PRIMITIVES or kind in own or kind in parents
