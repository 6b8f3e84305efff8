"""What R4 says about its elements, checked against a few pages of the standard by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from vitruvian.views.elements import Element, find_element, is_resource


@pytest.mark.parametrize(
    "kind, name, types, many",
    [
        ("Patient", "birthDate", ("date",), False),
        ("Patient", "name", ("HumanName",), True),
        ("Patient", "contained", ("Resource",), True),
        ("HumanName", "given", ("string",), True),
        ("Age", "value", ("decimal",), False),
        ("Quantity", "code", ("code",), False),
        ("Reference", "identifier", ("Identifier",), False),
        ("Observation", "issued", ("instant",), False),
        ("Timing", "event", ("dateTime",), True),
        ("QuestionnaireResponse.item.answer", "item", ("QuestionnaireResponse.item",), True),
        ("Patient.contact", "modifierExtension", ("Extension",), True),
    ],
)
def test_element__has_the_types_and_cardinality_of_r4(
    kind: str, name: str, types: tuple[str, ...], many: bool
) -> None:
    found = find_element(kind, name)
    assert found is not None
    assert (found.types, found.many) == (types, many)


def test_choice__carries_its_type_in_its_json_name() -> None:
    value = find_element("Observation", "value")
    assert value is not None
    assert value.json_name("dateTime") == "valueDateTime"
    assert value.json_name("Quantity") == "valueQuantity"
    assert "decimal" not in value.types


@pytest.mark.parametrize("name", ["Patient", "Observation", "Bundle", "Binary", "Parameters"])
def test_resource_type__is_known(name: str) -> None:
    assert is_resource(name)


@pytest.mark.parametrize("name", ["HumanName", "Element", "Patient.contact", "Patiet", ""])
def test_other_names__are_no_resource_types(name: str) -> None:
    assert not is_resource(name)


# ------------------------------------------------------------- on real records


def misfits(kind: str, node: Mapping[str, Any], path: str) -> Iterator[str]:
    """Members of a JSON object that the element table does not foresee, by path."""
    for key, value in node.items():
        if key == "resourceType" or key.startswith("_"):
            continue
        found = [
            (one, type_)
            for one in candidates(kind, key)
            for type_ in one.types
            if one.json_name(type_) == key
        ]
        if not found or isinstance(value, list) != found[0][0].many:
            yield f"{path}.{key}"
            continue
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                inside = str(item.get("resourceType", found[0][1]))
                yield from misfits(inside, item, f"{path}.{key}")


def candidates(kind: str, key: str) -> list[Element]:
    """Elements that may stand behind a JSON name: itself, or a choice it begins with."""
    starts = [key, *(key[:end] for end in range(1, len(key)) if key[end].isupper())]
    return [one for one in (find_element(kind, start) for start in starts) if one is not None]


def test_element_table__foresees_every_member_of_the_published_examples(real_data: Path) -> None:
    files = sorted((real_data / "clinical" / "fhir-r4-examples").glob("*.json"))
    wrong: list[str] = []
    for path in files:
        resource = json.loads(path.read_text("utf-8"))
        wrong += misfits(resource["resourceType"], resource, resource["resourceType"])
    assert len(files) > 20
    assert sorted(set(wrong)) == []
