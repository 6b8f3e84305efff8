"""Whose a sample is: by a sheet, now or later, and never by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.ingest.library.vcf.samples import (
    KRAS_LINE,
    SHEET,
    genomics,
    header,
    line,
    load,
    sheet,
    vcf,
)
from tests.ingest.support import PATIENT, SYSTEM, ndjson, rows, take
from vitruvian.base.ids import stable_id
from vitruvian.lake import Lake

ADA = stable_id("test", "Patient/ada")


def persons(lake: Lake, *, of: int) -> set[int]:
    with lake.read(SYSTEM) as reader:
        return set(reader.subjects_of(of))


def test_sample_without_a_sheet__is_kept_reported_and_nobodys(lake: Lake, inbox: Path) -> None:
    report = load(lake, vcf(inbox / "a.vcf", KRAS_LINE))
    assert [problem.code for problem in report.sources[0].problems] == ["unlinked-sample"]
    (assay,) = rows(lake, "assay")
    assert not assay["linked"]
    assert persons(lake, of=assay["subject_id"]) == {assay["subject_id"]}


def test_samples_of_one_name_in_two_files__are_not_one_person(lake: Lake, inbox: Path) -> None:
    load(lake, vcf(inbox / "a.vcf", KRAS_LINE))
    load(lake, vcf(inbox / "b.vcf", line(5, "A>C", "0/1")))
    assert len({assay["subject_id"] for assay in rows(lake, "assay")}) == 2


@pytest.mark.parametrize("fault", ["TUMOUR,,somatic", ",Patient/ada,somatic", "TUMOUR,Patient/ada,x",
                                   "TUMOUR,Patient/ada,somatic,,140%", "TUMOUR,Patient/ada,,,,May"])  # fmt: skip
def test_line_of_a_sheet__that_cannot_be_used_is_reported(
    lake: Lake, inbox: Path, fault: str
) -> None:
    report = take(lake, sheet(inbox / "s.csv", fault))
    assert (report.offered, report.rejected) == (1, 1)
    assert report.sources[0].problems[0].code == "bad-sheet-line"
    assert "TUMOUR" not in report.sources[0].problems[0].message


def test_sheet__says_whose_what_and_when(lake: Lake, inbox: Path) -> None:
    told = sheet(inbox / "s.csv", "TUMOUR,Patient/ada,somatic,colon biopsy,40%,2024-03-01,"
                 "2024-03-09T10:00:00+01:00,,,")  # fmt: skip
    load(lake, told, vcf(inbox / "a.vcf", KRAS_LINE))
    (assay,) = rows(lake, "assay")
    assert assay["linked"]
    assert (assay["subject_id"], assay["origin"], assay["specimen"]) == (
        ADA, "somatic", "colon biopsy",
    )  # fmt: skip
    assert assay["tumour_purity"] == 0.4
    assert {event["subject_id"] for event in genomics(lake)} == {ADA}
    assert {event["known_at"].isoformat() for event in genomics(lake)} == {
        "2024-03-09T09:00:00+00:00"
    }
    assert {event["time"].isoformat() for event in genomics(lake)} == {"2024-03-01T00:00:00+00:00"}
    assert {event["known_at_basis"] for event in genomics(lake)} == {"stated"}


def test_clock_without_a_sheet__is_the_day_of_the_file_and_says_it_is_assumed(
    lake: Lake, inbox: Path
) -> None:
    take(lake, vcf(inbox / "a.vcf", KRAS_LINE), zone="Europe/Oslo")
    event = genomics(lake)[0]
    assert event["time"].isoformat() == "2024-03-04T23:00:00+00:00"
    assert event["known_at"].isoformat() == "2024-03-05T23:00:00+00:00"
    assert event["known_at_basis"] == "assumed"


def test_identifier__finds_the_patient_loaded_before(lake: Lake, inbox: Path) -> None:
    load(lake, ndjson(inbox / "p.ndjson", PATIENT))
    load(lake, sheet(inbox / "s.csv", "TUMOUR,M-1,germline"), vcf(inbox / "a.vcf", KRAS_LINE))
    assert rows(lake, "assay")[0]["subject_id"] == ADA


def test_identifier_of_two_people__links_nobody(lake: Lake, inbox: Path) -> None:
    twin: dict[str, Any] = {**PATIENT, "id": "eve"}
    load(lake, ndjson(inbox / "p.ndjson", PATIENT, twin))
    told = sheet(inbox / "s.csv", "TUMOUR,M-1,germline")
    report = load(lake, told, vcf(inbox / "a.vcf", KRAS_LINE))
    codes = [problem.code for source in report.sources for problem in source.problems]
    assert sorted(codes) == ["no-such-patient", "unlinked-sample"]
    assert not rows(lake, "assay")[0]["linked"]


def test_sheet_that_comes_later__makes_the_sample_the_patients(lake: Lake, inbox: Path) -> None:
    load(lake, vcf(inbox / "a.vcf", KRAS_LINE))
    before = genomics(lake)
    load(lake, sheet(inbox / "s.csv", "TUMOUR,Patient/ada,somatic"))
    (assay,) = rows(lake, "assay")
    assert persons(lake, of=ADA) == {ADA, assay["subject_id"]}
    assert genomics(lake) == before


def test_sheet_that_came_before__is_remembered(lake: Lake, inbox: Path) -> None:
    load(lake, sheet(inbox / "s.csv", "TUMOUR,Patient/ada,somatic"))
    load(lake, vcf(inbox / "a.vcf", KRAS_LINE))
    assert rows(lake, "assay")[0]["subject_id"] == ADA


def test_sheet_that_names_a_file__speaks_of_no_other(lake: Lake, inbox: Path) -> None:
    told = sheet(inbox / "s.csv", "TUMOUR,Patient/ada,somatic,,,,,,,a.vcf")
    load(lake, told, vcf(inbox / "a.vcf", KRAS_LINE), vcf(inbox / "b.vcf", line(5, "A>C", "0/1")))
    assert sorted(assay["linked"] for assay in rows(lake, "assay")) == [False, True]


def test_stored_lines__show_no_other_sample(lake: Lake, inbox: Path) -> None:
    lines = KRAS_LINE.rstrip("\n") + "\t0/1:77:99:40,37\n"
    head = header("TUMOUR", "OTHER", more=("##SAMPLE=<ID=OTHER>", "##bcftools_viewCommand=OTHER"))
    told = sheet(inbox / "s.csv", "TUMOUR,Patient/ada,somatic")
    load(lake, told, vcf(inbox / "a.vcf", lines, head=head))
    own = [row["bytes"] for row in rows(lake, "resource", subjects=[ADA])
           if row["resource_type"] != "VCF/sample"]  # fmt: skip
    assert len(own) == 2
    assert all(b"OTHER" not in each and b"0/1:77" not in each for each in own)


def test_sheet__needs_its_three_columns() -> None:
    assert SHEET.split(",")[:3] == ["sample", "patient", "origin"]
