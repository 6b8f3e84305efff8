"""Flat tables: the rows of views over what a lake holds, in three formats."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.lake.rows import NOBODY, START, arrow, link, resource, retirement
from tests.views.support import column, view_of
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.lake.errors import NotEmpty
from vitruvian.research import Tables, Wish, export_tables, usual_views
from vitruvian.research.export.tables import USUAL, table_name
from vitruvian.trust import SYSTEM
from vitruvian.trust.errors import Anonymous
from vitruvian.views import NotOneValue, parse_view

WISH = Wish(SYSTEM)
CODES = parse_view(
    view_of(
        "Observation",
        {"column": [column("id", "id"), column("value", "value.ofType(Quantity).value")]},
        {"column": [{**column("codes", "code.coding.code"), "collection": True}]},
    )
)


def observation(number: int, *codes: str, value: float | None = None) -> dict[str, object]:
    said: dict[str, object] = {"resourceType": "Observation", "id": f"o{number}"}
    said["code"] = {"coding": [{"code": code} for code in codes]}
    if value is not None:
        said["valueQuantity"] = {"value": value}
    return resource(number, body=json.dumps(said).encode())


@pytest.fixture
def filled(lake: Lake) -> Lake:
    rows = [observation(1, "a", 'say "b", c', value=1.5), observation(2), observation(3, "é")]
    with lake.bulk(SYSTEM) as load:
        load.write("resource", arrow("resource", rows))
    return lake


def test_nobody__gets_nothing_and_a_folder_in_use_is_refused(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(Anonymous):
        export_tables(lake, tmp_path / "out", Wish(NOBODY), Tables({"codes": CODES}))
    with pytest.raises(NotEmpty):
        export_tables(lake, lake.path, WISH, Tables({"codes": CODES}))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake"]


def test_three_formats__hold_the_same_rows(filled: Lake, tmp_path: Path) -> None:
    for kind in ("parquet", "csv", "ndjson"):
        report = export_tables(filled, tmp_path / kind, WISH, Tables({"codes": CODES}, kind=kind))
        assert (report.tables, report.total) == ({"codes": 3}, 3)
    rows = sorted(pq.read_table(tmp_path / "parquet" / "codes.parquet").to_pylist(), key=str)
    assert [row.pop("person_id") for row in rows] == [1, 1, 1]
    assert rows == [
        {"id": "o1", "value": 1.5, "codes": ["a", 'say "b", c']},
        {"id": "o2", "value": None, "codes": []},
        {"id": "o3", "value": None, "codes": ["é"]},
    ]
    lines = (tmp_path / "ndjson" / "codes.ndjson").read_text("utf-8").splitlines()
    told = sorted(map(json.loads, lines), key=str)
    assert [row | {"person_id": 1} for row in rows] == told
    with (tmp_path / "csv" / "codes.csv").open(encoding="utf-8", newline="") as file:
        cells = sorted(csv.DictReader(file), key=str)
    assert [json.loads(row["codes"]) for row in cells] == [row["codes"] for row in rows]
    assert [row["value"] for row in cells] == ["1.5", "", ""]


def test_person__is_one_in_all_sources_that_were_linked(lake: Lake, tmp_path: Path) -> None:
    rows = [{**observation(n, "a"), "subject_id": n % 4 or None} for n in range(1, 9)]
    with lake.bulk(SYSTEM) as load:
        load.write("resource", arrow("resource", rows))
        load.write("person_link", arrow("person_link", [link(1, subject=3, person=1)]))
    ours = parse_view(view_of("Observation", {"column": [column("person_id", "id")]}))
    export_tables(lake, tmp_path / "out", WISH, Tables({"codes": CODES, "ours": ours}))
    found = pq.read_table(tmp_path / "out" / "codes.parquet")
    assert found.column_names[0] == "person_id"
    persons = {row["id"]: row["person_id"] for row in found.to_pylist()}
    assert persons == {f"o{n}": {1: 1, 2: 2, 3: 1, 0: None}[n % 4] for n in range(1, 9)}
    assert pq.read_table(tmp_path / "out" / "ours.parquet").column("person_id")[0].as_py()[0] == "o"


def test_reference_within_a_bundle__still_tells_the_person(lake: Lake, tmp_path: Path) -> None:
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1970-01-01"}
    glucose: dict[str, object] = {"resourceType": "Observation", "id": "g", "status": "final"}
    glucose |= {"subject": {"reference": "urn:uuid:1"}, "code": {"text": "Glucose"}}
    entries = [
        {"fullUrl": f"urn:uuid:{n}", "resource": one} for n, one in ((1, patient), (2, glucose))
    ]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    (tmp_path / "bundle.json").write_text(json.dumps(bundle))
    ingest([tmp_path / "bundle.json"], lake, access=SYSTEM, time_zone="UTC")
    export_tables(lake, tmp_path / "out", WISH, Tables(usual_views()))
    ids = [
        pq.read_table(tmp_path / "out" / f"{name}.parquet").column("person_id").to_pylist()
        for name in ("patient", "observation")
    ]
    assert ids[0] == ids[1] != [None]


def test_small_parts__give_the_same_rows_and_tell_how_far_they_are(
    filled: Lake, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    rows = [{**observation(n, "x"), "subject_id": n} for n in range(10, 14)]
    rows.append({**observation(20, "of nobody"), "subject_id": None})
    filled.append(SYSTEM, {"resource": rows})
    wish = Wish(SYSTEM, progress=lambda done, total: told.append((done, total)))
    for name, span in (("whole", 1_000), ("parts", 1)):
        wanted = Tables({"codes": CODES, "again": CODES}, kind="csv")
        export_tables(filled, tmp_path / name, wish, wanted, rows_a_span=span)
    whole, parts = (
        [sorted((tmp_path / name / f"{table}.csv").read_text().splitlines())
         for table in ("codes", "again")]
        for name in ("whole", "parts")
    )  # fmt: skip
    assert parts == whole
    assert len(whole[0]) == 1 + 8
    assert told[:4] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert told[-1][0] == told[-1][1] > 4


def test_replaced_deleted_and_later_records__are_left_out(lake: Lake, tmp_path: Path) -> None:
    rows = [observation(1, "a"), observation(2, "b"), {**observation(3, "c"), "deleted": True}]
    with lake.bulk(SYSTEM) as load:
        load.write("resource", arrow("resource", rows))
    with lake.read(SYSTEM) as reader:
        then = reader.snapshot.published_at
    lake.append(SYSTEM, {"retirement": [retirement(1, scope="version", target=1)]})
    counts = [
        export_tables(lake, tmp_path / name, wish, Tables({"codes": CODES})).total
        for name, wish in (
            ("now", WISH),
            ("then", Wish(SYSTEM, recorded_at=then)),
            ("early", Wish(SYSTEM, known_at=START - timedelta(days=1))),
        )
    ]
    assert counts == [1, 2, 0]


def test_a_view_that_fails__leaves_nothing(filled: Lake, tmp_path: Path) -> None:
    one = parse_view(view_of("Observation", {"column": [column("code", "code.coding.code")]}))
    with pytest.raises(NotOneValue):
        export_tables(filled, tmp_path / "out", WISH, Tables({"codes": CODES, "one": one}))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake"]


def test_usual_views__have_a_row_for_every_resource_that_came(
    demo: Lake, hospital: Path, tmp_path: Path
) -> None:
    lines = (p.read_bytes().splitlines() for p in (hospital / "demo" / "fhir").glob("*.ndjson"))
    came = [json.loads(line) for file in lines for line in file]
    report = export_tables(demo, tmp_path / "out", WISH, Tables(usual_views()))
    kinds = Counter(one["resourceType"] for one in came)
    parts = sum(len(one.get("component", ())) for one in came)
    for name, view in usual_views().items():
        expected = parts if name == "observation_component" else kinds[view.resource]
        assert report.tables[name] == expected
    found = pq.read_table(tmp_path / "out" / "observation.parquet").to_pylist()
    values = {one["id"]: one["valueQuantity"]["value"] for one in came if "valueQuantity" in one}
    assert {r["id"]: r["value"] for r in found if r["value"] is not None} == values
    patients = {one["id"] for one in came if one["resourceType"] == "Patient"}
    assert {row["patient"] for row in found} <= patients


@pytest.mark.parametrize("path", sorted(USUAL.glob("*.json")), ids=lambda path: path.stem)
def test_usual_view__is_named_as_its_file_and_its_columns_once(path: Path) -> None:
    view = parse_view(path.read_bytes())
    names = [one.name for select in view.selects for one in select.columns]
    assert table_name(view, Path("other.json")) == path.stem
    assert "person_id" not in names
    assert len(names) == len(set(names)) > 5


def test_export__leaves_an_audit_row_that_names_the_tables(filled: Lake, tmp_path: Path) -> None:
    export_tables(filled, tmp_path / "out", WISH, Tables({"codes": CODES}))
    told = [row.deed for row in filled.audit.rows() if row.deed.kind == "export"]
    assert any("tables codes" in str(deed.definition) for deed in told)
