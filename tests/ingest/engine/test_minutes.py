"""A minute's mean, lowest and highest against the standard library's, however samples come."""

from __future__ import annotations

from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy", reason="the extra 'signals' is not installed")

from vitruvian.ingest.engine.signals.minutes import Minutes  # noqa: E402  needs the extra

SAMPLES = st.lists(st.one_of(st.none(), st.integers(-3000, 3000)), min_size=1, max_size=300)


def told(values: list[int | None], *, cut: int, rate: float) -> Minutes:
    minutes = Minutes()
    numbers = np.array([float("nan") if each is None else each for each in values], np.float64)
    for first, part in ((0, numbers[:cut]), (cut, numbers[cut:])):
        minutes.take(0, part, first=first, rate=rate)
    return minutes


def test_minute_without_measurement__is_absent() -> None:
    found = [(at, minute.count) for _, at, minute in told([1, None, None, 4], cut=2, rate=1 / 60)]
    assert found == [(0, 1), (3, 1)]


@settings(max_examples=100, deadline=None)
@given(SAMPLES, st.integers(0, 300), st.sampled_from([1, 2]))
def test_minutes__do_not_depend_on_where_samples_are_cut(
    values: list[int | None], cut: int, rate: int
) -> None:
    cells = [values[at : at + 60 * rate] for at in range(0, len(values), 60 * rate)]
    measured = {at: [each for each in cell if each is not None] for at, cell in enumerate(cells)}
    expected = {at: some for at, some in measured.items() if some}
    minutes = {at: each for _, at, each in told(values, cut=min(cut, len(values)), rate=rate)}
    assert {at: (each.count, each.low, each.high) for at, each in minutes.items()} == {
        at: (len(some), min(some), max(some)) for at, some in expected.items()
    }
    assert {at: each.mean for at, each in minutes.items()} == pytest.approx(
        {at: fmean(some) for at, some in expected.items()}
    )
