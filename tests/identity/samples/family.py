"""A made family, and strangers, on chromosomes 1 to 22, X and Y: kinship and sex are planted."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

SITES, ON_X, ON_Y = 3000, 200, 60
Genome = list[tuple[int, int]]
_LENGTHS = {"1": 248956422, "X": 156040895, "Y": 57227415}
_COMMON = (0.2, 0.5)
_MALE = frozenset({"father", "son", "man"})


def genomes(seed: int) -> dict[str, Genome]:
    """Autosomal genotypes as pairs of inherited copies, by Mendel."""
    dice = random.Random(seed)
    often = [dice.uniform(*_COMMON) for _ in range(SITES)]

    def founder() -> Genome:
        return [(int(dice.random() < f), int(dice.random() < f)) for f in often]

    def child(one: Genome, other: Genome) -> Genome:
        return [(dice.choice(a), dice.choice(b)) for a, b in zip(one, other, strict=True)]

    father, mother, man, woman = (founder() for _ in range(4))
    son, daughter = child(father, mother), child(father, mother)
    return {"father": father, "mother": mother, "son": son, "daughter": daughter,
            "man": man, "woman": woman, "mother-again": list(mother)}  # fmt: skip


def vcf_of(path: Path, people: Mapping[str, Genome], *, only_differing: bool = False) -> Path:
    """One file of some people; `only_differing` leaves out what is reference in all of them."""
    names = list(people)
    head = ["##fileformat=VCFv4.2", *(f"##contig=<ID=chr{c},length={n}>" for c, n in _LENGTHS.items()),
            '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
            "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *names])]  # fmt: skip
    kept = [line for line in _lines(people) if not only_differing or "1" in line.split("GT", 1)[1]]
    path.write_text("\n".join([*head, *kept]) + "\n", "utf-8")
    return path


def _lines(people: Mapping[str, Genome]) -> Iterator[str]:
    for site in range(SITES):
        cells = [f"{min(g[site])}/{max(g[site])}" for g in people.values()]
        yield _line("chr1", 10_000 + 80_000 * site, cells)
    dice = random.Random(7)
    for site in range(ON_X):
        cells = [_x_call(name, dice) for name in people]
        yield _line("chrX", 5_000_000 + 500_000 * site, cells)
    # in the region that X and Y share everybody has two copies: it must not count
    for site in range(ON_X):
        yield _line("chrX", 20_000 + 10_000 * site, ["0/1" for _ in people])
    for site in range(ON_Y):
        cells = ["1" if _base(name) in _MALE else "." for name in people]
        yield _line("chrY", 5_000_000 + 100_000 * site, cells)


def _x_call(name: str, dice: random.Random) -> str:
    if _base(name) in _MALE:
        return dice.choice(["0", "1"])
    return dice.choice(["0/0", "0/1", "0/1", "1/1"])


def _base(name: str) -> str:
    return name.removesuffix("-again")


def _line(contig: str, place: int, cells: list[str]) -> str:
    return "\t".join([contig, str(place), ".", "A", "G", ".", "PASS", ".", "GT", *cells])
