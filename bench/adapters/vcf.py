"""VCF: a made file of many samples into a lake, against `bcftools query` of the same fields.

The baseline only prints what it reads; ours splits, names, sorts, compresses, hashes and publishes.
"""

from __future__ import annotations

import gzip
import random
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from bench.report.machine import peak_memory_mib
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

LINES = {"small": 5_000, "medium": 100_000, "large": 500_000}
_SAMPLES = 20
_FIELDS = "%CHROM\\t%POS\\t%ID\\t%REF\\t%ALT\\t%QUAL\\t%FILTER[\\t%GT:%DP:%GQ:%AD]\\n"
_ROUNDS = 3
_WAYS = {"clock": "the clock", "processor": "processor time"}


class Cost(NamedTuple):
    """What one run took, in seconds: by the clock, and of all cores together."""

    clock: float
    processor: float


def measure(scale: str) -> list[dict[str, object]]:
    """Variants a second by the clock and by processor time, each beside `bcftools query`."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        path = _made(root, LINES[scale])
        _take(root / "warm", _made(root, 100, name="warm"))
        pairs = [(_take(root / f"lake-{turn}", path), _query(path)) for turn in range(_ROUNDS)]
        size = path.stat().st_size
    ours = [cost for cost, _ in pairs]
    theirs = [cost for _, cost in pairs if cost is not None]
    said = f"{LINES[scale]:,} lines GT:DP:GQ:AD, {size / 1e6:.1f} MB packed, "
    said += f"peak {peak_memory_mib():,.0f} MB"
    return [_row(way, LINES[scale], (ours, theirs), said) for way in Cost._fields]


def _row(
    way: str, lines: int, costs: tuple[list[Cost], list[Cost]], said: str
) -> dict[str, object]:
    """One way of measuring, the best of the rounds of each."""
    best, theirs = (min((getattr(one, way) for one in some), default=None) for some in costs)
    assert best is not None
    row: dict[str, object] = {
        "name": f"VCF of {_SAMPLES} samples into a lake, by {_WAYS[way]}",
        "value": round(lines / best),
        "unit": "variants/s",
        "note": f"{lines * _SAMPLES / best / 1e6:.2f} M genotypes/s; {said}",
    }
    if theirs is None:
        return row
    versus = f"`bcftools query` prints only, {lines / theirs:,.0f}/s"
    return row | {"versus": versus, "ratio": theirs / best}


def _made(root: Path, lines: int, *, name: str = "calls") -> Path:
    dice = random.Random(1)
    names = "\t".join(f"S{number}" for number in range(_SAMPLES))
    head = [
        "##fileformat=VCFv4.2",
        "##contig=<ID=chr6,length=170805979>",
        '##INFO=<ID=AC,Number=A,Type=Integer,Description="Count">',
        *(
            f'##FORMAT=<ID={key},Number={count},Type={kind},Description="{key}">'
            for key, count, kind in (
                ("GT", "1", "String"),
                ("DP", "1", "Integer"),
                ("GQ", "1", "Integer"),
                ("AD", "R", "Integer"),
            )
        ),
        f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}",
    ]
    plain = root / f"{name}.vcf"
    with plain.open("w", encoding="utf-8") as out:
        out.write("\n".join(head) + "\n")
        for position in range(1000, 1000 + lines * 100, 100):
            cells = "\t".join(_cell(dice) for _ in range(_SAMPLES))
            alt = dice.choice("CGT")
            out.write(f"chr6\t{position}\t.\tA\t{alt}\t50\tPASS\t.\tGT:DP:GQ:AD\t{cells}\n")
    return _packed(plain)


def _cell(dice: random.Random) -> str:
    genotype, depth = dice.choice(("0/0", "0/0", "0/1", "1/1")), dice.randint(10, 60)
    reads = {"0/0": 0, "0/1": depth // 2, "1/1": depth}[genotype]
    return f"{genotype}:{depth}:{dice.randint(20, 99)}:{depth - reads},{reads}"


def _packed(plain: Path) -> Path:
    """Packed by bgzip's own blocks where bcftools is there, so that the baseline may read it."""
    path = plain.with_suffix(".vcf.gz")
    tool = shutil.which("bcftools")
    if tool is None:
        path.write_bytes(gzip.compress(plain.read_bytes(), 6))
    else:
        subprocess.run([tool, "view", "-Oz", "-o", str(path), str(plain)], check=True)
    plain.unlink()
    return path


def _take(where: Path, path: Path) -> Cost:
    with Lake.create(where, site="bench") as lake:
        start, busy = time.perf_counter(), time.process_time()
        report = ingest([path], lake, access=SYSTEM)
        cost = Cost(time.perf_counter() - start, time.process_time() - busy)
    assert report.rejected == 0
    shutil.rmtree(where)
    return cost


def _query(path: Path) -> Cost | None:
    tool = shutil.which("bcftools")
    if tool is None:
        return None
    start, busy = time.perf_counter(), _children()
    subprocess.run([tool, "query", "-f", _FIELDS, str(path)], check=True, stdout=subprocess.DEVNULL)
    return Cost(time.perf_counter() - start, _children() - busy)


def _children() -> float:
    """Seconds of processor time of every program started here that has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
