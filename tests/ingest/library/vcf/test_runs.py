"""Runs of lines read two at a time: the file's order, every row, and every failure come out."""

from __future__ import annotations

import gzip
import threading
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, cast

import duckdb
import pytest

from tests.ingest.library.vcf.samples import header, line
from vitruvian.ingest.engine.adapter import Source
from vitruvian.ingest.engine.limits import Limits
from vitruvian.ingest.errors import LineTooLong, Truncated
from vitruvian.ingest.library.vcf import telling
from vitruvian.ingest.library.vcf.reading import lines
from vitruvian.ingest.library.vcf.spool import Spooled

COUNT = 60
LINES = [line(1000 + 7 * n, "C>T,G", f"{n % 3}/1:{n}:9:1,2,3", "./.") for n in range(COUNT)]


def source_of(text: str, path: Path, *, line_bytes: int = 10_000) -> Source:
    path.write_bytes(gzip.compress(text.encode()))
    limits = Limits(line_bytes=line_bytes)
    return Source("s", "0", 1, ".vcf.gz", lambda: path_opened(path), number=1, limits=limits)


def path_opened(path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path, "rb"))


def spooled(path: Path) -> Spooled:
    source = source_of(header("A", "B") + "".join(LINES), path)
    batches = list(lines.read_vcf(source))
    spool = Spooled.begin(source, batches[0]["bytes"][0].as_py())
    for batch in batches[1:]:
        spool.add(batch)
    return spool


def test_runs__come_in_the_files_order_with_every_allele_of_both_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "_CHUNK", 400)
    with spooled(tmp_path / "a.vcf.gz") as spool, duckdb.connect() as engine:
        found = list(telling.read_runs(engine, spool))
    assert len(found) > 2 * telling.READERS
    records = [n for told, _ in found for n in told.records.tolist()]
    assert records == list(range(1, COUNT + 1))
    places = [told.alleles["byte_offset"][0].as_py() for told, _ in found]
    assert all(one < other for one, other in pairwise(places))
    first_sample = [
        depth for told, c in found for depth in c["depth"].to_pylist()[: told.alleles.num_rows]
    ]
    assert first_sample == [n for n in range(COUNT) for _ in "TG"]


def test_a_run_that_fails__is_told_and_leaves_no_reader_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(telling, "tell", broken)
    with (
        spooled(tmp_path / "a.vcf.gz") as spool,
        duckdb.connect() as engine,
        pytest.raises(MemoryError),
    ):
        next(telling.read_runs(engine, spool))
    assert not [each for each in threading.enumerate() if each.name.startswith("vcf")]


@pytest.mark.parametrize("held", [0, 1, 3])
def test_runs__given_up_half_way_leave_no_reader_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    monkeypatch.setattr(lines, "_CHUNK", 400)
    with spooled(tmp_path / "a.vcf.gz") as spool, duckdb.connect() as engine:
        runs = telling.read_runs(engine, spool)
        for _ in range(held):
            next(runs)
        runs.close()
    assert not [each for each in threading.enumerate() if each.name.startswith("vcf")]


def test_faults_of_a_file__are_told_from_the_thread_that_unpacks(tmp_path: Path) -> None:
    cut = (header("A", "B") + "".join(LINES)).rstrip("\n")[:-5]
    with pytest.raises(Truncated):
        list(lines.read_vcf(source_of(cut, tmp_path / "cut.vcf.gz")))
    long = header("A", "B") + line(9, "C>" + "T" * 5_000, "0/1", "0/1")
    with pytest.raises(LineTooLong):
        list(lines.read_vcf(source_of(long.rstrip("\n"), tmp_path / "b.vcf.gz", line_bytes=3_000)))
