"""Medicines: one line a substance, and what it says of its course."""

from __future__ import annotations

from typing import Any

import pytest

from tests.picture.rows import NOON, Row, aligned, at, event
from vitruvian.picture.panels.banner import Death, death_of
from vitruvian.picture.panels.medicines import medicines
from vitruvian.picture.types import Medicine

METFORMIN = "RXNORM//6809"


def drug(act: str, **said: object) -> Row:
    code = str(said.pop("code", METFORMIN))
    return event(code, **({"category": "medication", "act": act, "fact_key": None} | said))


def test_medicine__is_taken_by_nobody_after_death() -> None:
    died = Death(at("2024-04-20"))
    rows = aligned(drug("ordered", state="active", time=at("2024-04-01")))
    (found,) = medicines(rows, at=NOON, death=died)
    assert (found.current, found.stopped) == ("stopped", at("2024-04-20"))


@pytest.mark.parametrize(
    "said, expected",
    [
        ({"deceased": None, "death_time": None}, None),
        ({"deceased": True, "death_time": "2024-06-01"}, None),
        ({"deceased": True, "death_time": None}, Death(None)),
        ({"deceased": True, "death_time": "2024-04-20T10:00:00+00:00"}, Death(at("2024-04-20T10"))),
    ],
)
def test_death__counts_once_it_has_happened(said: Row, expected: Death | None) -> None:
    assert death_of([said], at=NOON) == expected


def only(*rows: Row) -> Medicine:
    (found,) = medicines(aligned(*rows), at=NOON)
    return found


def test_medicine__ordered_dispensed_and_given_are_one_line_of_three_steps() -> None:
    found = only(
        drug("ordered", state="active", time=at("2024-04-01"), dose_text="500 mg twice daily"),
        drug("dispensed", time=at("2024-04-02")),
        drug("administered", time=at("2024-04-03")),
        drug("administered", time=at("2024-04-04")),
    )
    assert (found.current, found.dose_text) == ("current", "500 mg twice daily")
    assert found.last_given is not None
    assert found.last_given.time == at("2024-04-04")
    assert found.administrations == 2


@pytest.mark.parametrize(
    "said, course",
    [
        ({"state": "active"}, "current"),
        ({"state": "stopped"}, "stopped"),
        ({"state": "completed"}, "completed"),
        ({"state": "active", "end_time": at("2024-04-02")}, "completed"),
        ({"state": "active", "end_time": at("2024-06-02")}, "current"),
        ({"state": "on-hold"}, "unknown"),
        ({"state": None}, "unknown"),
    ],
)
def test_medicine__course_follows_the_newest_order(said: dict[str, Any], course: str) -> None:
    older = drug("ordered", state="completed", time=at("2020-01-01"))
    newest = drug("ordered", time=at("2024-04-01"), **said)
    assert only(older, newest).current == course


@pytest.mark.parametrize("state", ["stopped", "completed", "on-hold"])
def test_medicine__a_newer_order_that_ended_hides_none_that_goes_on(state: str) -> None:
    evening = drug("ordered", state="active", time=at("2024-01-01"), dose_text="10 units evening")
    morning = drug("ordered", state=state, time=at("2024-04-01"), dose_text="20 units morning")
    found = only(evening, morning)
    assert (found.current, found.dose_text) == ("current", "10 units evening")


def test_medicine__two_orders_that_go_on_show_both_doses() -> None:
    evening = drug("ordered", state="active", time=at("2024-01-01"), dose_text="10 units evening")
    morning = drug("ordered", state="active", time=at("2024-04-01"), dose_text="20 units morning")
    assert only(evening, morning).dose_text == "20 units morning and 10 units evening"


def test_medicine__only_given_and_never_ordered_stays_unknown() -> None:
    assert only(drug("administered")).current == "unknown"


def test_medicine__not_given_is_no_administration() -> None:
    found = only(drug("not-done"))
    assert (found.last_given, found.administrations) == (None, 0)


def test_medicine__what_lies_ahead_has_not_been_given() -> None:
    assert only(drug("administered", time=at("2024-05-02"))).last_given is None


def coded(row: Row, *codings: tuple[str, str]) -> tuple[int, list[dict[str, str]]]:
    return row["event_id"], [{"system": system, "code": code} for system, code in codings]


ATC = "http://www.whocc.no/atc"


def ordered_and_given(*shared: tuple[str, str]) -> list[Medicine]:
    order = drug("ordered", state="active")
    given = drug("administered", code="LOCAL//metf", time=at("2024-04-03"))
    codings = dict([coded(order, *shared), coded(given, *shared)])
    return medicines(aligned(order, given), at=NOON, codings=codings)


def test_medicine__records_that_share_a_coding_are_one_substance() -> None:
    (found,) = ordered_and_given((ATC, "A10BA02"))
    assert (found.code, found.current, found.administrations) == (METFORMIN, "current", 1)


@pytest.mark.parametrize(
    "shared",
    [
        (ATC, "A10B"),
        ("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "UNK"),
        ("", "A10BA02"),
    ],
)
def test_medicine__a_class_or_an_empty_code_joins_nothing(shared: tuple[str, str]) -> None:
    assert len(ordered_and_given(shared)) == 2


def test_medicine__stopping_one_product_does_not_stop_another_of_the_substance() -> None:
    tablet = drug("ordered", state="active", time=at("2024-01-01"))
    drip = drug("ordered", code="LOCAL//drip", state="stopped", time=at("2024-04-01"))
    codings = dict([coded(tablet, (ATC, "A10BA02")), coded(drip, (ATC, "A10BA02"))])
    (found,) = medicines(aligned(tablet, drip), at=NOON, codings=codings)
    assert found.current == "current"
    assert found.ordered is not None
    assert found.ordered.code == METFORMIN
