"""Packets onto the timeline: values stand in the packets themselves, so they are checked there."""

from __future__ import annotations

import json
import os
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingest.library.phenopackets.samples import PACKET, packet
from tests.ingest.support import rows, take
from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.phenopackets.reading.packets import fault_of
from vitruvian.ingest.library.phenopackets.rows.events import Place, events_of
from vitruvian.ingest.library.phenopackets.rows.findings import findings_of
from vitruvian.lake import Lake
from vitruvian.record import table_named

REAL = Path(os.environ.get("VITRUVIAN_REAL_DATA", "absent")) / "clinical" / "phenopacket-store"


def events(lake: Lake, **wanted: Any) -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in rows(lake, "event", **wanted)}


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize("changed, fault", [
    ({"metaData": {"phenopacketSchemaVersion": "1.0.0"}}, "version"),
    ({"subject": {"sex": "MALE"}}, "no subject"),
    ({"subject": {"id": "m", "taxonomy": {"id": "NCBITaxon:10090"}}}, "not human"),
])  # fmt: skip
def test_packet_that_cannot_be_used__is_reported(
    lake: Lake, inbox: Path, changed: dict[str, Any], fault: str
) -> None:
    report = take(lake, packet(inbox / "a.json", **changed))
    assert (report.loaded, report.rejected) == (0, 1)
    assert fault in report.sources[0].problems[0].message


def test_line_that_is_no_json__is_counted_and_the_others_load(lake: Lake, inbox: Path) -> None:
    good = json.dumps(PACKET)
    (inbox / "a.jsonl").write_text(f"{good}\n{{broken\n", "utf-8")
    report = take(lake, inbox / "a.jsonl")
    assert (report.offered, report.loaded, report.rejected) == (2, 1, 1)


def test_finding_of_a_relative__is_no_finding_of_the_subject(lake: Lake, inbox: Path) -> None:
    text = json.dumps(PACKET).replace(
        '"subjectOrBiosampleId": "proband A"', '"subjectOrBiosampleId": "mother"'
    )
    (inbox / "a.json").write_text(text, "utf-8")
    report = take(lake, inbox / "a.json")
    assert [each.code for each in report.sources[0].problems] == ["of-another"]
    assert "GENE//KCNT1" not in events(lake)


# ------------------------------------------------------------------ what a packet says


def test_excluded_feature__is_negated(lake: Lake, inbox: Path) -> None:
    take(lake, packet(inbox / "a.json"))
    told = events(lake)
    assert told["HPO//HP:0000252"]["polarity"] == "negated"
    assert told["HPO//HP:0001250"]["polarity"] == "affirmed"


def test_age_of_onset__becomes_the_days_it_can_be(lake: Lake, inbox: Path) -> None:
    """Born 2001-03-14, one year and six months old: from 2002-09-14 until the next month."""
    take(lake, packet(inbox / "a.json"))
    seizure = events(lake)["HPO//HP:0001250"]
    days = [seizure[key].date().isoformat() for key in ("time", "time_min", "time_max")]
    assert days == ["2002-09-14", "2002-09-14", "2002-10-14"]
    assert seizure["text_value"] == "Severe, from 1 year 6 months"


def test_age_without_birth__has_no_day(lake: Lake, inbox: Path) -> None:
    take(lake, packet(inbox / "a.json", subject={"id": "proband A"}))
    seizure = events(lake)["HPO//HP:0001250"]
    assert (seizure["time"], seizure["time_as_sent"]) == (None, "P1Y6M")


def test_measurement__has_value_unit_and_range(lake: Lake, inbox: Path) -> None:
    take(lake, packet(inbox / "a.json"))
    found = events(lake)["LOINC//2823-3"]
    keys = ("numeric_value", "unit", "range_low", "range_high", "value_as_sent")
    assert [found[key] for key in keys] == [4.1, "mmol/L", 3.5, 5.1, "4.1"]


def test_variant__reads_as_on_a_report_with_its_identifier(lake: Lake, inbox: Path) -> None:
    take(lake, packet(inbox / "a.json"))
    found = events(lake)["GENE//KCNT1"]
    assert found["code_text"] == "KCNT1 p.(Arg428Gln)"
    assert found["text_value"] == "heterozygous, causative, annotated pathogenic"
    assert found["value_code"] == "VCF//GRCh38:9:135765706:G:A"
    (identifier,) = [each["code"] for each in found["codings"] if each["system"] == "VRS"]
    assert identifier.startswith("ga4gh:VA.")


