"""What is refused, and in which words."""

from __future__ import annotations

import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingest.library.dicom.samples import Slice
from tests.ingest.support import rows, take
from vitruvian.demo.render.dicom.encode import Element, data_set
from vitruvian.ingest.errors import Bomb, SourceBroken
from vitruvian.lake import Lake

pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")

from vitruvian.ingest.library.dicom.reading.header import read_header

LIMIT = 1 << 20
GOOD = Slice().data()


def test_same_uid_with_other_bytes__is_refused_and_the_first_stays(lake: Lake, inbox: Path) -> None:
    first, other = Slice(fill=100).write(inbox, "a"), Slice(fill=200).write(inbox, "b")
    report = take(lake, first, other)
    assert (report.offered, report.loaded, report.rejected) == (2, 1, 1)
    problem = report.sources[1].problems[0]
    assert problem.code == "same-uid-other-bytes"
    later = take(lake, Slice(fill=300).write(inbox, "c"))
    assert (later.loaded, later.rejected) == (0, 1)
    (kept,) = rows(lake, "resource", where="resource_type = 'DICOM/Instance'")
    assert kept["content_hash"].startswith(report.sources[0].source_id)


def test_image_without_pixels__is_cut_short(lake: Lake, inbox: Path) -> None:
    path = inbox / "cut"
    path.write_bytes(GOOD[: GOOD.index(b"\xe0\x7f\x10\x00")])
    (source,) = take(lake, path).sources
    assert source.outcome == "refused"
    assert source.problems[0].code == "truncated"


@pytest.mark.parametrize("cut", range(1, len(GOOD) - 200, 97))
def test_file_cut_anywhere_after_its_meta_header__is_refused(cut: int) -> None:
    with pytest.raises(SourceBroken):
        read_header(GOOD[: 160 + cut], limit=LIMIT)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(140, len(GOOD) - 1), st.integers(0, 255)), max_size=12))
def test_bytes_changed_anywhere__are_read_or_refused(
    changes: list[tuple[int, int]],
) -> None:
    data = bytearray(GOOD)
    for place, value in changes:
        data[place] = value
    with suppress(SourceBroken):
        found = read_header(bytes(data), limit=LIMIT)
        assert found is None or found.header.as_bytes


def test_deflated_bomb__is_not_unpacked() -> None:
    meta: list[Element] = [(0x00020010, "UI", "1.2.840.10008.1.2.1.99")]
    body = data_set(meta)
    head = data_set([(0x00020000, "UL", len(body))]) + body
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packing.compress(bytes(8 << 20)) + packing.flush()
    with pytest.raises(Bomb):
        read_header(bytes(128) + b"DICM" + head + packed, limit=LIMIT)
