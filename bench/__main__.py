"""Measure every room that has a bench module and write docs/benchmarks.md.

A bench module is `bench/<room>.py` or `bench/<room>/<part>.py` with `measure(scale)`, which
returns dicts with `name, value, unit` and, where there is a baseline, `versus, ratio, note`.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path

import structlog

import bench
from bench.report.page import section, with_sections
from bench.report.rows import Row, as_text

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
SCALES = ("small", "medium", "large")
Measure = Callable[[str], list[dict[str, object]]]


def measurements() -> dict[str, Measure]:
    """The `measure` function of every bench module, by the module's own name."""
    found = sorted(name for _, name, _ in pkgutil.walk_packages(bench.__path__, "bench."))
    modules = [importlib.import_module(name) for name in found if not name.endswith("__main__")]
    return {
        module.__name__.rpartition(".")[2]: module.measure
        for module in modules
        if hasattr(module, "measure")
    }


def measure_and_write(*, scale: str, only: list[str]) -> None:
    """Measure all modules, or those named; each section is written as soon as it is known."""
    for name, function in measurements().items():
        if only and not {name, *function.__module__.split(".")} & {*only}:
            continue
        rows = [Row.of(entry) for entry in function(scale)]
        print(f"\n{name}\n{as_text(rows)}", flush=True)
        text = with_sections(PAGE.read_text("utf-8"), {name: section(rows, scale=scale)})
        PAGE.write_text(text, "utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("only", nargs="*", help="parts or rooms to measure; all when none is named")
    parser.add_argument("--scale", choices=SCALES, default="medium")
    chosen = parser.parse_args(arguments)
    known = {word for one in measurements().values() for word in one.__module__.split(".")[1:]}
    if strange := [one for one in chosen.only if one not in known]:
        parser.error(
            f"no such part: {', '.join(strange)}. Expected some of {', '.join(sorted(known))}"
        )
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=quiet)  # a log line a request would drown the figures
    measure_and_write(scale=chosen.scale, only=chosen.only)
    return 0


if __name__ == "__main__":
    sys.exit(main())
