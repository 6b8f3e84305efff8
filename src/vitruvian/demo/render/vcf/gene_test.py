"""Which genes of a life were looked at, when, and what was found, as one VCF.

A tumour is sequenced beside the patient's own blood; inherited disease from blood alone.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import resources
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from vitruvian.demo.life import Life, Measurement

SHEET = "sample,patient,origin,specimen,tumour_purity,collected,reported,called,uncallable"
_CSQ = "Allele|Consequence|IMPACT|SYMBOL|Feature|HGVSc|HGVSp|CANONICAL|CLIN_SIG|MAX_AF"
_LENGTHS = {
    "chr1": 248956422, "chr7": 159345973, "chr11": 135086622, "chr12": 133275309,
    "chr14": 107043718, "chr15": 101991189, "chrX": 156040895,
}  # fmt: skip
_TESTS = {
    "KRAS mutation, tumour": "colorectal",
    "FBN1 gene variant": "aortopathy",
    "GLA gene variant": "fabry",
}
_HARMLESS = 8
_DEEP, _USUAL = 400, 90


@cache
def panels() -> dict[str, Any]:
    """Panels and variants (values are whatever TOML holds)."""
    return tomllib.loads(resources.files(__package__).joinpath("panels.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class GeneTest:
    """One panel of one life.

    Parameters
    ----------
    carried
        Keys of the variants that it finds.
    purity
        Share of tumour cells; None for inherited disease.
    """

    life: Life
    panel: str
    collected: datetime
    reported: datetime
    carried: tuple[str, ...]
    purity: float | None

    @property
    def samples(self) -> tuple[tuple[str, str, str], ...]:
        """Name, origin and specimen of each sample."""
        number = f"{self.life.seed:02d}{self.life.number:07d}"
        blood = (f"N-{number}", "germline", "blood")
        return (blood,) if self.purity is None else ((f"T-{number}", "somatic", "tumour"), blood)

    def sheet(self) -> str:
        """The lines that say whose the samples are."""
        times = f"{self.collected.isoformat()},{self.reported.isoformat()}"
        beds = ",".join(f"{self.panel}-{what}.bed" for what in ("called", "uncallable"))
        if not panels()[self.panel]["uncallable"]:
            beds = f"{self.panel}-called.bed,"
        lines = [SHEET]
        for name, origin, specimen in self.samples:
            purity = f"{self.purity:.2f}" if origin == "somatic" else ""
            said = f"{name},Patient/{self.life.key},{origin},{specimen},{purity}"
            lines.append(f"{said},{times},{beds}")
        return "\n".join(lines) + "\n"

    def calls(self) -> str:
        """The VCF."""
        rng = Random(f"calls/{self.life.key}/{self.panel}")
        rows = [self._found(key, rng) for key in self.carried]
        rows += [self._harmless(rng) for _ in range(_HARMLESS)]
        order = list(_LENGTHS)
        rows.sort(key=lambda row: (order.index(row[0]), int(row[1])))
        return _header(self) + "".join("\t".join(row) + "\n" for row in rows)

    def _found(self, key: str, rng: Random) -> list[str]:
        chrom, position, ref, alt, gene, transcript, coding, protein, *said = panels()["variants"][
            key
        ]
        consequence, impact, significance = said
        words = [alt, consequence, impact, gene, transcript, f"{transcript}:{coding}", protein,
                 "YES", significance, ""]  # fmt: skip
        fixed = [chrom, str(position), ".", ref, alt, "800", "PASS", "CSQ=" + "|".join(words)]
        return [*fixed, "GT:DP:GQ:AD", *self._cells(chrom, rng)]

    def _cells(self, chrom: str, rng: Random) -> Iterator[str]:
        """The tumour has its share of the reads; inherited variants have half of them, or all."""
        alone = chrom == "chrX" and self.life.person.sex == "male"
        for _, origin, _ in self.samples:
            if origin == "somatic":
                depth = round(rng.gauss(_DEEP, 60))
                yield _cell("0/1", depth, (self.purity or 0) / 2, rng)
            elif self.purity is not None:
                yield _cell("0/0", round(rng.gauss(_USUAL, 12)), 0, rng)
            else:
                genotype, share = ("1", 1.0) if alone else ("0/1", 0.5)
                yield _cell(genotype, round(rng.gauss(_USUAL, 12)), share, rng)

    def _harmless(self, rng: Random) -> list[str]:
        """A common variant before the panel's regions: reads reach further than what is called."""
        name, chrom, start, _ = rng.choice(panels()[self.panel]["called"])
        ref, alt = rng.sample("ACGT", 2)
        words = [alt, "intron_variant", "MODIFIER", name.split()[0], "", "", "", "YES", "benign",
                 f"{rng.uniform(0.06, 0.5):.3f}"]  # fmt: skip
        place = str(rng.randint(start - 900, start - 20))
        fixed = [chrom, place, ".", ref, alt, "500", "PASS", "CSQ=" + "|".join(words)]
        cells = [_cell("0/1", round(rng.gauss(_USUAL, 12)), 0.5, rng) for _ in self.samples]
        return [*fixed, "GT:DP:GQ:AD", *cells]

    def truth(self) -> dict[str, Any]:
        """What is in the file, for those who check."""
        found = [panels()["variants"][key] for key in self.carried]
        return {
            "life": self.life.key,
            "panel": self.panel,
            "collected": self.collected,
            "reported": self.reported,
            "tumour_purity": self.purity,
            "findings": [f"{row[4]} {row[7]}" for row in found],
        }


