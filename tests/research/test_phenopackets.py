"""Packets out: what came in as a packet comes out as one, and the schema's own classes read it."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.library.phenopackets.samples import PACKET, packet
from tests.ingest.support import take
from tests.lake.rows import NOBODY
from vitruvian.cli import main
from vitruvian.lake import Lake
from vitruvian.lake.errors import NotEmpty
from vitruvian.research import Wish, export_phenopackets
from vitruvian.trust import SYSTEM
from vitruvian.trust.errors import Anonymous

WISH = Wish(SYSTEM)


def written(place: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text("utf-8")) for path in sorted(place.glob("*.json"))]


def out(lake: Lake, tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "in").mkdir()
    take(lake, packet(tmp_path / "in" / "a.json"))
    export_phenopackets(lake, tmp_path / "out", WISH)
    (found,) = written(tmp_path / "out")
    return found


def test_nobody__gets_nothing_and_a_folder_in_use_is_refused(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(Anonymous):
        export_phenopackets(lake, tmp_path / "out", Wish(NOBODY))
    with pytest.raises(NotEmpty):
        export_phenopackets(lake, lake.path, WISH)


def test_packet__holds_no_identifier_and_no_birth_date(lake: Lake, tmp_path: Path) -> None:
    text = json.dumps(out(lake, tmp_path))
    assert "proband A" not in text
    assert "A-77" not in text
    assert "2001" not in text


def test_packet__says_again_what_came_in(lake: Lake, tmp_path: Path) -> None:
    found = out(lake, tmp_path)
    features = {e["type"]["id"]: e for e in found["phenotypicFeatures"]}
    assert features.keys() == {e["type"]["id"] for e in PACKET["phenotypicFeatures"]}
    assert features["HP:0000252"]["excluded"]
    assert features["HP:0001250"]["onset"] == {"age": {"iso8601duration": "P1Y6M"}}
    assert found["subject"]["sex"] == "FEMALE"
    assert {e["term"]["id"] for e in found["diseases"]} == {"OMIM:614959"}
    (measured,) = found["measurements"]
    sent = PACKET["measurements"][0]["value"]["quantity"]
    assert measured["value"]["quantity"]["value"] == sent["value"]
    assert measured["timeObserved"] == {"age": {"iso8601duration": "P19Y1M17D"}}


def test_finding__keeps_coordinates_changes_and_class(lake: Lake, tmp_path: Path) -> None:
    (interpretation,) = out(lake, tmp_path)["interpretations"]
    (one,) = interpretation["diagnosis"]["genomicInterpretations"]
    sent = PACKET["interpretations"][0]["diagnosis"]["genomicInterpretations"][0]
    assert one["interpretationStatus"] == "CAUSATIVE"
    variant = one["variantInterpretation"]
    assert variant["acmgPathogenicityClassification"] == "PATHOGENIC"
    told, was = (each["variantInterpretation"]["variationDescriptor"] for each in (one, sent))
    assert told["geneContext"] == was["geneContext"]
    assert told["allelicState"] == was["allelicState"]
    assert told["expressions"] == was["expressions"]
    assert told["vcfRecord"] == was["vcfRecord"] | {"genomeAssembly": "GRCh38", "chrom": "9"}
    assert told["id"].startswith("ga4gh:VA.")


def test_packet_taken_in_again__states_the_same(lake: Lake, tmp_path: Path) -> None:
    out(lake, tmp_path)
    with Lake.create(tmp_path / "second", site="other") as second:
        take(second, tmp_path / "out")
        export_phenopackets(second, tmp_path / "again", WISH)
    first, again = (written(tmp_path / name)[0] for name in ("out", "again"))
    for key in ("phenotypicFeatures", "diseases"):
        assert sorted(map(repr, again[key])) == sorted(map(repr, first[key]))


def test_demo_hospital__is_read_by_the_classes_of_the_schema(demo: Lake, tmp_path: Path) -> None:
    phenopackets = pytest.importorskip(
        "phenopackets", reason="phenopackets, the oracle, wants an older protobuf than the others"
    )
    parse = import_module("google.protobuf.json_format").ParseDict
    report = export_phenopackets(demo, tmp_path / "out", WISH)
    found = [parse(each, phenopackets.Phenopacket()) for each in written(tmp_path / "out")]
    assert len(found) == report.packets > 0


def test_demo_hospital__every_named_code_system_is_declared(demo: Lake, tmp_path: Path) -> None:
    report = export_phenopackets(demo, tmp_path / "out", WISH)
    assert report.packets == len(written(tmp_path / "out")) > 0
    assert report.diseases > 0
    for each in written(tmp_path / "out"):
        declared = {one["namespacePrefix"] for one in each["metaData"]["resources"]}
        named = {e["term"]["id"].partition(":")[0] for e in each.get("diseases", ())}
        named |= {e["assay"]["id"].partition(":")[0] for e in each.get("measurements", ())}
        assert named <= declared


def test_command__says_what_it_wrote(
    lake: Lake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    take(lake, packet(tmp_path / "in" / "a.json"))
    place = str(lake.path)
    lake.close()
    assert main(["export", "phenopackets", str(tmp_path / "out"), "--lake", place]) == 0
    assert "wrote 1 phenopacket: 3 features" in capsys.readouterr().out
