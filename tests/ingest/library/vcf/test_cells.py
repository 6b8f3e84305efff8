"""Samples' cells, read at once for a whole run of lines, against the plainest reading of each."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.ingest.library.vcf.reading.cells import cut
from vitruvian.ingest.library.vcf.reading.genotypes import read_calls

COLUMNS, SAMPLES = 12, 3
FORMATS = ("GT:DP:GQ:AD", "GT", "DP:GT", "GT:AD:AF:DP")
NUMBER = st.sampled_from(["0", "7", "35", "123456789", "1234567890", "1.5", ".", "-2", "", "x"])
GENOTYPE = st.sampled_from([".", "0/1", "1|2", "./.", "0/0/1/1", "10/11", "0/1/2/10/11"])


@st.composite
def cell(draw: st.DrawFn, form: str) -> str:
    """A cell of a FORMAT; it may end early, as VCF allows, or have a list of another length."""
    lists = st.lists(NUMBER, min_size=1, max_size=4).map(",".join)
    kinds = {"GT": GENOTYPE, "AD": lists, "AF": lists}
    parts = [draw(kinds.get(key, NUMBER)) for key in form.split(":")]
    return ":".join(parts[: draw(st.sampled_from([len(parts), len(parts), 1]))])


@st.composite
def lines(draw: st.DrawFn) -> list[tuple[str, int, list[str]]]:
    """FORMAT, number of alleles and cells of a few lines."""
    found = []
    for _ in range(draw(st.integers(1, 4))):
        form = draw(st.sampled_from(FORMATS))
        found.append((form, draw(st.integers(2, 3)), [draw(cell(form)) for _ in range(SAMPLES)]))
    return found


def plain(text: str | None) -> float:
    """A number by Python's own reading; nan for what is none."""
    try:
        return float(text) if text is not None else math.nan
    except ValueError:
        return math.nan


def part(form: str, text: str, key: str) -> str | None:
    said = dict(zip(form.split(":"), text.split(":"), strict=False))
    return said.get(key)


def listed(form: str, text: str, key: str, most: int) -> list[float]:
    said = part(form, text, key)
    numbers = [plain(each) for each in said.split(",")] if said is not None else []
    return [*numbers, *[math.nan] * most][:most]


def same(found: object, expected: list[list[float]]) -> None:
    np.testing.assert_array_equal(np.asarray(found, np.float64), np.array(expected, np.float64))


@settings(max_examples=40, deadline=None)
@given(lines(), st.sampled_from(["\n", "\r\n"]))
def test_cells__of_many_lines_are_read_as_one_by_one(
    told: list[tuple[str, int, list[str]]], end: str
) -> None:
    head = "chr1\t1\t.\tA\tC,G\t.\t.\tA=1,2:3"
    text = "".join("\t".join([head, form, *cells]) + end for form, _, cells in told)
    block, good = cut(text.encode(), COLUMNS)
    assert good.all()
    counts = np.array([count for _, count, _ in told])
    calls = read_calls(block, pa.array([form for form, _, _ in told]), counts)

    def every(key: str) -> list[list[float]]:
        return [[plain(part(form, c, key)) for c in cells] for form, _, cells in told]

    same(calls.depth, every("DP"))
    same(calls.quality, every("GQ"))
    genotypes = [[calls.meanings[code].text for code in row] for row in calls.code]
    assert genotypes == [[part(form, c, "GT") for c in cells] for form, _, cells in told]
    for line, (form, count, cells) in enumerate(told):
        reads = [listed(form, c, "AD", count) for c in cells]
        same(calls.reads[:count, line].T, reads)
        if calls.fractions is not None:
            shares = [listed(form, c, "AF", count - 1) for c in cells]
            same(calls.fractions[: count - 1, line].T, shares)
