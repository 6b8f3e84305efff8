"""The benchmarks page says what was measured, and nothing else."""

from __future__ import annotations

import pytest

from bench.__main__ import measurements
from bench.report.page import section, with_sections
from bench.report.rows import Row, as_markdown, as_text


def test_row__refuses_a_key_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="speed"):
        Row.of({"name": "x", "value": 1.0, "unit": "s", "speed": 3})


def test_table__cannot_be_broken_by_a_cell() -> None:
    table = as_markdown([Row("a|b", 2.0, "rows/s", note="two\nlines")])
    assert table.splitlines()[-1] == "| a\\|b | 2 rows/s |  |  | two lines |"


def test_text__shows_a_ratio_only_where_there_is_a_baseline() -> None:
    shown = as_text([Row("ingest", 5000, "rows/s", "read_ndjson", 1.5), Row("alone", 1, "s")])
    assert "1.50x" in shown.splitlines()[1]
    assert "x" not in shown.splitlines()[2]


def test_section__names_machine_scale_and_versions() -> None:
    written = section([Row("Observation", 20, "rows/s")], scale="small")
    assert "scale `small`" in written
    assert "duckdb" in written


def test_page__measured_in_part_keeps_the_other_sections() -> None:
    whole = with_sections("", {"views": "as of May", "lake": "as of May"})
    after = with_sections(whole, {"lake": "as of June", "api": "as of June"})
    assert after.startswith("# Benchmarks")
    assert [part.split() for part in after.split("\n## ")[1:]] == [
        ["api", "as", "of", "June"],
        ["lake", "as", "of", "June"],
        ["views", "as", "of", "May"],
    ]


def test_every_bench_module__is_found_in_folders_too() -> None:
    assert {"lake", "picture", "hl7v2"} <= set(measurements())
