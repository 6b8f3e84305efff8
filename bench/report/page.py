"""The page of all figures: a section for each part, with the day and machine it was measured on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bench.report.machine import describe
from bench.report.rows import Row, as_markdown

HEAD = """# Benchmarks

Written by `make bench`; not edited by hand.
Every ratio compares two figures of the same run on the same machine: above 1, Vitruvian is faster.
Absolute figures say little on another machine.
"""
MARK = "\n## "


def section(rows: Sequence[Row], *, scale: str) -> str:
    """What was measured of one part, when and on what."""
    today = datetime.now(UTC).date().isoformat()
    return f"Measured on {today}, scale `{scale}`.\n{describe()}\n\n{as_markdown(rows)}"


def with_sections(before: str, new: Mapping[str, str]) -> str:
    """The page with some sections written anew; the others stay as they were measured."""
    known = dict(part.split("\n", 1) for part in before.split(MARK)[1:])
    texts = {name: text.strip() for name, text in {**known, **new}.items()}
    return HEAD + "".join(f"{MARK}{name}\n\n{texts[name]}\n" for name in sorted(texts))
