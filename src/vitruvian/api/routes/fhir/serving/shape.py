"""What of a resource is shown: all, a summary, or chosen elements.

References
----------
HL7 FHIR R4 (4.0.1), 3.1.1.5.8 _summary and 3.1.1.5.9 _elements.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from vitruvian.api.routes.fhir.json import Json
from vitruvian.api.routes.fhir.search.request import Search

ALWAYS = frozenset({"resourceType", "id", "meta", "implicitRules", "language"})
SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}


@cache
def _said() -> Mapping[str, Mapping[str, frozenset[str]]]:
    text = (Path(__file__).parent / "elements.toml").read_text("utf-8")
    return {
        part: {name: frozenset(words.split()) for name, words in lines.items()}
        for part, lines in tomllib.loads(text).items()
    }


def shaped(resource: Json, search: Search) -> Json:
    """A resource as the search wants it shown; marked when anything may be left out."""
    kept = _kept(resource["resourceType"], search)
    if kept is None and search.summary != "data":
        return resource
    shown = {
        key: value
        for key, value in resource.items()
        if (key != "text" if kept is None else key in kept or key.removeprefix("_") in kept)
    }
    meta = resource["meta"]
    tags = meta.get("tag") if isinstance(meta.get("tag"), list) else []
    return {**shown, "meta": {**meta, "tag": [*tags, SUBSETTED]}}


def _kept(resource_type: str, search: Search) -> frozenset[str] | None:
    """The elements that stay; None for all of them."""
    mandatory = _said()["mandatory"].get(resource_type, frozenset())
    if search.elements:
        prefix = f"{resource_type}."
        return ALWAYS | mandatory | {word.removeprefix(prefix) for word in search.elements}
    if search.summary == "text":
        return ALWAYS | mandatory | {"text"}
    if search.summary == "true":
        listed = _said()["summary"].get(resource_type)
        return None if listed is None else ALWAYS | listed
    return None
