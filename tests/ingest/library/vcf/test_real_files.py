"""Files of other people against bcftools, and against another converter's FHIR.

bcftools (Danecek et al. 2021, doi:10.1093/gigascience/giab008) splits and left-aligns by itself;
the FHIR documents were made by vcf2fhir (elimuinformatics) from the same files.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.library.vcf.samples import calls, header, line, load, vcf
from tests.ingest.support import rows, take
from vitruvian.lake import Lake

REAL = Path(os.environ.get("VITRUVIAN_REAL_DATA", "absent")) / "clinical"
WITH_DATA = pytest.mark.skipif(not REAL.is_dir(), reason="real VCF files are not there")
WITH_TOOL = pytest.mark.skipif(
    shutil.which("bcftools") is None, reason="bcftools, the oracle, is not installed"
)
FILES = {
    "vcf-real/chr22.vcf.gz": "GRCh37",
    "vcf-real/chr7-sub.vcf.gz": "",
    "vcf-real/gl_chr1.vcf": "",
    "vcf-real/exomiser/Pfeiffer.vcf.gz": "",
    "vcf-to-fhir-genomics/HG00403A.vcf.gz": "",
    "vcf-to-fhir-genomics/NB6TK328_filtered.vcf": "",
    "vcf-to-fhir-genomics/vcf_example2.vcf": "GRCh37",
    "vcf-to-fhir-genomics/vcf_example4.vcf": "GRCh37",
}
# bcftools itself refuses these two: they use fields that their headers do not declare
READ_BY_BCFTOOLS = [name for name in FILES if "vcf_example" not in name]


def bcftools(*words: str, text: str | None = None) -> str:
    tool = shutil.which("bcftools") or "bcftools"
    done = subprocess.run([tool, *words], input=text, capture_output=True, text=True, check=True)
    return done.stdout


def copy(folder: Path, name: str, build: str) -> Path:
    """The file, with the build that its sender states elsewhere where the header has none.

    Contigs that the header does not name are added: bcftools asks for them.
    """
    data = (REAL / name).read_bytes()
    text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode()
    used = {each.split("\t", 1)[0] for each in text.splitlines() if each[:1] not in ("#", "")}
    more = [f"##contig=<ID={one}>" for one in sorted(used) if f"##contig=<ID={one}," not in text]
    first, rest = text.split("\n", 1)
    more += [f"##reference={build}"] if build else []
    path = folder / "a.vcf"
    path.write_text("\n".join([first, *more, rest]), "utf-8")
    return path


def lines_of(path: Path) -> list[list[str]]:
    text = path.read_text("utf-8").splitlines()
    return [each.split("\t") for each in text if not each.startswith("#")]


def carried(genotype: str, allele: int) -> int | None:
    """Copies by the plainest reading of VCF."""
    said = genotype.replace("|", "/").split("/")
    count = said.count(str(allele))
    return count if count or "." not in said else None


@WITH_DATA
@pytest.mark.parametrize("name", FILES)
def test_real_file__every_allele_and_every_genotype_is_there(
    lake: Lake, inbox: Path, name: str
) -> None:
    path = copy(inbox, name, FILES[name])
    report = load(lake, path)
    sent = lines_of(path)
    assert report.loaded == len(sent) + 1
    expected: Counter[tuple[int, int, int | None]] = Counter()
    for number, columns in enumerate(sent, start=1):
        for allele, alt in enumerate(columns[4].split(","), start=1):
            if alt not in (".", "<*>", "<NON_REF>"):
                place = columns[8].split(":").index("GT")
                for cell in columns[9:]:
                    expected[number, allele, carried(cell.split(":")[place], allele)] += 1
    found = Counter((c["record"], c["allele"], c["copies"]) for c in calls(lake))
    assert found == expected


@WITH_DATA
@WITH_TOOL
@pytest.mark.parametrize("name", READ_BY_BCFTOOLS)
def test_real_file__splits_as_bcftools_does(lake: Lake, inbox: Path, name: str) -> None:
    path = copy(inbox, name, FILES[name])
    load(lake, path)
    split = bcftools("norm", "-m-any", "-N", "--force", "-Ov", str(path))
    told = bcftools("query", "-f", "%CHROM\\t%POS\\t%ALT\\n", text=split).splitlines()
    theirs = Counter(
        contig.removeprefix("chr") for contig, _, alt in map(str.split, told) if alt != "."
    )
    assert Counter(row["contig"] for row in rows(lake, "variant")) == theirs


def made(folder: Path) -> tuple[Path, Path, str]:
    """A made reference of repeats, and records on it that can move."""
    dice = random.Random(20)
    genome = "".join(dice.choice(["A", "C", "AT", "CAG", "G", "TTTT"]) for _ in range(1500))
    fasta = folder / "made.fa"
    rows_ = [genome[at : at + 60] for at in range(0, len(genome), 60)]
    fasta.write_text(">chr12\n" + "\n".join(rows_) + "\n", "utf-8")
    lines = []
    for place in range(2, len(genome) - 12, 3):
        ref = genome[place - 1 : place - 1 + dice.randint(1, 5)]
        alts = {ref + genome[place - 1 + len(ref) :][: dice.randint(1, 4)], ref[0], ref[:-1] or "T"}
        alts = {alt for alt in alts if alt != ref} or {"A" if ref != "A" else "C"}
        lines.append(line(place, f"{ref}>{','.join(sorted(alts))}", "0/1", form="GT"))
    path = vcf(folder / "made.vcf", *lines, head=header("T"))
    return fasta, path, genome


@WITH_TOOL
def test_left_alignment__equals_bcftools_on_a_made_reference(
    lake: Lake, inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fasta, path, _ = made(tmp_path)
    normal = bcftools("norm", "-m-any", "-f", str(fasta), "-Ov", str(path))
    told = bcftools("query", "-f", "%POS\\t%REF\\t%ALT\\n", text=normal).splitlines()
    monkeypatch.setenv("VITRUVIAN_FASTA_GRCH38", str(fasta))
    load(lake, path)
    ours = Counter(f"{v['position']}\t{v['ref']}\t{v['alt']}" for v in rows(lake, "variant"))
    assert len(told) > 1000
    assert ours == Counter(told)


@WITH_TOOL
def test_bcf__is_the_same_as_its_vcf(lake: Lake, inbox: Path, tmp_path: Path) -> None:
    _, path, _ = made(tmp_path)
    bcftools("view", "-Ob", "-o", str(inbox / "made.bcf"), str(path))
    load(lake, inbox / "made.bcf")
    assert len(rows(lake, "variant")) == sum(len(c[4].split(",")) for c in lines_of(path))


@WITH_DATA
@pytest.mark.parametrize("name", ["vcf-real/ex2.vcf", "vcf-real/structural.vcf"])
def test_genome_of_2006__is_refused(lake: Lake, inbox: Path, name: str) -> None:
    report = take(lake, copy(inbox, name, ""))
    assert report.sources[0].problems[0].code == "unknown-build"


def components(observation: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for each in observation.get("component", ()):
        value = each.get("valueString") or each.get("valueRange") or each.get("valueQuantity")
        coding = each.get("valueCodeableConcept", {}).get("coding", [{}])
        found[each["code"]["coding"][0]["code"]] = value or coding[0].get("code")
    return found


@WITH_DATA
def test_expected_fhir__names_the_same_alleles_but_for_those_not_called(
    lake: Lake, inbox: Path
) -> None:
    take(lake, copy(inbox, "vcf-to-fhir-genomics/vcf_example1.vcf", "GRCh37"))
    ours = {(c["position"], c["ref"], c["alt"]) for c in calls(lake) if c["copies"] and c["passed"]}
    document = json.loads(
        (REAL / "vcf-to-fhir-genomics" / "expected_example1_wo_patient.json").read_text("utf-8")
    )
    said = [components(each) for each in document["contained"]]
    told = {
        (int(each["81254-5"]["low"]["value"]), each["69547-8"], each["69551-0"])
        for each in said
        if "69547-8" in each
    }
    # the converter reports "present" for ./. and .|. at 26 and 27: not called is not present
    assert told - ours == {(26, "A", "G"), (27, "A", "G")}
    # it leaves out what SVTYPE or a symbol marks as structural
    assert {position for position, _, _ in ours - told} == {18, 28}
