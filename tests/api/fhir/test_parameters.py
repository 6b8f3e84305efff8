"""Every declared search parameter: it stands on elements of the specification, and it finds.

The elements, their types and whether they repeat are those of the R4 models in `fhirclient`,
which HL7's definitions generated. For each place of each parameter a resource is made that holds
one value there and nothing else; the search must find it, and not one without.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.client import TestClient
from tests.api.conftest import ORIGIN, PASSWORD
from tests.api.fhir.conftest import take_in
from vitruvian.api import create_app
from vitruvian.api.routes.fhir.search.declared import Parameter, Place, parameters, resource_types
from vitruvian.lake import Lake

Json = dict[str, Any]
PLACES = [
    (resource_type, one, place)
    for resource_type, declared in parameters().items()
    for one in declared.values()
    for place in one.places
]
NAMES = [f"{kind}-{one.name}-{'.'.join(place.path)}" for kind, one, place in PLACES]
VALUES: dict[str, tuple[Any, str]] = {
    "CodeableConcept": ({"coding": [{"system": "urn:s", "code": "c1"}]}, "urn:s|c1"),
    "Coding": ({"system": "urn:s", "code": "c1"}, "urn:s|c1"),
    "Identifier": ({"system": "urn:s", "value": "v1"}, "urn:s|v1"),
    "ContactPoint": ({"system": "phone", "value": "555"}, "555"),
    "code": ("c1", "c1"),
    "id": ("1.2.3", "1.2.3"),
    "boolean": (True, "true"),
    "deceased": (True, "true"),
    "string": ("Zürich", "zur"),
    "uri": ("http://a.example/b", "http://a.example/b"),
    "date": ("2024-05-01", "2024-05"),
    "dateTime": ("2024-05-01T10:00:00Z", "2024-05-01"),
    "instant": ("2024-05-01T10:00:00Z", "2024-05-01"),
    "Period": ({"start": "2024-05-01", "end": "2024-05-02"}, "2024-05"),
    "Timing": ({"event": ["2024-05-01T10:00:00Z"]}, "2024-05-01"),
    "Quantity": ({"value": 5.4, "unit": "mg", "system": "urn:u", "code": "mg"}, "5.4|urn:u|mg"),
    "decimal": (0.25, "0.25"),
}
# The model's own words for what the specification calls otherwise.
ALIKE = {
    "Quantity": {"Quantity", "Age", "Duration", "SimpleQuantity"},
    "date": {"FHIRDate"},
    "dateTime": {"FHIRDate", "FHIRDateTime"},
    "instant": {"FHIRDate", "FHIRInstant"},
    "Reference": {"FHIRReference"},
    "code": {"str"},
    "id": {"str"},
    "uri": {"str"},
    "string": {"str"},
    "boolean": {"bool"},
    "decimal": {"float"},
}


def steps_of(place: Place) -> tuple[str, ...]:
    return ("deceasedBoolean",) if place.kind == "deceased" else place.path


@pytest.mark.parametrize("resource_type, one, place", PLACES, ids=NAMES)
def test_place__is_an_element_of_the_specification(
    resource_type: str, one: Parameter, place: Place
) -> None:
    pytest.importorskip("fhirclient", reason="fhirclient is not installed")
    module = importlib.import_module(f"fhirclient.models.{resource_type.lower()}")
    model: Any = getattr(module, resource_type)
    for number, step in enumerate(steps_of(place)):
        name, many = step.removesuffix("[]"), step.endswith("[]")
        elements = {element[1]: element for element in model().elementProperties()}
        assert name in elements
        assert elements[name][3] == many, f"{step}: whether it repeats"
        model = elements[name][2]
        last = number == len(place.path) - 1
        kind = "boolean" if place.kind == "deceased" else place.kind
        assert not last or model.__name__ in ALIKE.get(kind, {kind}), model.__name__


@pytest.mark.parametrize("resource_type", sorted(parameters()))
def test_declared__types_and_targets_are_of_the_specification(resource_type: str) -> None:
    kinds = {"token", "string", "reference", "date", "quantity", "number", "uri", "composite"}
    assert resource_type in resource_types()
    for one in parameters()[resource_type].values():
        assert one.type in kinds
        assert set(one.targets) <= resource_types()
        assert all(part in parameters()[resource_type] for part in one.parts)


def name_of(number: int) -> str:
    return f"place-{number}"


def made(number: int) -> Json:
    """A resource that holds one value at one place."""
    resource_type, one, place = PLACES[number]
    value: Any = reference_of(one) if place.kind == "Reference" else VALUES[place.kind][0]
    if place.only:
        value = {"system": place.only, "value": "555"}
    for step in reversed(steps_of(place)):
        value = {step.removesuffix("[]"): [value] if step.endswith("[]") else value}
    return {"resourceType": resource_type, "id": name_of(number), **value}


def reference_of(one: Parameter) -> Json:
    return {"reference": f"{target_of(one)}/t1"}


def target_of(one: Parameter) -> str:
    return one.targets[0] if one.targets else "Patient"


@pytest.fixture(scope="module")
def searching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """All of them in one lake, with an empty resource of each type."""
    folder: Path = tmp_path_factory.mktemp("places")
    empty = [{"resourceType": name, "id": "empty"} for name in parameters()]
    with Lake.create(folder / "lake", site="demo") as lake:
        take_in(lake, [*empty, *map(made, range(len(PLACES)))], folder)
        lake.accounts.create("rossi", display_name="Dr Rossi", role="clinician")
        lake.accounts.set_password("rossi", password=PASSWORD)
        with TestClient(create_app(lake), base_url=ORIGIN) as client:
            client.auth = httpx.BasicAuth("rossi", PASSWORD)
            yield client


def ids(client: TestClient, resource_type: str, said: dict[str, str]) -> set[str]:
    answer = client.get(f"/fhir/{resource_type}", params={**said, "_count": "1000"})
    assert answer.status_code == 200, answer.text
    return {entry["resource"]["id"] for entry in answer.json().get("entry", [])}


@pytest.mark.parametrize("number", range(len(PLACES)), ids=NAMES)
def test_parameter__finds_the_value_at_each_of_its_places(
    searching: TestClient, number: int
) -> None:
    resource_type, one, place = PLACES[number]
    value = f"{target_of(one)}/t1" if place.kind == "Reference" else VALUES[place.kind][1]
    if (one.type, place.kind) == ("token", "string"):
        value = VALUES["string"][0]  # a token is compared whole
    found = ids(searching, resource_type, {one.name: value})
    assert name_of(number) in found
    assert "empty" not in found


@pytest.mark.parametrize("resource_type", sorted(parameters()))
def test_missing__tells_those_without_from_those_with(
    searching: TestClient, resource_type: str
) -> None:
    numbers = [n for n, (kind, _, place) in enumerate(PLACES)
               if kind == resource_type and place.kind != "deceased"]  # fmt: skip
    number = numbers[len(numbers) // 2]
    name = PLACES[number][1].name
    assert "empty" in ids(searching, resource_type, {f"{name}:missing": "true"})
    assert name_of(number) in ids(searching, resource_type, {f"{name}:missing": "false"})
