"""Every part of the bench runs, at its smallest scale: nothing else calls most of it."""

from __future__ import annotations

import pytest

from bench.__main__ import measurements
from bench.report.rows import Row


@pytest.mark.torture
@pytest.mark.parametrize("name", sorted(measurements()))
def test_part_of_the_bench__measures_something(name: str) -> None:
    rows = [Row.of(entry) for entry in measurements()[name]("small")]
    assert rows
    assert len({row.name for row in rows}) == len(rows)
