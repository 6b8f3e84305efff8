"""Sample names, commands, comments and record names do not leave with VCF and WFDB."""

from __future__ import annotations

import pytest

pytest.importorskip("re2", reason="google-re2 comes with the extra `notes`")

from vitruvian.research.deidentify.headers import clean_vcf, clean_wfdb_header, record_of
from vitruvian.research.deidentify.replace import Project

PROJECT = Project("heart-1", b"0123456789abcdef0123456789abcdef")
VCF = """##fileformat=VCFv4.2
##fileDate=20240228
##source=caller --sample Quillfeather
##reference=file:///data/quillfeather/ref.fa
##SAMPLE=<ID=Quillfeather,Description="4471120">
##contig=<ID=chr7,length=159345973,URL="ftp://quillfeather">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO	FORMAT	Quillfeather	4471120
chr7	55	.	A	G	50	PASS	DP=3	GT	0/1	1/1
"""
HEADER = """Quillfeather 2 360 650000 10:11:12 28/02/2024
Quillfeather.dat 212 200 11 1024 995 -22131 0 MLII
Quillfeather.dat 212 200 11 1024 1011 20052 0 V5
# 69 M 1085 1629 x1, Ms Quillfeather
"""


def test_vcf__keeps_calls_and_how_to_read_them_but_nobody_s_name() -> None:
    made = list(clean_vcf(VCF.splitlines(keepends=True), PROJECT))
    text = "\n".join(made)
    assert "quillfeather" not in text.lower()
    assert "4471120" not in text
    assert made[0] == "##fileformat=VCFv4.2"
    assert "##contig=<ID=chr7,length=159345973>" in made
    assert made[-1] == VCF.splitlines()[-1]
    columns = made[-2].split("\t")
    assert len(columns) == 11
    assert len(set(columns[9:])) == 2
    assert list(clean_vcf(VCF.splitlines(), PROJECT)) == made


def test_wfdb_header__keeps_signals_and_the_time_of_day() -> None:
    made = clean_wfdb_header(HEADER, PROJECT, days=2, record="Quillfeather")
    new = record_of("Quillfeather", PROJECT)
    assert made.splitlines() == [
        f"{new} 2 360 650000 10:11:12 01/03/2024",
        f"{new}.dat 212 200 11 1024 995 -22131 0 MLII",
        f"{new}.dat 212 200 11 1024 1011 20052 0 V5",
    ]
