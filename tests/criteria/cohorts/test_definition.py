"""A cohort as written: what is wrong is told with its line, and what may have been meant."""

from __future__ import annotations

import pytest

from vitruvian.criteria.cohorts import examples, read_definition
from vitruvian.criteria.cohorts.document import document_of, text_of
from vitruvian.criteria.cohorts.places import line_of, lines_of
from vitruvian.criteria.errors import BrokenDefinition, Complaint

GOOD = """\
description: |
  Potassium after a visit
  One row a visit.
predicates:
  visit: {code: VISIT}
  potassium: {code: LOINC//2823-3}
trigger: visit
windows:
  day:
    start: trigger
    end: start + 24h
    start_inclusive: true
    end_inclusive: true
    has:
      potassium: (1, None)
"""


def complaint_about(text: str) -> Complaint:
    with pytest.raises(BrokenDefinition) as refused:
        read_definition(text)
    return refused.value.complaint


@pytest.mark.parametrize(
    "right, wrong, line, hint",
    [
        ("trigger: visit", "trigger: visits", 7, "Did you mean `visit`?"),
        ("potassium: (1", "potasium: (1", 15, "Did you mean `potassium`?"),
        ("end: start + 24h", "end: start + 2 months", 11, None),
        ("(1, None)", "(3, 2)", 15, None),
        ("    start_inclusive", "    start_included", 12, "Did you mean `start_inclusive`?"),
        ("trigger: visit", "trigger: [", 9, None),
        ("trigger: visit", "trigger: visit\ntrigger: visit", 1, None),
    ],
)
def test_mistake__is_told_with_its_line(
    right: str, wrong: str, line: int, hint: str | None
) -> None:
    complaint = complaint_about(GOOD.replace(right, wrong))
    assert complaint.line == line
    assert hint is None or complaint.hint == hint
    assert "Expected" in complaint.says


def test_mistake__shows_the_line_as_written() -> None:
    assert complaint_about(GOOD.replace("24h", "a day")).shown == "    end: start + a day"


def test_strict__is_refused_where_a_construct_has_no_two_values() -> None:
    text = GOOD.replace("{code: VISIT}", "{code: VISIT, absence: unknown}")
    complaint = complaint_about(f"metadata: {{logic: strict}}\n{text}")
    assert complaint.line == 6
    assert complaint.hint is not None


def test_title__is_that_of_the_metadata_else_the_first_line_of_the_description() -> None:
    assert read_definition(GOOD).title == "Potassium after a visit"
    assert read_definition("metadata: {title: Salt}\n" + GOOD).title == "Salt"
    assert read_definition(GOOD.partition("predicates")[1] + GOOD.partition("predicates")[2]).title


def test_lines__of_elements_and_of_what_lies_below_them() -> None:
    lines = lines_of(GOOD)
    assert lines["windows.day.has.potassium"] == 15
    assert line_of(lines, "windows.day.has.potassium.least") == 15
    assert line_of(lines, "nothing.of.the.kind") is None


@pytest.mark.parametrize("example", examples(), ids=lambda one: str(one.name))
def test_example__can_be_used_as_written_and_survives_the_form(example: object) -> None:
    text = example.text  # type: ignore[attr-defined]
    document = document_of(text)
    assert document is not None
    again = text_of(document)
    assert document_of(again) == document
    assert read_definition(again).task == read_definition(text).task


def test_text_that_is_not_yaml__has_no_elements() -> None:
    assert document_of("a: [") is None


@pytest.mark.parametrize("text", ["a: 18446744073709551616", "1: a", "a: !!binary aGk="])
def test_document__of_what_json_cannot_hold_is_left_to_the_text(text: str) -> None:
    assert document_of(text) is None
