"""Variant, wild type, or nobody looked: wild type needs every base called by one assay."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.library.vcf.samples import header, line, load, sheet, vcf
from tests.ingest.support import SYSTEM, rows
from vitruvian.base.ids import stable_id
from vitruvian.lake import Lake
from vitruvian.record.gene_state import GeneState, Region, covers, gene_state

ADA = stable_id("test", "Patient/ada")
EXON = Region("GRCh38", "12", 999, 1100)
"""Bases 1,000 to 1,100 in the counting of VCF."""


def asked(
    lake: Lake, region: Region = EXON, *, origin: str | None = None, subject: int = ADA
) -> GeneState:
    with lake.read(SYSTEM) as reader:
        return gene_state(reader, [subject], region, origin=origin)  # type: ignore[arg-type]  # a word of the test


def ada(lake: Lake, inbox: Path, *lines: str, called: str = "", uncallable: str = "") -> None:
    beds = []
    for name, text in (("called.bed", called), ("not.bed", uncallable)):
        if text:
            (inbox / name).write_text(text, "utf-8")
            beds.append(inbox / name)
    said = f"T,Patient/ada,somatic,,,,,{'called.bed' if called else ''},"
    told = sheet(inbox / "s.csv", said + ("not.bed" if uncallable else "") + ",")
    load(lake, told, *beds, vcf(inbox / "a.vcf", *lines, head=header("T")))


def test_nobody__is_not_looked_at(lake: Lake) -> None:
    assert asked(lake) == "not looked"


def test_variant_file_alone__never_reads_as_wild_type(lake: Lake, inbox: Path) -> None:
    ada(lake, inbox, line(5, "A>C", "0/1"), line(5000, "A>C", "0/0"))
    assert asked(lake) == "not looked"


def test_called_region_without_a_variant__is_wild_type(lake: Lake, inbox: Path) -> None:
    ada(lake, inbox, line(5, "A>C", "0/1"), called="chr12\t900\t1100\n")
    assert asked(lake) == "wild type"


@pytest.mark.parametrize("region", ["chr12\t900\t1099\n", "chr12\t1000\t1100\n", "chr13\t0\t9999\n",
                                    "chr12\t900\t1050\nchr12\t1051\t1200\n"])  # fmt: skip
def test_region_called_in_part__is_not_looked_at(lake: Lake, inbox: Path, region: str) -> None:
    ada(lake, inbox, line(5, "A>C", "0/1"), called=region)
    assert asked(lake) == "not looked"


def test_regions_that_touch__cover_together(lake: Lake, inbox: Path) -> None:
    ada(lake, inbox, line(5, "A>C", "0/1"), called="chr12\t1050\t1100\nchr12\t900\t1050\n")
    assert asked(lake) == "wild type"


def test_uncallable_base__takes_the_wild_type_away(lake: Lake, inbox: Path) -> None:
    ada(lake, inbox, line(5, "A>C", "0/1"), called="12\t0\t9999\n", uncallable="12\t1050\t1051\n")
    assert asked(lake) == "not looked"
    assert asked(lake, Region("GRCh38", "12", 999, 1050)) == "wild type"


@pytest.mark.parametrize(
    "change, cell, form, state",
    [
        ("A>C", "0/1", "GT", "variant"),
        ("A>C", "0/0", "GT", "wild type"),
        ("A>C", "./.", "GT", "not looked"),
        ("A>C", "0/1:lowgq", "GT:FT", "not looked"),
        ("AC>A", "1/1", "GT", "variant"),
        ("A>C,G", "2/2", "GT", "variant"),
    ],
)
def test_call_inside__decides(
    lake: Lake, inbox: Path, change: str, *, cell: str, form: str, state: GeneState
) -> None:
    ada(lake, inbox, line(1050, change, cell, form=form), called="12\t0\t9999\n")
    assert asked(lake) == state


def test_variant_before_and_after__is_none_of_the_region(lake: Lake, inbox: Path) -> None:
    lines = [line(999, "A>C", "0/1"), line(1101, "A>C", "0/1")]
    ada(lake, inbox, *lines, called="12\t0\t9999\n")
    assert asked(lake) == "wild type"


def test_large_deletion_from_far_away__is_a_variant(lake: Lake, inbox: Path) -> None:
    lost = line(10, "N><DEL>", "0/1", info="SVTYPE=DEL;END=2000", form="GT")
    ada(lake, inbox, lost, called="12\t0\t9999\n")
    assert asked(lake) == "variant"


def test_gvcf__says_what_was_called(lake: Lake, inbox: Path) -> None:
    lines = [
        line(900, "A><NON_REF>", "0/0:30:60", info="END=1019", form="GT:DP:GQ"),
        line(1020, "A>C,<NON_REF>", "0/0:30:60", form="GT:DP:GQ"),
        line(1021, "A><NON_REF>", "0/0:30:60", info="END=1200", form="GT:DP:GQ"),
        line(1201, "A><NON_REF>", "0/0:2:3", info="END=1300", form="GT:DP:GQ"),
    ]
    ada(lake, inbox, *lines)
    assert asked(lake) == "wild type"
    assert asked(lake, Region("GRCh38", "12", 1100, 1250)) == "not looked"
    (assay,) = rows(lake, "assay")
    assert (assay["regions_told_by"], assay["called_bases"]) == ("gvcf", 301)
    found = sorted((r["start"], r["end"], r["called"]) for r in rows(lake, "assay_region"))
    assert found == [(899, 1200, True), (1200, 1300, False)]


def test_other_build_and_other_origin__say_nothing(lake: Lake, inbox: Path) -> None:
    ada(lake, inbox, line(1050, "A>C", "0/1"), called="12\t0\t9999\n")
    assert asked(lake, Region("GRCh37", "12", 999, 1100)) == "not looked"
    assert asked(lake, origin="germline") == "not looked"
    assert asked(lake, origin="somatic") == "variant"
    assert asked(lake, subject=1) == "not looked"


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12))), st.integers(0, 10))
def test_covers__equals_counting_bases(pairs: list[tuple[int, int]], start: int) -> None:
    named = {base for first, last in pairs for base in range(first, last)}
    whole = (start, start + 3)
    assert covers(pairs, whole) == (set(range(*whole)) <= named)
