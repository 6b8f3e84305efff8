"""Rows of selects: nesting, unions, empty lists, order, numbers.

A dozen lines of plain Python give the same rows from the definition of SQL on FHIR v2
("Processing algorithm"), for made-up views whose paths are single element names.
"""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import sqlonfhir
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.views.support import column, rows, unordered, view_of
from vitruvian.views import InvalidView, Options, compile_view, parse_view, run_view

TREE: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p1",
    "name": [{"family": "Ardent", "given": ["Bo", "Cy"]}, {"family": "Gale"}],
    "telecom": [{"value": "9"}],
    "contact": [
        {"name": {"family": "Dove", "given": ["Eli"]}, "telecom": [{"value": "1"}]},
        {"telecom": [{"value": "2"}, {"value": "3"}]},
    ],
}
BARE: dict[str, Any] = {"resourceType": "Patient", "id": "p2"}
OTHER: dict[str, Any] = {"resourceType": "Device", "id": "d1"}

VIEWS: dict[str, list[dict[str, Any]]] = {
    "two lists side by side": [
        {"forEach": "name", "column": [column("family", "family")]},
        {"forEach": "telecom", "column": [column("value", "value")]},
    ],
    "a union beside a column": [
        {
            "column": [column("id", "id")],
            "unionAll": [
                {"forEach": "telecom", "column": [column("value", "value")]},
                {"forEach": "contact.telecom", "column": [column("value", "value")]},
            ],
        },
    ],
    "a union in a union": [
        {
            "unionAll": [
                {
                    "unionAll": [
                        {"forEach": "telecom", "column": [column("value", "value")]},
                        {"forEachOrNull": "name", "column": [column("value", "family")]},
                    ],
                },
                {"column": [column("value", "'plain'")]},
            ],
        },
    ],
    "two unions": [
        {
            "unionAll": [
                {"forEach": "name", "column": [column("one", "family")]},
                {"forEach": "telecom", "column": [column("one", "value")]},
            ],
        },
        {
            "unionAll": [
                {"forEach": "name", "column": [column("two", "family")]},
                {"forEach": "contact", "column": [column("two", "name.family")]},
            ],
        },
    ],
    "the same branch twice": [
        {"unionAll": [{"forEach": "name", "column": [column("f", "family")]}] * 2},
    ],
    "lists in lists": [
        {
            "column": [column("id", "id")],
            "select": [
                {
                    "forEachOrNull": "contact",
                    "column": [column("family", "name.family")],
                    "select": [
                        {"forEachOrNull": "telecom", "column": [column("value", "value")]},
                    ],
                },
            ],
        },
    ],
}


@pytest.mark.parametrize("selects", VIEWS.values(), ids=VIEWS.keys())
def test_rows__agree_with_another_implementation(selects: list[Any]) -> None:
    view = view_of("Patient", *selects)
    ours = rows(view, TREE, BARE, OTHER)
    theirs = sqlonfhir.evaluate([TREE, BARE, OTHER], json.loads(json.dumps(view)))
    assert unordered(ours) == unordered(theirs)


def test_other_resource_types__give_no_row() -> None:
    assert rows(view_of("Patient", {"column": [column("id", "id")]}), OTHER) == []


def test_row_index__counts_in_its_own_list() -> None:
    view = view_of(
        "Patient",
        {
            "forEach": "contact",
            "column": [column("contact", "%rowIndex"), column("patient", "%resource.id")],
            "select": [{"forEach": "telecom", "column": [column("telecom", "%rowIndex")]}],
        },
    )
    assert rows(view, TREE) == [
        {"contact": 0, "patient": "p1", "telecom": 0},
        {"contact": 1, "patient": "p1", "telecom": 0},
        {"contact": 1, "patient": "p1", "telecom": 1},
    ]


def test_collection__keeps_every_value_and_is_never_null() -> None:
    view = view_of(
        "Patient",
        {"forEachOrNull": "name", "column": [column("given", "given", collection=True)]},
    )
    assert rows(view, TREE, BARE) == [{"given": ["Bo", "Cy"]}, {"given": []}, {"given": []}]


def test_null_in_a_primitive_list__is_no_value() -> None:
    patient = TREE | {"name": [{"given": [None, "Bo"], "_given": [{"id": "x"}, None]}]}
    view = view_of("Patient", {"forEach": "name.given", "column": [column("given", "$this")]})
    assert rows(view, patient) == [{"given": "Bo"}]


def test_element_r4_does_not_have__is_empty_and_noted() -> None:
    view = view_of(
        "Patient",
        {"column": [column("id", "id")]},
        {"forEachOrNull": "species", "column": [column("code", "code")]},
    )
    assert rows(view, BARE) == [{"id": "p2", "code": None}]
    notes = compile_view(parse_view(view), source="batch").notes
    assert any("Patient.species" in note and "/select/1/forEachOrNull" in note for note in notes)


# ------------------------------------------------------------------- numbering


