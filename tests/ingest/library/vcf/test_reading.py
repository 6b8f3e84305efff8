"""What a VCF says reaches the tables: alleles, calls, depth, phase, filters."""

from __future__ import annotations

import gzip
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.library.vcf.samples import KRAS_LINE, calls, header, line, load, vcf
from tests.ingest.support import rows, take
from vitruvian.ingest.library.vcf.alleles.align import Reference, shift_left
from vitruvian.ingest.library.vcf.reading.genotypes import meaning
from vitruvian.ingest.library.vcf.reading.header import read_header
from vitruvian.ingest.library.vcf.rows.block import Piece, tell
from vitruvian.lake import Lake


def test_build__not_said_is_refused(lake: Lake, inbox: Path) -> None:
    report = take(lake, vcf(inbox / "a.vcf", KRAS_LINE, head=header("TUMOUR", build="none")))
    (source,) = report.sources
    assert source.outcome == "refused"
    assert source.problems[0].code == "unknown-build"
    assert rows(lake, "assay") == []


@pytest.mark.parametrize(
    "said",
    ["##reference=hg18.fa", "##reference=file:///GRCh37.fa", "##contig=<ID=1,length=249250621>"],
)
def test_build__of_two_genomes_or_another_one_is_refused(
    lake: Lake, inbox: Path, said: str
) -> None:
    head = header("TUMOUR", build="none" if "hg18" in said else "GRCh38", more=(said,))
    report = take(lake, vcf(inbox / "a.vcf", KRAS_LINE, head=head))
    assert report.sources[0].problems[0].code == "unknown-build"


@pytest.mark.parametrize(
    "said, build",
    [
        ("##reference=file:///seq/human_g1k_v37.fasta", "GRCh37"),
        ("##reference=/data/hs37d5.fa", "GRCh37"),
        ("##reference=Homo_sapiens_assembly38.fasta ##GRCh38", "GRCh38"),
        ("##contig=<ID=chrX,length=156040895>", "GRCh38"),
        ("##contig=<ID=7,assembly=b37>", "GRCh37"),
    ],
)
def test_build__is_read_from_the_header(lake: Lake, inbox: Path, said: str, build: str) -> None:
    load(lake, vcf(inbox / "a.vcf", KRAS_LINE, head=header("T", build="none", more=(said,))))
    assert [row["build"] for row in rows(lake, "assay")] == [build]


@pytest.mark.parametrize("date", ["99991231", "00010101"])
def test_file_date__at_an_end_of_the_calendar_says_nothing(
    lake: Lake, inbox: Path, date: str
) -> None:
    head = header("TUMOUR").replace("20240305", date)
    load(lake, vcf(inbox / "a.vcf", KRAS_LINE, head=head))
    (assay,) = rows(lake, "assay")
    assert assay["known_at_basis"] == "assumed"
    assert assay["time"] is None or assay["time"].year == 1


def test_line__with_a_column_too_few_is_reported_and_the_others_load(
    lake: Lake, inbox: Path
) -> None:
    cut = KRAS_LINE.rsplit("\t", 1)[0] + "\n"
    odd = line(25245351, "A>C", "0/1:9:9:5,4").replace("25245351", "place")
    report = take(lake, vcf(inbox / "a.vcf", KRAS_LINE, cut, odd, line(25245360, "A>C", "1/1")))
    assert (report.offered, report.loaded, report.rejected) == (5, 3, 2)
    assert [problem.record for problem in report.sources[0].problems[1:]] == [2, 3]
    assert [call["position"] for call in calls(lake)] == [25245350, 25245360]


def test_alleles__are_split_and_trimmed(lake: Lake, inbox: Path) -> None:
    load(lake, vcf(inbox / "a.vcf", line(100, "CAA>CA,C,CTA,TAA", "1/3:20:50:1,9,0,10,0")))
    assert [(c["position"], c["ref"], c["alt"], c["copies"]) for c in calls(lake)] == [
        (100, "CA", "C", 1),
        (100, "CAA", "C", 0),
        (101, "A", "T", 1),
        (100, "C", "T", 0),
    ]
    assert [c["allele_depth"] for c in calls(lake)] == [9, 0, 10, 0]
    assert [round(c["vaf"], 3) for c in calls(lake)] == [0.45, 0.0, 0.5, 0.0]


def test_chromosome__is_named_without_chr(lake: Lake, inbox: Path) -> None:
    lines = [line(5, "A>C", "0/1", chrom=name) for name in ("chr12", "12", "chrM", "MT", "X")]
    load(lake, vcf(inbox / "a.vcf", *lines))
    assert [c["contig"] for c in calls(lake)] == ["12", "12", "MT", "MT", "X"]


@pytest.mark.parametrize(
    "cell, copies, ploidy, phased",
    [
        ("0/1", 1, 2, False),
        ("1|1", 2, 2, True),
        ("0", 0, 1, False),
        ("1", 1, 1, False),
        ("./.", None, 2, False),
        ("./1", 1, 2, False),
        ("./0", None, 2, False),
        (".", None, 1, False),
        ("0/1/1/1", 3, 4, False),
        ("0/0/0/0/0/0/0/0/0/1", 1, 10, False),
        ("0|1", 1, 2, True),
    ],
)
def test_genotype__says_how_many_copies(
    lake: Lake, inbox: Path, cell: str, *, copies: int | None, ploidy: int, phased: bool
) -> None:
    load(lake, vcf(inbox / "a.vcf", line(5, "A>C", cell, form="GT")))
    (call,) = calls(lake)
    assert (call["genotype"], call["copies"], call["ploidy"], call["phased"]) == (
        cell, copies, ploidy, phased,
    )  # fmt: skip


