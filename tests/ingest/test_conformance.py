"""What every adapter promises, run over every plug-in folder there is."""

from __future__ import annotations

import json
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from tests.ingest.support import every_version, rows, take
from vitruvian.base.manifest import find_plugins, read_manifest
from vitruvian.ingest.engine.adapter import Adapter, Probe
from vitruvian.ingest.engine.declared import mapping_beside
from vitruvian.ingest.engine.library import LIBRARY, adapter_named, adapters
from vitruvian.lake import Lake
from vitruvian.record import TABLES

FOREIGN = {
    "nothing": b"",
    "spaces": b" \n\t ",
    "png": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "pdf": b"%PDF-1.7\n",
    "elf": b"\x7fELF" + bytes(64),
    "dicom": bytes(128) + b"DICM",
    "vcf": b"##fileformat=VCFv4.2\n#CHROM\tPOS\n",
    "csv": b"id,name\n1,a\n",
    "xml": b"<?xml version='1.0'?><Patient/>",
    "plain json": b'{"name": "not a resource"}',
    "json list": b"[1, 2, 3]",
    "prose": b"The patient was seen today. resourceType is a word.",
}


def samples(name: str, folder: Path) -> list[Path]:
    """Good files of one format: each plug-in's own, from `library/<name>/samples.py`."""
    made: list[Path] = import_module(f"tests.ingest.library.{name}.samples").samples(folder)
    return made


@pytest.fixture(params=[each.manifest.name for each in adapters()])
def adapter(request: pytest.FixtureRequest) -> Adapter:
    found = adapter_named(request.param)
    assert found is not None
    return found


def test_plugins__are_found_by_their_folder() -> None:
    folders = {folder.name: read_manifest(folder) for folder in find_plugins(LIBRARY)}
    assert {each.manifest.name for each in adapters()} <= set(folders)
    assert "fhir" in {each.manifest.name for each in adapters()}


def test_manifest__yields_only_tables_of_the_house(adapter: Adapter) -> None:
    assert set(adapter.manifest.yields) <= set(TABLES)


@pytest.mark.parametrize("kind", FOREIGN)
def test_score__of_a_foreign_file_is_none(adapter: Adapter, kind: str) -> None:
    assert adapter.score(Probe(FOREIGN[kind], "", whole=True)) is None


def test_score__does_not_depend_on_the_name(adapter: Adapter, inbox: Path) -> None:
    for path in samples(adapter.manifest.name, inbox):
        for suffix in ("", ".txt", ".json", ".out"):
            beside = mapping_beside(path)
            score = adapter.score(Probe(path.read_bytes(), suffix, whole=True, mappings=beside))
            assert score is not None
            assert 0 < score <= 1


def test_load__adds_up_and_is_idempotent(adapter: Adapter, lake: Lake, inbox: Path) -> None:
    files = samples(adapter.manifest.name, inbox)
    first = take(lake, *files)
    assert first.loaded > 0
    assert first.offered == first.loaded + first.skipped + first.rejected
    state = rows(lake, "event")
    again = take(lake, *files)
    assert (again.loaded, again.skipped) == (0, first.offered)
    assert rows(lake, "event") == state


def _flagged(lake: Lake) -> Counter[str]:
    """Events in the lake whose zone was assumed, source by source."""
    flagged = every_version(lake, "event")
    return Counter(each["source_id"] for each in flagged if "assumed-zone" in each["flags"])


def test_times_without_a_zone__are_counted_as_the_lake_holds_them(
    adapter: Adapter, lake: Lake, inbox: Path
) -> None:
    report = take(lake, *samples(adapter.manifest.name, inbox))
    said = {each.source_id: each.assumed_zone for each in report.sources if each.assumed_zone}
    assert said == _flagged(lake)
    stored = {
        each["source_id"]: json.loads(each["problems"] or "[]") for each in rows(lake, "source")
    }
    kept = {
        source_id: kind["count"]
        for source_id, kinds in stored.items()
        for kind in kinds
        if kind["code"] == "assumed-zone"
    }
    assert kept == said


@pytest.mark.parametrize("name", ["fhir", "hl7v2", "omop"])
def test_times_without_a_zone__are_said_unless_a_zone_is_declared(
    name: str, lake: Lake, inbox: Path, tmp_path: Path
) -> None:
    files = samples(name, inbox)
    report = take(lake, *files)
    count = _flagged(lake).total()
    assert count > 0
    line = f"Dates and times without a zone, taken as UTC: {count:,}."
    assert sum(each.startswith(line) for each in report.as_lines()) == 1
    with Lake.create(tmp_path / "declared", site="st-elsewhere") as declared:
        told = take(declared, *files, zone="Europe/Oslo")
        assert (told.assumed_zone, _flagged(declared).total()) == (0, 0)
        assert not any("zone" in each for each in told.as_lines())


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_load__of_a_cut_file_stores_nothing_of_it(
    adapter: Adapter, lake: Lake, inbox: Path, share: float
) -> None:
    path = samples(adapter.manifest.name, inbox)[-1]
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    report = take(lake, path)
    assert [source.outcome for source in report.sources] == ["refused"]
    assert rows(lake, "resource") == []
    (problem,) = report.sources[0].problems
    assert problem.message.count(".") >= 2


def test_report__is_json_and_stable(adapter: Adapter, lake: Lake, inbox: Path) -> None:
    said = take(lake, *samples(adapter.manifest.name, inbox)).as_json()
    assert json.loads(json.dumps(said)) == said
    assert set(said) == {
        "offered", "loaded", "skipped", "rejected", "refused_sources", "sources",
    }  # fmt: skip
    assert set(said["sources"][0]) == {
        "source_id", "adapter", "outcome", "offered", "loaded", "skipped", "rejected",
        "assumed_zone", "problem_count", "problems",
    }  # fmt: skip
