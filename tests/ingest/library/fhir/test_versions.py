"""Several versions of one resource: all are kept, one holds, whatever the order of arrival."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.support import SYSTEM, bundle, every_version, ndjson, potassium, rows, take
from vitruvian.lake import Lake


def version(number: int, value: float, status: str = "final") -> dict[str, Any]:
    written = f"2024-03-05T{9 + number:02}:00:00Z"
    meta = {"versionId": str(number), "lastUpdated": written}
    return potassium(
        "k", meta=meta, status=status, valueQuantity={"value": value, "unit": "mmol/L"}
    )


VERSIONS = (
    version(1, 6.9, "preliminary"),
    version(2, 4.3, "corrected"),
    version(3, 4.4, "corrected"),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_current_version__follows_the_source_and_not_arrival(
    lake: Lake, inbox: Path, order: tuple[int, ...]
) -> None:
    for number in order:
        take(lake, ndjson(inbox / f"{number}.ndjson", VERSIONS[number]))
    assert [row["numeric_value"] for row in rows(lake, "event")] == [4.4]
    assert len(every_version(lake, "resource")) == 3


def test_current_version__within_one_load_is_the_latest(lake: Lake, inbox: Path) -> None:
    take(lake, ndjson(inbox / "a.ndjson", VERSIONS[2], VERSIONS[0], VERSIONS[1]))
    assert [row["numeric_value"] for row in rows(lake, "event")] == [4.4]


def test_earlier_version__shows_as_known_before_the_correction(lake: Lake, inbox: Path) -> None:
    take(lake, ndjson(inbox / "a.ndjson", *VERSIONS))
    shown = []
    for hour in (9, 10, 11, 13):
        at = datetime(2024, 3, 5, hour, 30, tzinfo=UTC)
        with lake.read(SYSTEM, known_at=at) as reader:
            shown.append(reader.rows("event", columns=["numeric_value"])[0].to_pylist())
    assert shown == [[], [6.9], [4.3], [4.4]]


def test_deletion__hides_the_resource_and_keeps_its_bytes(lake: Lake, inbox: Path) -> None:
    deleted = {
        "request": {"method": "DELETE", "url": "Observation/k"},
        "response": {"status": "204", "lastModified": "2024-03-06T09:00:00Z", "etag": 'W/"4"'},
    }
    path = bundle(
        inbox / "a.json", deleted, *({"resource": each} for each in VERSIONS), kind="history"
    )
    report = take(lake, path)
    assert (report.loaded, report.rejected) == (4, 0)
    assert rows(lake, "event") == []
    (left,) = rows(lake, "resource")
    assert (left["deleted"], left["version"]) == (True, "4")
    with lake.read(SYSTEM, known_at=datetime(2024, 3, 5, 23, tzinfo=UTC)) as reader:
        assert reader.rows("event", columns=["numeric_value"]).to_pylist() == [
            {"numeric_value": 4.4}
        ]


def test_version__without_number_follows_time_and_then_arrival(lake: Lake, inbox: Path) -> None:
    first, second = potassium("k"), potassium("k", note=[{"text": "again"}])
    take(lake, ndjson(inbox / "a.ndjson", first))
    take(lake, ndjson(inbox / "b.ndjson", second))
    assert len(rows(lake, "event")) == 1
    assert len(rows(lake, "retirement")) == 1
    (kept,) = rows(lake, "resource")
    assert b"again" in kept["bytes"]
