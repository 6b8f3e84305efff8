"""The slope of a power law, against powers that are known."""

from __future__ import annotations

import pytest

from bench.growth import a_day, records, slope


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 1.3])
def test_slope__is_the_exponent(power: float) -> None:
    sizes = [1_000, 10_000, 100_000]
    assert slope(sizes, [0.2 * size**power for size in sizes]) == pytest.approx(power)


def test_a_day__is_of_patients_who_were_loaded_and_of_results_that_were_not() -> None:
    loaded = list(records(range(100)))
    known, held = {f"Patient/{one['id']}" for one in loaded}, {one["id"] for one in loaded}
    added = list(a_day(100))
    assert {one["subject"]["reference"] for one in added} <= known
    assert held.isdisjoint(one["id"] for one in added)
