"""Annotated findings become events, in the words of the ward, and can be traced."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest.library.vcf.samples import (
    KRAS_LINE,
    effect,
    genomics,
    header,
    line,
    load,
    sheet,
    vcf,
)
from tests.ingest.support import SYSTEM, rows
from vitruvian.ingest import trace
from vitruvian.lake import Lake

SOMATIC = "TUMOUR,Patient/ada,somatic,colon biopsy,40%,2024-03-01,2024-03-09T10:00:00Z,,,"


def labels(lake: Lake) -> list[str]:
    return sorted(
        event["code_text"] for event in genomics(lake) if event["code"] != "LOINC//81247-9"
    )


def test_somatic_finding__reads_as_on_the_report(lake: Lake, inbox: Path) -> None:
    load(lake, sheet(inbox / "s.csv", SOMATIC), vcf(inbox / "a.vcf", KRAS_LINE))
    finding, assay = sorted(genomics(lake), key=lambda event: event["code"])
    assert (finding["code"], finding["code_text"]) == ("GENE//KRAS", "KRAS p.Gly12Asp")
    assert finding["text_value"] == "VAF 23 %, depth 210"
    assert finding["value_code"] == "VCF//GRCh38:12:25245350:C:T"
    assert finding["specimen"] == "colon biopsy, tumour cells 40 %"
    assert finding["method"] == "somatic, GRCh38"
    assert assay["code_text"] == "Genetic test: somatic sequencing"
    assert assay["text_value"] == (
        "1 variant alleles, 1 finding, which regions were called is not said"
    )


@pytest.mark.parametrize(
    "cell, words",
    [
        ("0/1:210:99:162,48", "heterozygous, VAF 23 %, depth 210"),
        ("1/1:40:99:0,40", "homozygous, VAF 100 %, depth 40"),
        ("1:40", "hemizygous, depth 40"),
    ],
)
def test_germline_finding__says_its_zygosity(
    lake: Lake, inbox: Path, cell: str, words: str
) -> None:
    told = sheet(inbox / "s.csv", "TUMOUR,Patient/ada,germline")
    load(lake, told, vcf(inbox / "a.vcf", KRAS_LINE.replace("0/1:210:99:162,48", cell)))
    assert words in [event["text_value"] for event in genomics(lake)]


@pytest.mark.parametrize(
    "info, cell, filters, found",
    [
        (effect(IMPACT="HIGH", SYMBOL="G"), "0/1", "PASS", True),
        (effect(IMPACT="HIGH", SYMBOL="G"), "0/1", "q10", False),
        (effect(IMPACT="HIGH", SYMBOL="G"), "0/0", "PASS", False),
        (effect(IMPACT="HIGH", SYMBOL="G"), "./.", "PASS", False),
        (effect(IMPACT="LOW", SYMBOL="G"), "0/1", "PASS", False),
        (effect(IMPACT="HIGH", SYMBOL="G", MAX_AF="0.051"), "0/1", "PASS", False),
        (effect(IMPACT="HIGH", SYMBOL="G", MAX_AF="0.049"), "0/1", "PASS", True),
        (effect(IMPACT="LOW", SYMBOL="G", CLIN_SIG="benign&likely_pathogenic"), "0/1", ".", True),
        (effect(IMPACT="LOW", SYMBOL="G", CLIN_SIG="benign"), "0/1", ".", False),
        (
            effect(IMPACT="LOW", CLIN_SIG="conflicting_interpretations_of_pathogenicity"),
            "0/1",
            ".",
            False,
        ),
        ("CLNSIG=Likely_pathogenic", "0/1", ".", True),
        (".", "0/1", "PASS", False),
    ],
)
def test_finding__is_carried_unfiltered_and_matters(
    lake: Lake, inbox: Path, info: str, *, cell: str, filters: str, found: bool
) -> None:
    load(lake, vcf(inbox / "a.vcf", line(5, "A>C", cell, info=info, filters=filters)))
    assert len(labels(lake)) == int(found)


def test_exome_without_frequencies__does_not_bury_the_page(lake: Lake, inbox: Path) -> None:
    missense = effect(IMPACT="MODERATE", SYMBOL="G", HGVSp="p.Val1Ala")
    many = [line(100 + n, "A>C", "0/1", info=missense) for n in range(2001)]
    famous = line(9000, "A>C", "0/1", info=effect(SYMBOL="F", CLIN_SIG="pathogenic"))
    load(lake, vcf(inbox / "a.vcf", *many, famous))
    assert labels(lake) == ["F chr12:9000 A>C"]


def test_annotation__belongs_to_its_own_allele(lake: Lake, inbox: Path) -> None:
    info = ",".join(
        [
            effect(Allele="T", IMPACT="HIGH", SYMBOL="G", HGVSp="p.One"),
            effect(Allele="-", IMPACT="HIGH", SYMBOL="G", HGVSp="p.Gone").removeprefix("CSQ="),
        ]
    )
    load(lake, vcf(inbox / "a.vcf", line(5, "CA>CT,C", "0/2", info=info)))
    assert labels(lake) == ["G p.Gone"]


def test_annotation__of_the_canonical_transcript_is_shown(lake: Lake, inbox: Path) -> None:
    info = ",".join(
        [
            effect(IMPACT="HIGH", SYMBOL="G", HGVSp="x:p.Other"),
            effect(IMPACT="MODERATE", SYMBOL="G", HGVSp="x:p.Main%3D", CANONICAL="YES")[4:],
        ]
    )
    load(lake, vcf(inbox / "a.vcf", line(5, "A>C", "0/1", info=info)))
    assert labels(lake) == ["G p.Main="]


def test_snpeff__is_read_too(lake: Lake, inbox: Path) -> None:
    names = "Allele | Annotation | Annotation_Impact | Gene_Name | Feature_ID | HGVS.c | HGVS.p"
    said = f"##INFO=<ID=ANN,Number=.,Type=String,Description=\"Functional annotations: '{names}'\">"
    head = header("TUMOUR", more=(said,)).replace("ID=CSQ", "ID=OLD")
    info = "ANN=C|stop_gained|HIGH|RYR1|NM_1.2|c.7063C>T|p.Arg2355Ter"
    load(lake, vcf(inbox / "a.vcf", line(5, "A>C", "0/1", info=info), head=head))
    assert labels(lake) == ["RYR1 p.Arg2355Ter"]


def test_trace__gives_the_line_and_the_same_event_again(lake: Lake, inbox: Path) -> None:
    other = "\t0/0:50:99:50,0\n"
    two = KRAS_LINE.rstrip("\n") + other
    load(
        lake, sheet(inbox / "s.csv", SOMATIC), vcf(inbox / "a.vcf", two, head=header("TUMOUR", "N"))
    )
    for event in genomics(lake):
        with lake.read(SYSTEM) as reader:
            record, fresh = trace(reader, event["event_id"])
        again = [row for row in fresh.to_pylist() if row["event_id"] == event["event_id"]]
        written = ("recorded_at", "load_id")
        assert [each | dict.fromkeys(written) for each in again] == [event | dict.fromkeys(written)]
        if event["code"] == "GENE//KRAS":
            assert record["bytes"].decode() == KRAS_LINE


def test_genotype__is_traceable_to_file_and_offset(lake: Lake, inbox: Path) -> None:
    path = vcf(inbox / "a.vcf", KRAS_LINE, line(25245360, "A>C", "0/1"))
    load(lake, path)
    data = path.read_bytes()
    for row in rows(lake, "variant"):
        here = data[row["byte_offset"] :].split(b"\n")[0].split(b"\t")
        assert int(here[1]) == row["position"]
