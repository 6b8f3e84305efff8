"""What every load promises, whatever the format."""

from __future__ import annotations

import gzip
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from tests.ingest.support import PATIENT, SYSTEM, bundle, ndjson, potassium, rows, take
from vitruvian.ingest import Limits
from vitruvian.ingest.engine import pipeline
from vitruvian.lake import Lake


def test_load__counts_offered_as_loaded_skipped_and_rejected(lake: Lake, inbox: Path) -> None:
    path = ndjson(inbox / "a.ndjson", PATIENT, potassium("k1"), potassium("k1"), {"id": "no type"})
    report = take(lake, path)
    assert (report.offered, report.loaded, report.skipped, report.rejected) == (4, 2, 1, 1)


def test_load__twice_adds_nothing(lake: Lake, inbox: Path) -> None:
    path = ndjson(inbox / "a.ndjson", PATIENT, potassium("k1"))
    take(lake, path)
    before = {name: rows(lake, name) for name in ("resource", "event", "source", "patient")}
    again = take(lake, path)
    assert (again.loaded, again.skipped, again.offered) == (0, 2, 2)
    assert again.sources[0].outcome == "known"
    assert {name: rows(lake, name) for name in before} == before


def test_load__of_the_same_records_in_another_wrapping_adds_no_record(
    lake: Lake, inbox: Path
) -> None:
    take(lake, ndjson(inbox / "a.ndjson", PATIENT, potassium("k1")))
    other = bundle(inbox / "b.json", {"resource": potassium("k1")}, {"resource": PATIENT})
    report = take(lake, other)
    assert (report.loaded, report.skipped) == (0, 2)
    assert len(rows(lake, "resource")) == 2


def test_load__of_a_record_with_only_a_new_server_time_adds_no_record(
    lake: Lake, inbox: Path
) -> None:
    take(
        lake,
        ndjson(inbox / "a.ndjson", PATIENT | {"meta": {"lastUpdated": "2024-01-01T00:00:00Z"}}),
    )
    later = PATIENT | {"meta": {"versionId": "9", "lastUpdated": "2025-01-01T00:00:00Z"}}
    assert take(lake, ndjson(inbox / "b.ndjson", later)).skipped == 1


def test_load__reads_folders_gzip_and_zip_alike(lake: Lake, inbox: Path) -> None:
    (inbox / "deep" / "er").mkdir(parents=True)
    ndjson(inbox / "deep" / "er" / "plain.ndjson", PATIENT)
    line = json.dumps(potassium("k1")) + "\n"
    (inbox / "deep" / "packed.gz").write_bytes(gzip.compress(line.encode()))
    with zipfile.ZipFile(inbox / "more.zip", "w") as archive:
        archive.writestr("x/k2.json", json.dumps(potassium("k2")))
        archive.writestr("x/k3.ndjson.gz", gzip.compress(json.dumps(potassium("k3")).encode()))
        archive.writestr("__MACOSX/x", "left out")
    report = take(lake, inbox)
    assert (report.loaded, report.refused) == (4, 0)


def test_load__keeps_the_bytes_of_each_record_verbatim(lake: Lake, inbox: Path) -> None:
    line = b'{ "resourceType":"Patient",  "id":"v","x":1.50,"name":[{"family":"\\u00c5"}] }'
    (inbox / "a.ndjson").write_bytes(line + b"\n")
    wrapped = b'{"resourceType":"Bundle","type":"batch","entry":[\n {"resource" : {"id":"w",\n\t"resourceType":"Patient","y":2.0} } ]}'
    (inbox / "b.json").write_bytes(wrapped)
    take(lake, inbox)
    kept = {row["resource_id"]: row["bytes"] for row in rows(lake, "resource")}
    assert kept == {"v": line, "w": b'{"id":"w",\n\t"resourceType":"Patient","y":2.0}'}


def test_load__in_small_groups_equals_one_large_group(tmp_path: Path, inbox: Path) -> None:
    for number in range(6):
        ndjson(inbox / f"{number}.ndjson", PATIENT, potassium(f"k{number}"))
    events = []
    for name, limits in (("one", None), ("many", Limits(publish_bytes=1))):
        with Lake.create(tmp_path / name, site="test") as lake:
            take(lake, inbox, limits=limits)
            events.append({row["event_id"] for row in rows(lake, "event")})
    assert events[0] == events[1]
    assert len(events[0]) == 6 + 2


def test_load__that_fails_midway_leaves_nothing(
    lake: Lake, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(pipeline, "_source_rows", fail)
    with pytest.raises(RuntimeError):
        take(lake, ndjson(inbox / "a.ndjson", PATIENT, potassium("k1")))
    assert rows(lake, "resource") == []
    assert list(lake.check()) == []


def test_load__of_the_same_file_under_two_names_counts_it_once(lake: Lake, inbox: Path) -> None:
    first = ndjson(inbox / "a.ndjson", PATIENT)
    shutil.copy(first, inbox / "b.ndjson")
    assert take(lake, inbox).loaded == 1
    assert len(rows(lake, "source")) == 1


def test_load__is_audited(lake: Lake, inbox: Path) -> None:
    take(lake, ndjson(inbox / "a.ndjson", PATIENT))
    with lake.read(SYSTEM) as reader:
        assert reader.rows("source", columns=["adapter", "outcome"]).to_pylist() == [
            {"adapter": "fhir", "outcome": "loaded"}
        ]