def numbered(view: dict[str, Any], *resources: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows with a carried key and the place of the row in its resource."""
    batch = pa.table(
        {"seq": range(100, 100 + len(resources)), "body": [json.dumps(one) for one in resources]},
    )
    options = Options(ordinal="place")
    compiled = compile_view(
        parse_view(view), source="batch", column="body", carry=("seq",), options=options
    )
    with duckdb.connect() as connection:
        connection.register("batch", batch)
        return list(connection.sql(compiled.sql).to_arrow_table().to_pylist())


def test_carried_columns__come_with_every_row() -> None:
    view = view_of("Patient", *VIEWS["a union beside a column"])
    assert [(row["seq"], row["place"], row["value"]) for row in numbered(view, OTHER, TREE)] == [
        (101, 0, "9"),
        (101, 1, "1"),
        (101, 2, "2"),
        (101, 3, "3"),
    ]


def test_carried_column__with_the_name_of_a_column_is_refused() -> None:
    view = parse_view(view_of("Patient", {"column": [column("id", "id")]}))
    with pytest.raises(InvalidView, match="id"):
        compile_view(view, source="batch", carry=("id",))


# ------------------------------------------------- against the plain algorithm


def evaluated(select: dict[str, Any], node: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Rows of one select, straight from the definition."""
    items: list[dict[str, Any] | None] = [node]
    if "forEach" in select or "forEachOrNull" in select:
        items = list((node or {}).get(select.get("forEach") or select["forEachOrNull"], []))
        items = items or ([None] if "forEachOrNull" in select else [])
    found = []
    for item in items:
        parts = [[{one["name"]: (item or {}).get(one["path"]) for one in select.get("column", [])}]]
        parts += [evaluated(inner, item) for inner in select.get("select", [])]
        if "unionAll" in select:
            parts.append([row for one in select["unionAll"] for row in evaluated(one, item)])
        found += [{k: row[k] for row in chosen for k in row} for chosen in product(*parts)]
    return found


@st.composite
def selects(draw: st.DrawFn, names: Any, depth: int = 2) -> dict[str, Any]:
    """A select over `extension` lists; column names are taken from an endless supply."""
    select: dict[str, Any] = {"column": [column(f"c{next(names)}", "id", type="string")]}
    how = draw(st.sampled_from(["none", "forEach", "forEachOrNull"]))
    if how != "none":
        select[how] = "extension"
    if depth and draw(st.booleans()):
        select["select"] = [draw(selects(names, depth=depth - 1))]
    if draw(st.booleans()):
        name = f"c{next(names)}"
        select["unionAll"] = [
            {kind: "extension", "column": [column(name, path, type="string")]}
            for kind, path in draw(
                st.lists(
                    st.tuples(
                        st.sampled_from(["forEach", "forEachOrNull"]),
                        st.sampled_from(["id", "url"]),
                    ),
                    min_size=1,
                    max_size=3,
                ),
            )
        ]
    return select


@st.composite
def extensions(draw: st.DrawFn, depth: int = 3) -> list[dict[str, Any]]:
    """Extensions in extensions: the one FHIR element that may nest at will."""
    found = []
    for _ in range(draw(st.integers(0, 2))):
        node: dict[str, Any] = {"url": draw(st.sampled_from("xyz"))}
        if draw(st.booleans()):
            node["id"] = draw(st.sampled_from("klm"))
        below = draw(extensions(depth=depth - 1)) if depth else []
        if below:
            node["extension"] = below
        found.append(node)
    return found


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_rows__are_those_of_the_plain_algorithm_in_its_order(data: st.DataObject) -> None:
    names = iter(range(1000))
    select = data.draw(selects(names))
    patient = {"resourceType": "Patient", "id": "p", "extension": data.draw(extensions())}
    expected = evaluated(select, patient)
    assert rows(view_of("Patient", select), patient) == expected
    counted = numbered(view_of("Patient", select), patient)
    assert [row["place"] for row in counted] == list(range(len(expected)))
    assert [{k: row[k] for k in row if k[0] == "c"} for row in counted] == expected


@settings(max_examples=15, deadline=None)
@given(patients=st.lists(extensions(depth=1), min_size=1, max_size=4))
def test_for_each_or_null__gives_the_rows_of_for_each_and_one_for_each_empty_list(
    patients: list[list[dict[str, Any]]],
) -> None:
    resources = [
        {"resourceType": "Patient", "id": str(place), "extension": found}
        for place, found in enumerate(patients)
    ]
    each, or_null = (
        rows(
            view_of(
                "Patient",
                {"column": [column("id", "id")]},
                {how: "extension", "column": [column("url", "url")]},
            ),
            *resources,
        )
        for how in ("forEach", "forEachOrNull")
    )
    empty = [{"id": str(place), "url": None} for place, found in enumerate(patients) if not found]
    assert unordered(or_null) == unordered(each + empty)
    assert [row for row in or_null if row["url"] is not None] == each


def test_rows__do_not_depend_on_what_else_is_in_the_batch() -> None:
    view = parse_view(view_of("Patient", *VIEWS["lists in lists"]))
    one = [json.dumps(TREE)]
    alone = run_view(view, one).to_pylist()
    many = run_view(view, [json.dumps(BARE), *one, json.dumps(OTHER), *one]).to_pylist()
    assert [row for row in many if row["id"] == "p1"] == alone * 2
