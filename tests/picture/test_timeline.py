"""Lanes: nothing lost between points and bins, whatever the window."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.picture.rows import NOON, Row, aligned, at, event, potassium
from vitruvian.picture.timeline import Window, shares, timeline_of
from vitruvian.picture.types import AsOf, Lane, Timeline, TimelineLane

NOW = AsOf(known_at=None, recorded_at=None, snapshot="1.0", data_until=None)


def timeline(
    *rows: Row, start: str = "2024-01-01", end: str = "2025-01-01", points: int = 2000
) -> Timeline:
    return timeline_of(aligned(*rows), Window(at(start), at(end), points), as_of=NOW)


def lane(found: Timeline, name: str) -> TimelineLane:
    return next(each for each in found.lanes if each.lane == name)


def test_lane__sparse_is_drawn_event_by_event_with_value_and_flag() -> None:
    (point,) = lane(timeline(potassium(6.0)), "laboratory").points
    assert (point.value, point.abnormal, point.label) == ("6.0 mmol/L", True, "Potassium")


def test_lane__dense_is_binned_and_counts_every_event() -> None:
    rows = [potassium(4.0 + n % 3, time=NOON + timedelta(hours=n)) for n in range(300)]
    found = lane(timeline(*rows, points=100), "laboratory")
    assert (found.total, found.points) == (300, [])
    assert sum(each.count for each in found.bins) == 300
    assert sum(each.abnormal for each in found.bins) == 100
    assert {each.top_label for each in found.bins} == {"Potassium"}


def test_window__shows_what_lies_in_it_or_reaches_into_it() -> None:
    def stay(start: str, end: str | None, **said: str) -> Row:
        ends = None if end is None else at(end)
        return event("ENC//IMP", category="encounter", time=at(start), end_time=ends, **said)

    found = timeline(
        stay("2023-01-01", "2023-02-01"),
        stay("2023-12-01", "2024-01-05", code_text="reaches in"),
        stay("2023-12-01", None, state="finished"),
        stay("2023-12-02", None, state="in-progress", code_text="goes on"),
        stay("2025-01-01", None),
    )
    assert {each.label for each in lane(found, "encounter").points} == {"reaches in", "goes on"}


def test_lane__shows_refuted_as_negated_and_hides_errors() -> None:
    found = timeline(
        event("SNOMED//1", category="problem", polarity="negated"),
        event("SNOMED//2", category="problem", status="entered-in-error"),
    )
    assert [each.negated for each in lane(found, "problem").points] == [True]


def test_lane__what_has_no_time_like_sex_is_not_placed() -> None:
    assert timeline(event("GENDER//female", category="other", time=None)).lanes == []


def test_window__not_given_is_the_whole_life() -> None:
    rows = aligned(potassium(4.0, time=at("1990-01-01")), potassium(4.0))
    found = timeline_of(rows, Window(), as_of=NOW)
    assert found.start < at("1990-01-01")
    assert found.end > NOON
    assert found.lanes[0].total == 2


def test_empty_record__has_no_lanes() -> None:
    assert timeline_of(aligned(), Window(), as_of=NOW).lanes == []


@given(
    hours=st.lists(st.integers(-2000, 12000), max_size=60),
    points=st.integers(1, 80),
)
def test_total__equals_what_is_drawn(hours: list[int], points: int) -> None:
    rows = [potassium(4.0, time=NOON + timedelta(hours=each)) for each in hours]
    found = timeline(*rows, points=points)
    inside = [r for r in rows if at("2024-01-01") <= r["time"] < at("2025-01-01")]
    assert sum(each.total for each in found.lanes) == len(inside)
    for each in found.lanes:
        assert len(each.points) + sum(bin_.count for bin_ in each.bins) == each.total
        assert len(each.points) + len(each.bins) <= max(points, 1)


@given(
    st.dictionaries(
        st.sampled_from(["laboratory", "vital", "problem", "document"]), st.integers(1, 5000)
    ),
    st.integers(0, 4000),
)
def test_shares__never_exceed_what_may_be_drawn(totals: dict[Lane, int], most: int) -> None:
    given_out = shares(totals, most=most)
    assert sum(given_out.values()) <= most
    assert all(given_out[each] <= totals[each] for each in totals)
