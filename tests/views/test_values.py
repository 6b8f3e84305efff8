"""Values on their way from JSON to a column: decimals, dates, odd types, bad input."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.views.support import column, evaluate, rows, view_of
from vitruvian.views import (
    NotOneValue,
    RepeatTooDeep,
    UnreadableResource,
    ViewFailed,
    parse_view,
    rows_as_ndjson,
    run_view,
)

VALUE = "value.ofType(Quantity).value"
BOTH = view_of(
    "Observation",
    {"column": [column("sent", VALUE, type="string"), column("number", VALUE, type="decimal")]},
)
IDS = parse_view(view_of("Patient", {"column": [column("id", "id")]}))


def observation(number: str, note: str = "") -> str:
    """An observation whose number is written exactly so."""
    text = json.dumps(note)
    return (
        f'{{"resourceType": "Observation", "note": [{{"text": {text}}}], '
        f'"valueQuantity": {{"value" : {number}}}}}'
    )


# ------------------------------------------------------------------- bad input


@pytest.mark.parametrize("line", ["{", '{"a": }', "[]", "5", "null", "nonsense", b"\xff{}"])
def test_bad_line__is_named_by_its_number_and_not_quoted(line: str | bytes) -> None:
    lines = ['{"resourceType": "Patient"}', "", line]
    with pytest.raises(UnreadableResource, match="Input line 3 ") as refused:
        run_view(IDS, lines)
    assert "nonsense" not in str(refused.value)


def test_bad_text_in_a_table__is_named_by_its_row() -> None:
    table = pa.table({"resource": ['{"resourceType": "Patient"}', '{"id": "secret"']})
    with pytest.raises(UnreadableResource, match="line 2 ") as refused:
        run_view(IDS, table)
    assert "secret" not in str(refused.value)


def test_engine_error__is_told_without_the_engines_words() -> None:
    with pytest.raises(ViewFailed) as refused:
        run_view(IDS, pa.table({"resource": ["{}"], "other": [1]}).rename_columns(["text", "x"]))
    assert "text" not in str(refused.value).replace("JSON text column", "")


def test_several_values__are_not_quoted() -> None:
    patient = {"resourceType": "Patient", "name": [{"family": "Secret"}, {"family": "Hidden"}]}
    with pytest.raises(NotOneValue, match="/select/0/column/0/path") as refused:
        evaluate("name.family", patient)
    assert "Secret" not in str(refused.value)


def test_several_values__of_a_resource_that_is_filtered_out_do_no_harm() -> None:
    view = view_of(
        "Patient",
        {"column": [column("family", "name.family")]},
        where=[{"path": "active"}],
    )
    two = {"resourceType": "Patient", "name": [{"family": "a"}, {"family": "b"}]}
    other = {"resourceType": "Organization", "name": "c"}
    assert rows(view, two, other, {"resourceType": "Patient", "active": True}) == [{"family": None}]


# ------------------------------------------------------------------- decimals


@pytest.mark.parametrize(
    "number", ["1.50", "-0.0", "100", "1e-3", "6.02E+23", "0.10000000000000000"]
)
def test_decimal__comes_as_sent_and_as_a_number(number: str) -> None:
    table = run_view(parse_view(BOTH), [observation(number)])
    assert table.to_pylist() == [{"sent": number, "number": float(number)}]


@settings(max_examples=100, deadline=None)
@given(
    number=st.from_regex(
        r"-?(0|[1-9][0-9]{0,5}|[1-9][0-9]{14,21})(\.[0-9]{1,6}|\.0{5,8}[1-9]|\.[0-9]{12,19})?"
        r"([eE][+-]?[1-9])?",
        fullmatch=True,
    ),
    note=st.text() | st.sampled_from(['"value": 1.50', 'a"value":2.50,', '\\"value": 3.5']),
)
def test_decimal__comes_as_sent_whatever_the_texts_beside_it_say(number: str, note: str) -> None:
    view = view_of(
        "Observation",
        {"column": [column("sent", VALUE, type="string"), column("note", "note.text")]},
    )
    table = run_view(parse_view(view), [observation(number, note)])
    assert table.to_pylist() == [{"sent": number, "note": note}]


def test_decimal_in_text_functions__keeps_its_zeros() -> None:
    line = observation("1.50")
    view = view_of("Observation", {"column": [column("x", f"{VALUE}.toString() & ' mg'")]})
    assert run_view(parse_view(view), [line]).to_pylist() == [{"x": "1.50 mg"}]


# --------------------------------------------------------------- dates, types


@pytest.mark.parametrize("date", ["1970", "1970-06", "1970-06-05"])
def test_partial_date__stays_as_sent(date: str) -> None:
    assert evaluate("birthDate", {"resourceType": "Patient", "birthDate": date}) == date


def test_offset__stays_as_sent() -> None:
    sent = "2020-01-02T03:04:05.120+05:30"
    sample = {"resourceType": "Observation", "effectiveDateTime": sent}
    assert evaluate("effective.ofType(dateTime)", sample) == sent


@pytest.mark.parametrize(
    "path, kind, expected",
    [
        ("active", "string", "true"),
        ("multipleBirth.ofType(integer)", "string", "3"),
        ("multipleBirth.ofType(integer)", "decimal", 3.0),
        ("id", "integer", 12),
        ("gender", "integer", None),
        ("7 / 2", "integer", None),
        ("8 / 2", "integer", 4),
        ("birthDate", "string", "1970"),
    ],
)
def test_declared_type__is_what_the_column_holds(path: str, kind: str, expected: object) -> None:
    patient: dict[str, Any] = {"resourceType": "Patient", "id": "12", "active": True}
    patient |= {"multipleBirthInteger": 3, "gender": "male", "birthDate": "1970"}
    assert evaluate(path, patient, type=kind) == expected


def test_element_of_the_wrong_json_type__is_empty() -> None:
    patient = {"resourceType": "Patient", "name": "not a list", "active": "perhaps"}
    view = view_of("Patient", {"column": [column("n", "name.exists()"), column("a", "active")]})
    assert rows(view, patient) == [{"n": False, "a": None}]


# --------------------------------------------------------------------- repeat


def nested(levels: int) -> dict[str, Any]:
    """A questionnaire response of one item a level."""
    item: dict[str, Any] = {"linkId": str(levels)}
    for level in range(levels - 1, 0, -1):
        item = {"linkId": str(level), "item": [item]}
    return {"resourceType": "QuestionnaireResponse", "item": [item]}


ITEMS = view_of(
    "QuestionnaireResponse",
    {"repeat": ["item"], "column": [column("id", "linkId"), column("place", "%rowIndex")]},
)


def test_repeat__deeper_than_its_bound_stops_the_run() -> None:
    with pytest.raises(RepeatTooDeep, match="/select/0/repeat"):
        rows(ITEMS, nested(65))


def test_repeat__follows_every_level_up_to_its_bound() -> None:
    expected = [{"id": str(level), "place": level - 1} for level in range(1, 65)]
    assert rows(ITEMS, nested(64)) == expected


def test_repeat__visits_parents_first_and_path_after_path() -> None:
    leaf = {"linkId": "a1", "answer": [{"valueBoolean": True, "item": [{"linkId": "a1x"}]}]}
    group = {"linkId": "a", "item": [leaf, {"linkId": "a2"}]}
    response = {"resourceType": "QuestionnaireResponse", "item": [group, {"linkId": "b"}]}
    view = view_of(
        "QuestionnaireResponse",
        {"repeat": ["item", "answer.item"], "column": [column("id", "linkId")]},
    )
    assert [row["id"] for row in rows(view, response)] == ["a", "a1", "a1x", "a2", "b"]


def test_repeat__works_inside_another_list() -> None:
    response = nested(3)
    view = view_of(
        "QuestionnaireResponse",
        {
            "forEach": "item",
            "column": [column("top", "linkId")],
            "select": [{"repeat": ["item"], "column": [column("id", "linkId")]}],
        },
    )
    assert rows(view, response) == [{"top": "1", "id": "2"}, {"top": "1", "id": "3"}]


# -------------------------------------------------------------- in and out


def test_input__may_be_lines_a_table_or_a_relation() -> None:
    lines = ['{"resourceType": "Patient", "id": "1"}']
    table = pa.table({"resource": lines})
    with duckdb.connect() as connection:
        relation = connection.from_arrow(table)
        found = [run_view(IDS, one).to_pylist() for one in (lines, table, relation)]
        found.append(run_view(IDS, lines, connection=connection).to_pylist())
    assert found == [[{"id": "1"}]] * 4


def test_ndjson__is_one_object_a_line_in_column_order() -> None:
    view = view_of(
        "Patient",
        {"column": [column("b", "id"), column("a", "name.given", collection=True)]},
    )
    table = run_view(
        parse_view(view), ['{"resourceType": "Patient", "name": [{"given": ["Zoë"]}]}']
    )
    assert list(rows_as_ndjson(table)) == ['{"b":null,"a":["Zoë"]}\n'.encode()]
