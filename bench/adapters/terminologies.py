"""A terminology release of SNOMED CT's size: loading, opening a code, naming what was sent bare.

Made up, in the publisher's format (RF2), with SNOMED CT's number of concepts and of links.
The baseline is DuckDB in the same run: it only copies the same three files into Parquet.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TextIO

import duckdb

from bench.report.machine import peak_memory_mib
from vitruvian.ingest.terminology import load_release
from vitruvian.lake import Lake
from vitruvian.terms.releases import Terms
from vitruvian.trust import SYSTEM

CONCEPTS = {"small": 20_000, "medium": 370_000, "large": 1_000_000}
_PARENTS = 1.6
_FIRST = 1_000_000
_ROUNDS = 5
_PAGE = 50


def measure(scale: str) -> list[dict[str, object]]:
    """Concepts a second, and milliseconds for a question."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        links = _write(root / "release", CONCEPTS[scale])
        with Lake.create(root / "lake", site="bench") as lake:
            start = time.perf_counter()
            held = load_release(lake, root / "release", access=SYSTEM)
            seconds = time.perf_counter() - start
            assert (held.concepts, held.links) == (CONCEPTS[scale], links)
            return [
                _loaded(root, CONCEPTS[scale], links, seconds),
                *_asked(lake, CONCEPTS[scale]),
            ]


def _loaded(root: Path, concepts: int, links: int, seconds: float) -> dict[str, object]:
    start = time.perf_counter()
    with duckdb.connect() as engine:
        for number, path in enumerate(sorted((root / "release").glob("*.txt"))):
            engine.execute(
                f"COPY (SELECT * FROM read_csv('{path}', delim='\\t', quote='', header=true)) "
                f"TO '{root / str(number)}.parquet' (COMPRESSION zstd)"
            )
    copied = time.perf_counter() - start
    return {
        "name": "SNOMED CT (RF2) into a lake",
        "value": round(concepts / seconds),
        "unit": "concepts/s",
        "versus": f"DuckDB copies the three files to Parquet, {concepts / copied:,.0f}/s",
        "ratio": copied / seconds,
        "note": f"{concepts:,} concepts, {links:,} links, {seconds:.1f} s, peak "
        f"{peak_memory_mib():,.0f} MiB; load of the machine {os.getloadavg()[0]:.1f}",
    }


def _asked(lake: Lake, concepts: int) -> list[dict[str, object]]:
    middle = f"SNOMED//{_FIRST + concepts // 3}"
    with lake.read(SYSTEM) as reader:
        terms = Terms(reader)
        found = terms.expand(middle)
        assert found is not None
        codes = [f"SNOMED//{_FIRST + n * (concepts // _PAGE)}" for n in range(_PAGE)]
        assert len(terms.displays(codes)) == _PAGE
        return [
            {
                "name": f"a code and its {len(found.codes):,} descendants",
                "value": _milliseconds(lambda: terms.expand(middle)),
                "unit": "ms",
            },
            {
                "name": f"names of {_PAGE} codes, the second time",
                "value": _milliseconds(lambda: terms.displays(codes)),
                "unit": "ms",
            },
        ]


def _milliseconds(ask: Callable[[], object]) -> float:
    taken = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - start)
    return round(median(taken) * 1000, 1)


_CONCEPT = "id effectiveTime active moduleId definitionStatusId"
_NAME = "id effectiveTime active moduleId conceptId languageCode typeId term caseSignificanceId"
_KIND = (
    "id effectiveTime active moduleId sourceId destinationId relationshipGroup typeId "
    "characteristicTypeId modifierId"
)
_ABOUT = "20200101\t1\t9"


def _write(folder: Path, concepts: int) -> int:
    """Three files; every concept but the first is a kind of one or two that stand before it."""
    folder.mkdir()
    dice, links = random.Random(1), 0
    with (
        _opened(folder / "sct2_Concept_Snapshot_INT_20250101.txt", _CONCEPT) as whole,
        _opened(folder / "sct2_Description_Snapshot-en_INT_20250101.txt", _NAME) as names,
        _opened(folder / "sct2_Relationship_Snapshot_INT_20250101.txt", _KIND) as kinds,
    ):
        for n in range(concepts):
            code = _FIRST + n
            whole.write(f"{code}\t{_ABOUT}\t9\n")
            full = f"{code}\ten\t900000000000003001\tMade-up thing number {n} (finding)\t9\n"
            names.write(f"{2 * n}\t{_ABOUT}\t{full}")
            names.write(f"{2 * n + 1}\t{_ABOUT}\t{code}\ten\t900000000000013009\tThing {n}\t9\n")
            count = 0 if n == 0 else 1 + (dice.random() < _PARENTS - 1)
            for parent in sorted({dice.randrange(n // 2, n) for _ in range(count)}):
                ends = f"{code}\t{_FIRST + parent}"
                kinds.write(f"{links}\t{_ABOUT}\t{ends}\t0\t116680003\t9\t9\n")
                links += 1
    return links


def _opened(path: Path, columns: str) -> TextIO:
    stream = path.open("w", encoding="utf-8")
    stream.write("\t".join(columns.split()) + "\n")
    return stream