def test_genotype__of_two_figure_alleles_is_read() -> None:
    assert meaning("10|2").alleles == (10, 2)
    assert meaning("10|2").copies(1) == 0


def test_cells__may_end_early_and_differ_from_line_to_line(lake: Lake, inbox: Path) -> None:
    lines = [
        line(5, "A>C", "0/1:20", "./.", form="GT:DP:GQ"),
        line(6, "A>C", "0|1:77:.", "1|1:77:12", form="GT:PS:DP"),
        line(7, "A>C", "0/1:0.25", "0/0:.", form="GT:AF"),
        line(8, "A>C", "0/1:12%", "0/0:0%", form="GT:FREQ"),
        line(9, "A>C", "0/1:14.79", "0/1:1e308", form="GT:GQ"),
    ]
    load(lake, vcf(inbox / "a.vcf", *lines, head=header("A", "B")))
    found = calls(lake)
    first, second = found[:5], found[5:]
    assert [c["depth"] for c in first] == [20, None, None, None, None]
    assert [c["depth"] for c in second] == [None, 12, None, None, None]
    assert [c["phase_set"] for c in (first[1], second[1])] == ["77", "77"]
    assert [c["vaf"] for c in first[2:4]] == pytest.approx([0.25, 0.12])
    assert [c["vaf"] for c in second[2:4]] == [None, 0.0]
    assert first[4]["quality"] == pytest.approx(14.79, abs=1e-4)
    assert second[4]["quality"] is None


def test_filters__of_record_and_sample_are_kept(lake: Lake, inbox: Path) -> None:
    lines = [
        line(5, "A>C", "0/1:PASS", form="GT:FT"),
        line(6, "A>C", "0/1:lowgq", form="GT:FT"),
        line(7, "A>C", "0/1", form="GT", filters="q10;s50"),
        line(8, "A>C", "0/1", form="GT", filters="."),
    ]
    load(lake, vcf(inbox / "a.vcf", *lines))
    assert [c["passed"] for c in calls(lake)] == [True, False, False, True]
    assert [c["filter"] for c in calls(lake)] == ["PASS", "PASS", "q10;s50", "."]


def test_line_ends_of_windows__change_nothing(lake: Lake, inbox: Path) -> None:
    path = vcf(inbox / "a.vcf", KRAS_LINE, line(25245360, "A>C", "0/1:30:99:10,20"))
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    load(lake, path)
    assert [(c["copies"], c["allele_depth"]) for c in calls(lake)] == [(1, 48), (1, 20)]


def test_file_packed_anew__is_known_by_its_content(lake: Lake, inbox: Path) -> None:
    path = vcf(inbox / "a.vcf", KRAS_LINE)
    load(lake, path)
    packed = inbox / "b.vcf.gz"
    packed.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    report = load(lake, packed)
    assert (report.loaded, report.skipped) == (0, 2)
    assert len(rows(lake, "assay")) == 1


def test_file_of_sites__gives_variants_and_nobody_who_carries_them(lake: Lake, inbox: Path) -> None:
    load(lake, vcf(inbox / "a.vcf", line(5, "A>C"), line(9, "G>T", name="rs1;rs2"), head=header()))
    assert [row["names"] for row in rows(lake, "variant")] == [[], ["rs1", "rs2"]]
    assert rows(lake, "genotype") == rows(lake, "assay") == rows(lake, "event") == []


GENOME = "GATTACAGGGGCACACACATTTTTGA"
ALIGNED = Reference(lambda _contig, start, end: GENOME[max(start, 0) : end])


def applied(position: int, ref: str, alt: str) -> str:
    at = position - 1
    assert GENOME[at : at + len(ref)] == ref
    return GENOME[:at] + alt + GENOME[at + len(ref) :]


@given(
    st.integers(2, 24), st.integers(1, 4), st.text("ACGT", min_size=1, max_size=4), st.booleans()
)
def test_left_alignment__keeps_the_change_and_goes_no_further_left(
    position: int, length: int, letters: str, deletes: bool
) -> None:
    base = GENOME[position - 1]
    ref = GENOME[position - 1 : position + length] if deletes else base
    alt = base if deletes else base + letters
    if len(ref) == len(alt):
        return
    moved, new_ref, new_alt = shift_left(ALIGNED, "1", position, (ref, alt))
    assert applied(moved, new_ref, new_alt) == applied(position, ref, alt)
    assert moved <= position
    assert moved == 1 or new_ref[-1] != new_alt[-1]


ODD = [
    "\t",
    "\n",
    "\r",
    ",",
    ":",
    ";",
    "|",
    "/",
    "9" * 20,
    "-1",
    "\0",
    "\xff",
    "\xb2",
    "1e400",
    ".",
]


@settings(deadline=None, max_examples=60)  # each asks an engine
@given(st.data())
def test_spoilt_line__is_read_or_rejected_and_never_crashes(data: st.DataObject) -> None:
    text = KRAS_LINE
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 6))
        text = text[:at] + data.draw(st.sampled_from(ODD)) + text[at + cut :]
    content = header("TUMOUR").encode()
    piece = Piece(text.encode("latin-1").rstrip(b"\n") + b"\n", 1, 0, 1)
    with duckdb.connect() as connection:
        told = tell(connection, piece, read_header(content))
    lines = piece.data.count(b"\n")
    assert len(told.records) + len([r for r in told.rejected if r not in told.records]) == lines
    assert set(told.row.tolist()) <= set(range(len(told.records)))
