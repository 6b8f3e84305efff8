"""`vitruvian view run --engine spark`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.views.support import column, view_of
from vitruvian.cli import main
from vitruvian.lake.engines.spark import Spark
from vitruvian.views import running

CODES = view_of(
    "Patient",
    {"column": [column("id", "id")]},
    {"forEach": "name.given", "column": [column("given", "$this")]},
)


def written(folder: Path, *lines: str) -> list[str]:
    view, source = folder / "view.json", folder / "patients.ndjson"
    view.write_text(json.dumps(CODES), "utf-8")
    source.write_text("\n".join(lines), "utf-8")
    return ["view", "run", str(view), "--input", str(source)]


def test_command__without_the_packages_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    monkeypatch.setitem(sys.modules, "pysail.spark", None)
    assert main([*written(tmp_path, "{}"), "--engine", "spark"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "pip install 'vitruvian[spark]'" in said.err


def test_command__prints_the_same_lines_on_both_engines(
    tmp_path: Path,
    spark: Spark,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    @contextmanager
    def shared() -> Iterator[Spark]:
        yield spark

    monkeypatch.setattr(running, "open_spark", shared)
    patient = '{"resourceType": "Patient", "id": "p1", "name": [{"given": ["Bo", "Cy"]}]}'
    asked = written(tmp_path, patient, "", patient)
    printed = []
    for engine in ("duckdb", "spark"):
        assert main([*asked, "--engine", engine]) == 0
        printed.append(sorted(capfdbinary.readouterr().out.splitlines()))
    assert printed[0] == printed[1]
    assert printed[0][0] == b'{"id":"p1","given":"Bo"}'
    assert len(printed[0]) == 4
