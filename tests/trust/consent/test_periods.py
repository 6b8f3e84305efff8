"""What records tell of a stretch of time, against consents that speak of times, day by day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from vitruvian.trust import Access
from vitruvian.trust.consent import Provision, Terms
from vitruvian.trust.consent.reading import instant_text
from vitruvian.trust.policy.decide import default_policy
from vitruvian.trust.reach import Asker, Matter, Reach, Standing, Times

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = st.integers(0, 30)
SPANS = st.frozensets(st.tuples(DAYS, DAYS).map(lambda two: (min(two), max(two))), max_size=3)
STRETCHES = st.lists(st.tuples(st.none() | DAYS, st.none() | DAYS), min_size=1, max_size=3)


def at(day: int) -> str:
    return instant_text(FIRST + timedelta(days=day))


def closing(stretches: list[tuple[int | None, int | None]]) -> str:
    """A consent to everything but what some stretches tell; their ends are exclusive."""
    parts = tuple(
        Provision(
            turn="deny",
            data_start=None if start is None else at(start),
            data_end=None if end is None else at(end),
            codes=() if start or end else ("SNOMED//0",),
        )
        for start, end in stretches
    )
    return Terms("permit", "privacy", Provision(parts=parts)).text()


def is_closed(day: int, stretches: list[tuple[int | None, int | None]]) -> bool:
    return any(
        (start is None or start <= day) and (end is None or day < end)
        for start, end in stretches
        if start or end
    )


@given(STRETCHES, SPANS)
def test_record__is_seen_where_every_day_it_tells_of_is_open(
    stretches: list[tuple[int | None, int | None]], spans: frozenset[tuple[int, int]]
) -> None:
    access = Access("rossi", "clinician", "treatment")
    asker = Asker(default_policy(), access, frozenset(), at(40))
    reach = Reach(asker, Standing(), {7: Standing(consents=(closing(stretches),))})
    told: list[Times] = [(at(first), at(last)) for first, last in spans]
    days = {day for first, last in spans for day in range(first, last + 1)}
    expected = not any(is_closed(day, stretches) for day in days)
    assert reach.lets(7, Matter("Observation"), told) == expected
