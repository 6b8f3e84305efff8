"""The declared search parameters, read from parameters.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vitruvian.ingest.live import types_of

NAME_PARTS = ("family", "given[]", "prefix[]", "suffix[]", "text")
ADDRESS_PARTS = ("line[]", "city", "district", "state", "postalCode", "country", "text")
SUBJECTS = ("subject", "patient", "beneficiary")
_PLACE = re.compile(r"(?P<path>[\w.\[\]]+):(?P<kind>\w+)(?:\((?P<only>\w+)\))?")


@dataclass(frozen=True)
class Place:
    """Where values of a parameter stand.

    Parameters
    ----------
    path
        Element names from the resource down; ``[]`` after one that repeats.
    kind
        FHIR data type of what stands there.
    only
        For contact points: the only system that counts.
    """

    path: tuple[str, ...]
    kind: str
    only: str | None = None

    @property
    def is_subject(self) -> bool:
        """Whether it names whom the resource is about, which ingestion has resolved."""
        return len(self.path) == 1 and self.path[0] in SUBJECTS


@dataclass(frozen=True)
class Parameter:
    """One search parameter of one type."""

    name: str
    type: str
    places: tuple[Place, ...] = ()
    targets: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


COMMON = {
    "_id": Parameter("_id", "token"),
    "_lastUpdated": Parameter("_lastUpdated", "date"),
    "_tag": Parameter("_tag", "token", (Place(("meta", "tag[]"), "Coding"),)),
    "_security": Parameter("_security", "token", (Place(("meta", "security[]"), "Coding"),)),
    "_profile": Parameter("_profile", "uri", (Place(("meta", "profile[]"), "uri"),)),
    "_source": Parameter("_source", "uri", (Place(("meta", "source"), "uri"),)),
}


def resource_types() -> frozenset[str]:
    """The resource types of FHIR R4."""
    return types_of("fhir")


@cache
def parameters() -> Mapping[str, Mapping[str, Parameter]]:
    """By resource type and name, those of every type left out."""
    text = (Path(__file__).parent / "parameters.toml").read_text("utf-8")
    return {
        resource_type: {name: _parameter(name, line) for name, line in lines.items()}
        for resource_type, lines in tomllib.loads(text).items()
    }


def parameter(resource_type: str, name: str) -> Parameter | None:
    """The parameter of that name; None when the type does not declare it."""
    return COMMON.get(name) or parameters().get(resource_type, {}).get(name)


def _parameter(name: str, line: str) -> Parameter:
    kind, _, rest = line.partition(" ")
    if kind == "composite":
        return Parameter(name, kind, parts=tuple(part.strip() for part in rest.split("&")))
    written, _, targets = rest.partition("->")
    places = tuple(place for said in written.split("|") for place in _places(said.strip()))
    return Parameter(name, kind, places, tuple(targets.split()))


def _places(said: str) -> list[Place]:
    """One place, or one for each part of a name or an address."""
    found = _PLACE.fullmatch(said)
    if found is None:
        raise ValueError(said)
    path, kind = tuple(found["path"].split(".")), found["kind"]
    parts = {"HumanName": NAME_PARTS, "Address": ADDRESS_PARTS}.get(kind)
    if parts is None:
        return [Place(path, kind, found["only"])]
    return [Place((*path, part), "string") for part in parts]