def _cell(genotype: str, depth: int, share: float, rng: Random) -> str:
    depth = max(depth, 30)
    reads = sum(rng.random() < share for _ in range(depth)) if share < 1 else depth
    return f"{genotype}:{depth}:99:{depth - reads},{reads}"


def _header(test: GeneTest) -> str:
    names = "\t".join(name for name, _, _ in test.samples)
    lines = [
        "##fileformat=VCFv4.2",
        f"##fileDate={test.reported:%Y%m%d}",
        "##source=demo hospital, made-up calls",
        "##reference=GRCh38",
        *(f"##contig=<ID={name},length={length}>" for name, length in _LENGTHS.items()),
        '##FILTER=<ID=PASS,Description="All filters passed">',
        f'##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequences. Format: {_CSQ}">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Reads at the site">',
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">',
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads of each allele">',
        f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}",
    ]
    return "\n".join(lines) + "\n"


# ------------------------------------------------------------------ from a life


def gene_tests(life: Life) -> Iterator[GeneTest]:
    """The panels of one life: of its tumour, its rare disease, or its heart."""
    rng = Random(f"gene test/{life.key}")
    braf = any(
        each.concept.text.startswith("BRAF") and _answer(each) == "Detected"
        for each in life.measurements
    )
    for each in life.measurements:
        panel = _TESTS.get(each.concept.text)
        if panel == "colorectal":
            keys = [key for key in panels()["variants"] if key == _answer(each)]
            found = (*keys, *(("BRAF",) if braf else ()))
            yield GeneTest(
                life, panel, each.time, each.known_at, found, round(rng.uniform(0.3, 0.7), 2)
            )
        elif panel is not None:
            gene = each.concept.text.split()[0]
            yield GeneTest(life, panel, each.time, each.known_at, (gene,), None)
    if "cardiomyopathy" in life.storylines:
        yield from _heart(life, rng)


def _heart(life: Life, rng: Random) -> Iterator[GeneTest]:
    """Blood is drawn at the third contact of the heart story and reported after six weeks."""
    visits = [each.start for each in life.encounters][2:3]
    found = ("MYBPC3",) if life.number < 10 or rng.random() < 0.4 else ()
    for start in visits:
        collected = start + timedelta(minutes=30)
        reported = collected + timedelta(days=42, hours=3)
        if not life.encounters or reported <= max(each.start for each in life.encounters):
            yield GeneTest(life, "cardiomyopathy", collected, reported, found, None)


def _answer(one: Measurement) -> str:
    return one.finding.text if one.finding else one.value


def panel_files() -> Iterator[tuple[str, str]]:
    """Name and text of the BED files of all panels."""
    for panel, listed in panels().items():
        if panel == "variants":
            continue
        for what in ("called", "uncallable"):
            lines = [
                f"{chrom}\t{start}\t{end}\t{name}\n" for name, chrom, start, end in listed[what]
            ]
            if lines:
                yield f"{panel}-{what}.bed", "".join(lines)
