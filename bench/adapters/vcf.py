"""VCF: a made file of many samples into a lake, against `bcftools query` of the same fields.

The baseline only prints what it reads; ours splits, names, sorts, compresses, hashes and publishes.
"""

from __future__ import annotations

import gzip
import random
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from bench.report.machine import peak_memory_mib
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

LINES = {"small": 5_000, "medium": 100_000, "large": 500_000}
_SAMPLES = 20
_FIELDS = "%CHROM\\t%POS\\t%ID\\t%REF\\t%ALT\\t%QUAL\\t%FILTER[\\t%GT:%DP:%GQ:%AD]\\n"
_ROUNDS = 3


def measure(scale: str) -> list[dict[str, object]]:
    """Variants a second, and the same beside `bcftools query`."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        path = _made(root, LINES[scale])
        _take(root / "warm", _made(root, 100, name="warm"))
        pairs = [(_take(root / f"lake-{turn}", path), _query(path)) for turn in range(_ROUNDS)]
        size = path.stat().st_size
    ours = min(seconds for seconds, _ in pairs)
    peak = peak_memory_mib()
    lines = LINES[scale]
    said = f"{size / 1e6:.1f} MB packed at {size / ours / 1e6:.1f} MB/s, "
    said += f"{lines * _SAMPLES / ours / 1e6:.2f} M genotypes/s, peak {peak:,.0f} MB"
    row: dict[str, object] = {
        "name": f"VCF of {_SAMPLES} samples into a lake",
        "value": round(lines / ours),
        "unit": "variants/s",
        "note": f"{lines:,} lines GT:DP:GQ:AD, {said}",
    }
    theirs = [seconds for _, seconds in pairs if seconds is not None]
    if not theirs:
        return [row]
    best = min(theirs)
    return [
        row
        | {"versus": f"`bcftools query` prints only, {lines / best:,.0f}/s", "ratio": best / ours}
    ]


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


def _take(where: Path, path: Path) -> float:
    with Lake.create(where, site="bench") as lake:
        start = time.perf_counter()
        report = ingest([path], lake, access=SYSTEM)
        seconds = time.perf_counter() - start
    assert report.rejected == 0
    shutil.rmtree(where)
    return seconds


def _query(path: Path) -> float | None:
    tool = shutil.which("bcftools")
    if tool is None:
        return None
    start = time.perf_counter()
    subprocess.run([tool, "query", "-f", _FIELDS, str(path)], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start
