"""Every test of criteria over a timeline by hand again, answered by Spark."""

from __future__ import annotations

import zlib
from dataclasses import replace
from types import ModuleType

import pytest

from tests.criteria import test_attrition_and_explanation as explaining
from tests.criteria import test_differences as differing
from tests.criteria import test_three_valued as three_valued
from tests.criteria.spark.twin import on_spark, shown
from tests.criteria.timeline import over
from vitruvian.criteria import Engine
from vitruvian.lake.engines.spark import Spark

MODULES: tuple[ModuleType, ...] = (explaining, differing, three_valued)


@pytest.fixture(autouse=True)
def _answered_by_spark(spark: Spark, monkeypatch: pytest.MonkeyPatch) -> None:
    """Timelines by hand are put before Spark, each under names of its own."""

    def over_spark(text: str, *, observed: str = "") -> Engine:
        here = over(text, observed=observed)
        number = zlib.crc32(f"{text}{observed}".encode())
        source = replace(here.source, relation=f"events_{number}", observed=f"seen_{number}")
        shown(spark, f"seen_{number}", here.answer("SELECT * FROM seen"))
        return on_spark(spark, here.answer("SELECT * FROM events"), source)

    for module in MODULES:
        monkeypatch.setattr(module, "over", over_spark)


def _by_hand(module: ModuleType) -> dict[str, object]:
    """Its tests; those with random records bring a connection of DuckDB's own."""
    found = {name: one for name, one in vars(module).items() if name.startswith("test_")}
    return {name: one for name, one in found.items() if not hasattr(one, "hypothesis")}


for _module in MODULES:
    globals().update(_by_hand(_module))
