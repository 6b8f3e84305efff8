"""The public SQL on FHIR v2 test suite, where its files are at hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import ABSENT, real_data_folder
from tests.views.support import unordered
from vitruvian.views import ViewError, parse_view, run_view

FOLDER = "clinical/sql-on-fhir-v2/tests"


def suite() -> list[Any]:
    """One parameter a case: resources as text, the case."""
    root = real_data_folder()
    if root is None or not (root / FOLDER).is_dir():
        return [pytest.param([], {}, id="absent", marks=pytest.mark.skip(reason=ABSENT))]
    found = []
    for path in sorted((root / FOLDER).glob("*.json")):
        document = json.loads(path.read_text("utf-8"))
        lines = [json.dumps(resource) for resource in document["resources"]]
        found += [
            pytest.param(lines, case, id=f"{path.stem}: {case['title']}")
            for case in document["tests"]
        ]
    return found


@pytest.mark.parametrize("lines, case", suite())
def test_suite__gives_the_expected_rows(lines: list[str], case: dict[str, Any]) -> None:
    if case.get("expectError"):
        with pytest.raises(ViewError):
            run_view(parse_view(case["view"]), lines)
        return
    table = run_view(parse_view(case["view"]), lines)
    assert unordered(table.to_pylist()) == unordered(case["expect"])
    assert table.column_names == case.get("expectColumns", table.column_names)
