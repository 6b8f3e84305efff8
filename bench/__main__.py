"""Measure every room that has a bench module and write docs/benchmarks.md.

A bench module is `bench/<room>.py` with `measure(scale)`, which returns dicts with
`name, value, unit` and, where there is a baseline, `versus, ratio, note`.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import pkgutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog

import bench
from bench.report.machine import describe
from bench.report.rows import Row, as_markdown, as_text

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
SCALES = ("small", "medium", "large")
HEAD = """# Benchmarks

Written by `make bench`; not edited by hand.
Every ratio compares two figures of the same run on the same machine: above 1, Vitruvian is faster.
Absolute figures say little on another machine.

Measured on {date}, scale `{scale}`.
{machine}
"""


def measurements() -> dict[str, Callable[[str], list[dict[str, object]]]]:
    """The `measure` function of every bench module, by module name."""
    modules = {
        name: importlib.import_module(f"bench.{name}")
        for _, name, _ in pkgutil.iter_modules(bench.__path__)
        if name != "__main__"
    }
    return {name: module.measure for name, module in modules.items() if hasattr(module, "measure")}


def measure(*, scale: str, only: list[str]) -> dict[str, list[Row]]:
    """Rows of every bench module, or of those named."""
    results: dict[str, list[Row]] = {}
    for name, function in measurements().items():
        if not only or name in only:
            results[name] = [Row.of(entry) for entry in function(scale)]
            print(f"\n{name}\n{as_text(results[name])}", flush=True)
    return results


def page(results: dict[str, list[Row]], *, scale: str) -> str:
    """The whole benchmarks page."""
    today = datetime.now(UTC).date().isoformat()
    sections = [f"\n## {name}\n\n{as_markdown(rows)}\n" for name, rows in results.items()]
    return HEAD.format(date=today, scale=scale, machine=describe()) + "".join(sections)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("only", nargs="*", help="modules to run; all when none is named")
    parser.add_argument("--scale", choices=SCALES, default="medium")
    chosen = parser.parse_args(arguments)
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=quiet)  # a log line a request would drown the figures
    results = measure(scale=chosen.scale, only=chosen.only)
    if chosen.only:
        print("\nOnly a part was measured: docs/benchmarks.md is left as it was.")
    else:
        PAGE.write_text(page(results, scale=chosen.scale), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
