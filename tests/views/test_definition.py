"""ViewDefinitions that cannot be used, each refused with its place; then good ones."""

from __future__ import annotations

from typing import Any

import pytest

from tests.views.support import column, rows, view_of
from vitruvian.base.errors import BadInput
from vitruvian.views import InvalidPath, InvalidView, compile_view, parse_view

ID = {"column": [column("id", "id")]}

REFUSED: dict[str, tuple[Any, str]] = {
    "text that is not JSON": ("{", "/"),
    "a list": ("[]", "/"),
    "another resource": ({"resourceType": "Patient"}, "/"),
    "no resource": ({"select": [ID]}, "/resource"),
    "an unknown resource": (view_of("Patiet", ID), "/resource"),
    "a data type for a resource": (view_of("HumanName", ID), "/resource"),
    "no select": ({"resource": "Patient"}, "/select"),
    "an empty list of selects": (view_of("Patient"), "/select"),
    "a select that is text": (view_of("Patient", "id"), "/select/0"),  # type: ignore[arg-type]
    "selects that are no list": ({"resource": "Patient", "select": ID}, "/select"),
    "a select of nothing": (view_of("Patient", {"forEach": "name"}), "/select/0"),
    "a nested select of nothing": (view_of("Patient", {"select": [{}]}), "/select/0/select/0"),
    "a column without a name": (
        view_of("Patient", {"column": [{"path": "id"}]}),
        "/select/0/column/0/name",
    ),
    "a column name SQL cannot take": (
        view_of("Patient", {"column": [column("1 id", "id")]}),
        "/select/0/column/0/name",
    ),
    "a column without a path": (
        view_of("Patient", {"column": [{"name": "id"}]}),
        "/select/0/column/0/path",
    ),
    "a column type that is not primitive": (
        view_of("Patient", {"column": [column("n", "name", type="HumanName")]}),
        "/select/0/column/0/type",
    ),
    "a collection flag that is text": (
        view_of("Patient", {"column": [column("n", "name.family", collection="yes")]}),
        "/select/0/column/0/collection",
    ),
    "forEach and forEachOrNull": (
        view_of("Patient", {"forEach": "name", "forEachOrNull": "name", **ID}),
        "/select/0",
    ),
    "a forEach that is a number": (view_of("Patient", {"forEach": 1, **ID}), "/select/0/forEach"),
    "a repeat that is text": (view_of("Patient", {"repeat": "item", **ID}), "/select/0/repeat"),
    "a constant without a value": (view_of("Patient", ID, constant=[{"name": "a"}]), "/constant/0"),
    "a constant with two values": (
        view_of("Patient", ID, constant=[{"name": "a", "valueCode": "b", "valueId": "c"}]),
        "/constant/0",
    ),
    "a filter without a path": (view_of("Patient", ID, where=[{}]), "/where/0/path"),
}

REFUSED_WHEN_COMPILED: dict[str, tuple[Any, str]] = {
    "a filter that is no truth value": (
        view_of("Patient", ID, where=[{"path": "name.family"}]),
        "/where/0/path",
    ),
    "one column name twice": (view_of("Patient", ID, ID), "/select"),
    "column names that differ in case only": (
        view_of("Patient", ID, {"column": [column("ID", "id")]}),
        "/select",
    ),
    "a column of whole elements": (
        view_of("Patient", {"column": [column("name", "name.first()")]}),
        "/select/0/column/0/path",
    ),
    "branches with other columns": (
        view_of("Patient", {"unionAll": [ID, {"column": [column("other", "id")]}]}),
        "/select/0/unionAll/1",
    ),
    "branches with columns in another order": (
        view_of(
            "Patient",
            {
                "unionAll": [
                    {"column": [column("a", "id"), column("b", "id")]},
                    {"column": [column("b", "id"), column("a", "id")]},
                ],
            },
        ),
        "/select/0/unionAll/1",
    ),
    "branches with other types": (
        view_of("Patient", {"unionAll": [ID, {"column": [column("id", "active")]}]}),
        "/select/0/unionAll/1",
    ),
}


@pytest.mark.parametrize("document, pointer", REFUSED.values(), ids=REFUSED.keys())
def test_view__that_is_malformed_is_refused_with_its_place(document: Any, pointer: str) -> None:
    with pytest.raises(InvalidView, match=f"ViewDefinition at {pointer}: .*Expected") as refused:
        parse_view(document)
    assert isinstance(refused.value, BadInput)


@pytest.mark.parametrize(
    "document, pointer", REFUSED_WHEN_COMPILED.values(), ids=REFUSED_WHEN_COMPILED.keys()
)
def test_view__without_a_meaning_is_refused_with_its_place(document: Any, pointer: str) -> None:
    with pytest.raises(InvalidView) as refused:
        compile_view(parse_view(document), source="batch")
    assert refused.value.pointer == pointer


def test_undefined_constant__is_refused() -> None:
    view = view_of("Patient", {"forEach": "name.where(use = %kind)", **ID})
    with pytest.raises(InvalidPath, match="%kind is not defined"):
        compile_view(parse_view(view), source="batch")


@pytest.mark.parametrize(
    "key, value, path",
    [
        ("valueString", "it's", "'it\\'s' = %it"),
        ("valueInteger", 1, "%it + 1 = 2"),
        ("valueDecimal", 1.5, "%it < 1.6"),
        ("valueBoolean", False, "%it = false"),
        ("valueDate", "2020-01", "%it = @2020-01"),
        ("valueDateTime", "2020-01-01T00:00:00Z", "%it = @2020-01-01T01:00:00+01:00"),
        ("valueTime", "10:00", "%it < @T11:00"),
        ("valueCode", "old", "%it = 'old'"),
    ],
)
def test_constant__is_a_value_of_its_type(key: str, value: object, path: str) -> None:
    view = view_of(
        "Patient", {"column": [column("x", path)]}, constant=[{"name": "it", key: value}]
    )
    assert rows(view, {"resourceType": "Patient"}) == [{"x": True}]


def test_view__is_read_from_text_and_bytes_alike() -> None:
    text = '{"resourceType": "ViewDefinition", "resource": "Patient", "select": [{"column": '
    text += '[{"name": "id", "path": "id"}]}]}'
    assert parse_view(text) == parse_view(text.encode())


def test_columns__say_name_type_and_cardinality() -> None:
    view = view_of(
        "Observation",
        {
            "column": [
                column("status", "status"),
                column("value", "value.ofType(Quantity).value"),
                column("codes", "code.coding.code", collection=True),
                column("issued", "issued", type="string"),
            ],
        },
    )
    found = compile_view(parse_view(view), source="batch").columns
    assert [(one.name, one.kind, one.collection) for one in found] == [
        ("status", "code", False),
        ("value", "decimal", False),
        ("codes", "code", True),
        ("issued", "string", False),
    ]
