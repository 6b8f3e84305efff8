"""What R4 says about its elements, checked against a few pages of the standard by hand."""

from __future__ import annotations

import pytest

from vitruvian.views.elements import find_element, is_resource


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