def test_solved_diagnosis__counts_once_with_its_disease(lake: Lake, inbox: Path) -> None:
    """The same disease under diseases has an onset, so both stand; without one they are a fact."""
    disease = {"term": {"id": "OMIM:614959", "label": "DEE 14"}}
    take(lake, packet(inbox / "a.json", diseases=[disease]))
    keys = [row["fact_key"] for row in rows(lake, "event") if row["code"] == "OMIM//614959"]
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_unsolved_case__names_a_candidate_only(lake: Lake, inbox: Path) -> None:
    text = json.dumps(PACKET | {"diseases": []}).replace('"SOLVED"', '"UNSOLVED"')
    (inbox / "a.json").write_text(text, "utf-8")
    take(lake, inbox / "a.json")
    assert events(lake)["OMIM//614959"]["certainty"] == "unknown"


def test_later_version__takes_the_place_of_the_earlier(lake: Lake, inbox: Path) -> None:
    newer = {"metaData": PACKET["metaData"] | {"created": "2022-01-01T00:00:00Z"}}
    take(lake, packet(inbox / "new.json", phenotypicFeatures=[], **newer))
    take(lake, packet(inbox / "old.json"))
    assert "HPO//HP:0001250" not in events(lake)
    assert "LOINC//2823-3" in events(lake)


def test_names_with_underscores__are_read_alike(lake: Lake, inbox: Path) -> None:
    text = json.dumps(PACKET).replace("phenotypicFeatures", "phenotypic_features")
    (inbox / "a.json").write_text(text, "utf-8")
    take(lake, inbox / "a.json")
    assert "HPO//HP:0001250" in events(lake)


# ------------------------------------------------------------------ hostile and real


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["id", "label", "type", "term", "value", "onset", "age"]), inner),
    max_leaves=8,
)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(where=st.sampled_from(sorted(PACKET)), what=ANY, inner=ANY)
def test_anything_in_any_place__is_refused_or_becomes_rows(
    where: str, what: Any, inner: Any
) -> None:
    changed = PACKET | {where: what}
    for key in ("phenotypicFeatures", "diseases", "measurements", "interpretations"):
        changed[key] = [inner] if where != key else what
    if fault_of(changed) is not None:
        return
    place = Place(stable_id("s"), stable_id("v"), 0, {}, None)
    told = [*events_of(changed, place), *findings_of(changed, place)]
    assert pa.Table.from_pylist(told, table_named("event").schema).num_rows == len(told)


@pytest.mark.skipif(not REAL.is_dir(), reason="the real phenopackets are not there")
def test_published_cases__every_statement_is_an_event(lake: Lake, inbox: Path) -> None:
    expected: Counter[str] = Counter()
    with tarfile.open(REAL / "phenopackets.tar.xz") as archive:
        for number, member in enumerate(archive):
            stream = archive.extractfile(member)
            if stream is None or number % 40:
                continue
            data = stream.read()
            (inbox / f"{number}.json").write_bytes(data)
            said = json.loads(data)
            features = said.get("phenotypicFeatures", ())
            expected["negated"] += sum(each.get("excluded", False) for each in features)
            expected["features"] += len(features)
            expected["diseases"] += len(said["diseases"])
            expected["measured"] += len(said.get("measurements", ()))
            expected["variants"] += sum(
                len(each["diagnosis"]["genomicInterpretations"]) for each in said["interpretations"]
            )
    report = take(lake, inbox)
    assert report.rejected == 0
    told = rows(lake, "event")
    problems = [row for row in told if row["category"] == "problem"]
    found = Counter(
        features=sum(row["code"].startswith("HPO//") for row in problems),
        negated=sum(row["polarity"] == "negated" for row in problems),
        diseases=sum("/diseases/" in row["locator"] for row in problems),
        measured=sum(row["category"] == "laboratory" for row in told),
        variants=sum(row["category"] == "genomics" for row in told),
    )
    assert found == expected
