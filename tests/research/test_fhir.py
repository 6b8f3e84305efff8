"""FHIR resources as they came, current versions only."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.lake.rows import NOBODY, START, arrow, resource, retirement
from vitruvian.lake import Lake
from vitruvian.lake.errors import NotEmpty
from vitruvian.research import Wish, export_fhir
from vitruvian.trust import SYSTEM
from vitruvian.trust.errors import Anonymous

WISH = Wish(SYSTEM)


def lines_of(place: Path) -> Counter[bytes]:
    return Counter(
        line for path in place.rglob("*.ndjson") for line in path.read_bytes().splitlines()
    )


def bytes_of(place: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in place.iterdir()}


def test_nobody__gets_nothing_and_a_folder_in_use_is_refused(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(Anonymous):
        export_fhir(lake, tmp_path / "out", Wish(NOBODY))
    with pytest.raises(NotEmpty):
        export_fhir(lake, lake.path, WISH)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake"]


def test_export__is_byte_for_byte_what_came_in(demo: Lake, hospital: Path, tmp_path: Path) -> None:
    report = export_fhir(demo, tmp_path / "out", WISH)
    came = lines_of(hospital / "demo" / "fhir")
    assert lines_of(tmp_path / "out") == came
    assert report.total == came.total() > 1_000
    for path in (tmp_path / "out").glob("*.ndjson"):
        kinds = {json.loads(line)["resourceType"] for line in path.read_bytes().splitlines()}
        assert kinds == {path.stem}
        assert report.resources[path.stem] == len(path.read_bytes().splitlines())
    listed = json.loads((tmp_path / "out" / "export.json").read_text())
    assert {one["type"]: one["count"] for one in listed["output"]} == dict(report.resources)


def test_small_spans__give_the_same_bytes(demo: Lake, tmp_path: Path) -> None:
    export_fhir(demo, tmp_path / "one", WISH)
    export_fhir(demo, tmp_path / "many", WISH, rows_a_span=100)
    assert bytes_of(tmp_path / "many") == bytes_of(tmp_path / "one")


def test_replaced_deleted_and_foreign_records__are_left_out(lake: Lake, tmp_path: Path) -> None:
    rows = [
        resource(1, body=b'{"a":1}'),
        resource(2, body=b'{"a":2}'),
        {**resource(3), "deleted": True},
        {**resource(4, body=b"MSH|^~\\&"), "resource_type": "HL7v2/ORU_R01"},
        resource(5, subject=None, body=b' {\r\n  "a": "b c"\r\n}\n'),
    ]
    with lake.bulk(SYSTEM) as load:
        load.write("resource", arrow("resource", rows))
    with lake.read(SYSTEM) as reader:
        then = reader.snapshot.published_at
    lake.append(SYSTEM, {"retirement": [retirement(1, scope="version", target=1)]})
    report = export_fhir(lake, tmp_path / "now", WISH)
    assert report.resources == {"Observation": 2}
    text = (tmp_path / "now" / "Observation.ndjson").read_bytes()
    assert text == b'{    "a": "b c"  }\n{"a":2}\n'
    export_fhir(lake, tmp_path / "then", Wish(SYSTEM, recorded_at=then))
    assert b'{"a":1}' in (tmp_path / "then" / "Observation.ndjson").read_bytes()
    early = START - timedelta(days=1)
    assert export_fhir(lake, tmp_path / "early", Wish(SYSTEM, known_at=early)).total == 0


def test_export__leaves_an_audit_row(lake: Lake, tmp_path: Path) -> None:
    export_fhir(lake, tmp_path / "out", WISH)
    assert [row.deed.kind for row in lake.audit.rows()][-2:] == ["export", "export"]
