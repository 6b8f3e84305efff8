"""Dates in notes: every expected day was counted on a calendar, not by the code."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.derive.text import Note, pack_for

SEEN = date(2024, 3, 15)  # a Friday


def dated(marked: str, *, lasting: bool = True) -> tuple[str, date, date] | None:
    """The date of the words between square brackets."""
    start, end = marked.index("["), marked.index("]") - 1
    note = Note(marked.replace("[", "").replace("]", ""), pack_for("en"))
    when = note.date_of(start, end, seen=SEEN, lasting=lasting)
    return when and (note.text[when.start : when.end], when.first, when.last)


@pytest.mark.parametrize("said", ["2024-05-01", "5/1/2024", "5/1/24", "2/3/25"])
def test_day_after_the_note__is_no_date(said: str) -> None:
    assert dated(f"[Colonoscopy] on {said}.") is None


@pytest.mark.parametrize(
    "marked",
    [
        "[Fever] in a 66-year-old man.",
        "[Fever] on 2023-02-30.",
        "[Fever] at 38.5.",
        "[Fever] 13/13/2020.",
        "[Fever], 2000 mL.",
    ],
)
def test_numbers_that_are_no_day__are_no_date(marked: str) -> None:
    assert dated(marked) is None


@pytest.mark.parametrize(
    "marked, said, first, last",
    [
        ("[Stroke] on 2021-05-03.", "2021-05-03", (2021, 5, 3), (2021, 5, 3)),
        ("[Stroke] on 5/3/2021.", "5/3/2021", (2021, 5, 3), (2021, 5, 3)),
        ("[Stroke] on 25/3/2021.", "25/3/2021", (2021, 3, 25), (2021, 3, 25)),
        ("[Stroke] on 3 May 2021.", "3 May 2021", (2021, 5, 3), (2021, 5, 3)),
        ("[Stroke] on May 3rd, 2021.", "May 3rd, 2021", (2021, 5, 3), (2021, 5, 3)),
        ("[Stroke] on 5/3/21.", "5/3/21", (2021, 5, 3), (2021, 5, 3)),
        ("[Stroke] on 5/3/68.", "5/3/68", (1968, 5, 3), (1968, 5, 3)),
        ("[Stroke] in Feb 2020.", "Feb 2020", (2020, 2, 1), (2020, 2, 29)),
        ("[Stroke] in 2012.", "in 2012", (2012, 1, 1), (2012, 12, 31)),
        ("[Stroke] (2012).", "(2012)", (2012, 1, 1), (2012, 12, 31)),
        ("[Stroke] in January.", "in January", (2024, 1, 1), (2024, 1, 31)),
        ("[Stroke] last November.", "last November", (2023, 11, 1), (2023, 11, 30)),
        ("[Stroke] two years ago.", "two years ago", (2022, 1, 1), (2022, 12, 31)),
        ("[Stroke] 3 months ago.", "3 months ago", (2023, 12, 1), (2023, 12, 31)),
        ("[Fever] since Monday.", "since Monday", (2024, 3, 11), (2024, 3, 11)),
        ("[Fever] since yesterday.", "since yesterday", (2024, 3, 14), (2024, 3, 14)),
        ("[Fever] for three days.", "for three days", (2024, 3, 12), (2024, 3, 12)),
        ("Two years ago a 66-year-old had [fever].", "Two years ago", (2022, 1, 1), (2022, 12, 31)),
        ("A two-day history of [fever].", "two-day history", (2024, 3, 13), (2024, 3, 13)),
        ("On 3 May 2021 she had a [stroke].", "3 May 2021", (2021, 5, 3), (2021, 5, 3)),
        ("[Stroke] in 2024.", "in 2024", (2024, 1, 1), (2024, 3, 15)),
    ],
)
def test_date__is_resolved(
    marked: str, said: str, first: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    assert dated(marked) == (said, date(*first), date(*last))


def test_two_dates__go_each_to_its_own() -> None:
    infarction = dated("[Infarction] in 2012 and stroke in 2015.")
    stroke = dated("Infarction in 2012 and [stroke] in 2015.")
    assert infarction
    assert stroke
    assert (infarction[1].year, stroke[1].year) == (2012, 2015)


def test_year_behind_an_item_of_a_list__is_not_of_the_next() -> None:
    assert dated("Infarction (2017), [gout].") is None
    assert dated("Infarction 2017, [gout].") is None
    gout = dated("In 2017, [gout].")
    assert gout
    assert gout[1].year == 2017


def test_how_long_to_take_it__is_no_beginning() -> None:
    assert dated("[Amoxicillin] for 7 days.", lasting=False) is None


def test_date_in_another_sentence__is_not_meant() -> None:
    assert dated("[Gout]. Seen in 2012.") is None


@given(st.dates(date(1950, 1, 1), SEEN))
def test_any_past_day__is_found_as_written(day: date) -> None:
    assert dated(f"[Stroke] on {day.isoformat()}.") == (day.isoformat(), day, day)
