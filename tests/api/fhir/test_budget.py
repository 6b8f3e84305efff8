"""A patient with more records than fit into memory is read within a budget, and reads the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.api.client import TestClient
from tests.api.fhir.conftest import potassium, take_in
from tests.api.fhir.test_export import exported
from vitruvian.api.routes.fhir.exporting import exports
from vitruvian.lake import Lake
from vitruvian.lake.engines import doorway
from vitruvian.lake.engines.arrow import KeyReader

MANY = 60
QUESTIONS = (
    *("Observation/k1", "Observation/m7/_history", "Patient/anna/$everything?_count=20"),
    *("Observation?patient=Patient/anna&_count=25", "Patient?_id=anna&_revinclude=*"),
    "Observation?subject:Patient.family=Müller&_count=5",
)


@pytest.fixture
def crowded(hospital: Lake, tmp_path: Path) -> Lake:
    """The same hospital; Anna has many results."""
    some = [potassium(f"m{n}", "anna", f"4.{n}", "2024-05-02T10:00:00Z") for n in range(MANY)]
    take_in(hospital, some, tmp_path, name="many")
    return hospital


def without_clock(text: str) -> Any:
    """An answer without the random part of links to further pages."""
    said = json.loads(text)
    said.pop("link", None)
    return said


def test_patient_of_too_many_bytes__is_read_by_the_engine_and_answered_alike(
    crowded: Lake, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = [without_clock(client.get(f"/fhir/{one}").text) for one in QUESTIONS]
    monkeypatch.setattr(doorway, "MOST_NEAR", 0)
    read: list[Any] = []
    rows: Callable[..., Any] = KeyReader.rows

    def watched(self: KeyReader, path: Path, **said: Any) -> Any:
        read.append(said["sought"].by)
        return rows(self, path, **said)

    monkeypatch.setattr(KeyReader, "rows", watched)
    assert [without_clock(client.get(f"/fhir/{one}").text) for one in QUESTIONS] == near
    assert "subject_id" not in read, "a patient's rows were unpacked side by side"


def test_export__holds_so_many_rows_at_once_and_each_of_them_once(
    crowded: Lake, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, whole = exported(client, "/$export")
    monkeypatch.setattr(exports, "ROWS_AT_ONCE", 7)
    most: list[int] = []
    stored = exports._stored

    def watched(reader: Any, rows: Any) -> Any:
        most.append(len(rows))
        return stored(reader, rows)

    monkeypatch.setattr(exports, "_stored", watched)
    _, parts = exported(client, "/$export")
    assert {kind: sorted(one["id"] for one in some) for kind, some in parts.items()} == {
        kind: sorted(one["id"] for one in some) for kind, some in whole.items()
    }
    # Spread by a hash, so that parts are alike and not equal.
    assert max(most) < MANY / 2
