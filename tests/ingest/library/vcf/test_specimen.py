"""Samples linked by the FHIR specimen that a sheet names; never by a number that looks alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.ingest.library.vcf.samples import KRAS_LINE, header, load, vcf
from tests.ingest.support import PATIENT, ndjson, rows, take
from vitruvian.base.ids import stable_id
from vitruvian.lake import Lake

LAB = "https://lab.example/specimen"
ADA = stable_id("test", "Patient/ada")


def specimen(name: str, number: str, *, of: str = "ada", system: str = LAB) -> dict[str, Any]:
    return {
        "resourceType": "Specimen",
        "id": name,
        "identifier": [{"system": system, "value": number}],
        "subject": {"reference": f"Patient/{of}"},
    }


def sheet(path: Path, line: str) -> Path:
    path.write_text(f"sample,patient,system,origin\n{line}\n", "utf-8")
    return path


def known(lake: Lake, inbox: Path, *specimens: dict[str, Any]) -> None:
    take(lake, ndjson(inbox / "fhir.ndjson", PATIENT, PATIENT | {"id": "bea"}, *specimens))


def linked(lake: Lake) -> set[tuple[str, int, bool]]:
    return {(a["sample"], a["subject_id"], a["linked"]) for a in rows(lake, "assay")}


@pytest.mark.parametrize("line", ["*,Patient/ada,,germline", "*,Specimen,,germline",
                                  "S-1,Specimen,,germline"])  # fmt: skip
def test_line_that_says_too_little__is_reported(lake: Lake, inbox: Path, line: str) -> None:
    report = take(lake, sheet(inbox / "s.csv", line))
    assert report.sources[0].problems[0].code == "bad-sheet-line"


def test_number_of_another_system__links_nobody(lake: Lake, inbox: Path) -> None:
    known(lake, inbox, specimen("one", "S-1", system="https://other.example"))
    told = sheet(inbox / "s.csv", f"*,Specimen,{LAB},germline")
    report = load(lake, told, vcf(inbox / "a.vcf", KRAS_LINE, head=header("S-1")))
    assert not any(each for *_, each in linked(lake))
    assert "unlinked-sample" in {p.code for source in report.sources for p in source.problems}


def test_number_of_two_people__links_nobody(lake: Lake, inbox: Path) -> None:
    known(lake, inbox, specimen("one", "S-1"), specimen("two", "S-1", of="bea"))
    told = sheet(inbox / "s.csv", f"*,Specimen,{LAB},germline")
    load(lake, told, vcf(inbox / "a.vcf", KRAS_LINE, head=header("S-1")))
    assert not any(each for *_, each in linked(lake))


@pytest.mark.parametrize("line", [f"*,Specimen,{LAB},germline", f"S-1,Specimen,{LAB},germline",
                                  "S-1,Specimen/one,,germline"])  # fmt: skip
def test_specimen__says_whose_the_sample_is(lake: Lake, inbox: Path, line: str) -> None:
    known(lake, inbox, specimen("one", "S-1"))
    told = sheet(inbox / "s.csv", line)
    load(lake, told, vcf(inbox / "a.vcf", KRAS_LINE, head=header("S-1")))
    assert linked(lake) == {("S-1", ADA, True)}


def test_line_of_its_own__comes_before_the_line_of_all(lake: Lake, inbox: Path) -> None:
    known(lake, inbox, specimen("one", "S-1"))
    lines = f"*,Specimen,{LAB},germline\nS-1,Patient/bea,,germline"
    load(lake, sheet(inbox / "s.csv", lines), vcf(inbox / "a.vcf", KRAS_LINE, head=header("S-1")))
    assert linked(lake) == {("S-1", stable_id("test", "Patient/bea"), True)}
