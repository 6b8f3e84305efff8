"""Damaged tables end in rows, in reported rows, or in one sentence: never in a crash."""

from __future__ import annotations

import io
import random
from functools import partial
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from tests.ingest.library.tables.samples import MAPPING, NUMERICS, RESULTS
from tests.ingest.support import rows, take
from vitruvian.ingest.engine.adapter import Source
from vitruvian.ingest.engine.library import adapter_named
from vitruvian.ingest.engine.limits import Limits
from vitruvian.ingest.errors import SourceBroken
from vitruvian.ingest.report import Problems
from vitruvian.lake import Lake


def as_parquet(text: str) -> bytes:
    packed = io.BytesIO()
    pq.write_table(pyarrow.csv.read_csv(io.BytesIO(text.encode())), packed)
    return packed.getvalue()


def mutated(data: bytes, chance: random.Random) -> bytes:
    held = bytearray(data)
    for _ in range(chance.choice([1, 1, 3, 12])):
        place = chance.randrange(len(held)) if held else 0
        kind = chance.random()
        if kind < 0.4 and held:
            held[place] = chance.randrange(256)
        elif kind < 0.7:
            held[place:place] = bytes(chance.choices(b'",\n\r\0\xff', k=3))
        elif kind < 0.9:
            del held[place : place + chance.randrange(1, 200)]
        else:
            held = held[:place]
    return bytes(held)


@pytest.mark.parametrize("seed", range(4))
def test_mutated_table__is_read_reported_or_refused(seed: int) -> None:
    adapter = adapter_named("tables")
    assert adapter is not None
    chance = random.Random(seed)
    good = [NUMERICS.encode(), RESULTS.encode(), as_parquet(NUMERICS)]
    outcomes = {"read": 0, "refused": 0}
    for _ in range(250):
        data = mutated(chance.choice(good), chance)
        source = Source(
            "0" * 16, "0", len(data), "", partial(io.BytesIO, data), 1, Limits(),
            mappings=(MAPPING.encode(),),
        )  # fmt: skip
        problems = Problems()
        try:
            count = sum(batch.num_rows for batch in adapter.read(source, problems))
        except SourceBroken:
            outcomes["refused"] += 1
        else:
            outcomes["read"] += 1
            assert count + problems.rejected < 400
            assert problems.rejected == problems.rejected_unread == problems.count
    assert min(outcomes.values()) > 20


def test_table__of_which_no_row_fits_is_told_row_by_row(lake: Lake, inbox: Path) -> None:
    (inbox / "mapping.toml").write_text(MAPPING, "utf-8")
    path = inbox / "numerics.csv"
    path.write_text("patient,minute,pulse\n1,2\n3,4,5,6\n", "utf-8")
    (source,) = take(lake, path).sources
    assert (source.offered, source.loaded, source.rejected) == (2, 0, 2)
    assert rows(lake, "resource") == []
