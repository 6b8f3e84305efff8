"""GA4GH identifiers of stored alleles: given where certain, absent elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest.library.vcf.samples import KRAS, header, line, load, vcf
from tests.ingest.library.vcf.test_real_files import made
from tests.ingest.support import rows
from tests.terms.genome.test_vrs import theirs
from vitruvian.lake import Lake
from vitruvian.terms.genome import Change, refget_accession


def ids(lake: Lake) -> dict[tuple[int, str, str], str | None]:
    return {(v["position"], v["ref"], v["alt"]): v["vrs_id"] for v in rows(lake, "variant")}


def test_insertion_without_the_genome__has_no_identifier(lake: Lake, inbox: Path) -> None:
    load(lake, vcf(inbox / "a.vcf", line(1000, "A>AT", "0/1", form="GT")))
    assert ids(lake) == {(1000, "A", "AT"): None}


def test_symbolic_allele__has_no_identifier(lake: Lake, inbox: Path) -> None:
    load(lake, vcf(inbox / "a.vcf", line(1000, "A><DEL>", "0/1", form="GT", info="END=1500")))
    assert set(ids(lake).values()) == {None}


def test_mitochondrion_of_hg19__has_no_identifier(lake: Lake, inbox: Path) -> None:
    """UCSC's hg19 has another mitochondrion than GRCh37: 16,571 letters, not 16,569."""
    more = ("##contig=<ID=chrM,length=16571>",)
    head = header("T", build="GRCh37", more=more)
    load(lake, vcf(inbox / "a.vcf", line(73, "A>G", "1", chrom="chrM", form="GT"), head=head))
    assert set(ids(lake).values()) == {None}


def test_place_beyond_the_chromosome__has_no_identifier(lake: Lake, inbox: Path) -> None:
    load(lake, vcf(inbox / "a.vcf", line(133275310, "A>G", "0/1", form="GT")))
    assert set(ids(lake).values()) == {None}


def test_substitutions__have_the_identifiers_of_ga4gh_vrs(lake: Lake, inbox: Path) -> None:
    changes = ["C>T", "CA>TG", "AC>TGG"]
    lines = [line(1000 + n * 10, each, "0/1", form="GT") for n, each in enumerate(changes)]
    load(lake, vcf(inbox / "a.vcf", *lines))
    accession = refget_accession("GRCh38", "12") or ""
    found = ids(lake)
    assert len(found) == len(changes)
    for (position, ref, alt), identifier in found.items():
        # letters around a substitution play no part
        sequence = "N" * (position - 1) + ref
        assert identifier == theirs(sequence, Change(position, ref, alt), accession)


def test_finding__shows_the_identifier_among_its_codings(lake: Lake, inbox: Path) -> None:
    load(lake, vcf(inbox / "a.vcf", line(25245350, "C>T", "0/1:50:99:25,25", info=KRAS)))
    (finding,) = [e for e in rows(lake, "event") if e["code"] == "GENE//KRAS"]
    told = [each["code"] for each in finding["codings"] if each["system"] == "VRS"]
    assert told == list(ids(lake).values())


def test_made_genome__gives_insertions_the_identifiers_of_ga4gh_vrs(
    lake: Lake, inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fasta, path, genome = made(tmp_path)
    index = f"chr12\t{len(genome)}\t{len('>chr12') + 1}\t60\t61\n"
    fasta.with_name(f"{fasta.name}.fai").write_text(index, "utf-8")
    monkeypatch.setenv("VITRUVIAN_FASTA_GRCH38", str(fasta))
    load(lake, path)
    found = ids(lake)
    assert len(found) > 1000
    accession = refget_accession("GRCh38", "12") or ""
    for (position, ref, alt), identifier in list(found.items())[::5]:
        assert identifier == theirs(genome, Change(position, ref, alt), accession)
