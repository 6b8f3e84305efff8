"""Rows read last stay in memory: the same answer, within a budget, and never other columns."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from tests.lake.rows import DOCTOR, event
from vitruvian.lake import Lake
from vitruvian.lake.engines import arrow
from vitruvian.lake.engines.arrow import Kept, KeyReader, Sought
from vitruvian.lake.engines.footers import Footer, read_footer
from vitruvian.lake.store.tablefile import group_ends, rows_a_group
from vitruvian.trust import SYSTEM

WHERE = (Path("one.parquet"), (7,))


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "one.parquet"
    rows = pa.table({"subject_id": [5, 7, 7, 9], "code": ["a", "b", "c", "d"], "n": [1, 2, 3, 4]})
    parquet.write_table(rows, path)
    return path


def test_columns_not_read_before__are_not_taken_from_what_is_kept() -> None:
    kept = Kept(most_bytes=2**20)
    kept.put(WHERE, pa.table({"subject_id": [7]}))
    assert kept.get(WHERE, columns=["subject_id", "code"]) is None
    assert kept.get((Path("other.parquet"), (7,)), columns=["subject_id"]) is None


def test_a_budget_of_bytes__lets_go_of_what_was_asked_for_longest_ago() -> None:
    kept = Kept(most_bytes=3 * arrow.WEIGHT_OF_A_TABLE)
    rows = pa.table({"subject_id": [7]})
    places = [(Path("one.parquet"), (subject,)) for subject in range(3)]
    kept.put(places[0], rows)
    kept.put(places[1], rows)
    kept.get(places[0], columns=["subject_id"])
    kept.put(places[2], rows)
    left = [place for place in places if kept.get(place, columns=["subject_id"]) is not None]
    assert left == [places[0], places[2]]


def test_rows_larger_than_the_budget__are_not_kept() -> None:
    kept = Kept(most_bytes=1000)
    kept.put(WHERE, pa.table({"subject_id": list(range(10_000))}))
    assert kept.get(WHERE, columns=["subject_id"]) is None


def test_reading_twice__gives_the_same_rows_in_the_columns_asked(stored: Path) -> None:
    reader = KeyReader()
    first = reader.rows(
        stored, sought=Sought("subject_id", (7,)), columns=["n", "subject_id", "code"]
    )
    again = reader.rows(stored, sought=Sought("subject_id", (7,)), columns=["code", "subject_id"])
    wider = reader.rows(
        stored,
        sought=Sought(
            "subject_id",
            (
                5,
                7,
            ),
        ),
        columns=["code", "subject_id"],
    )
    assert first.to_pydict() == {"n": [2, 3], "subject_id": [7, 7], "code": ["b", "c"]}
    assert again.to_pydict() == {"code": ["b", "c"], "subject_id": [7, 7]}
    assert wider.column("code").to_pylist() == ["a", "b", "c"]


def test_a_warm_lake__reads_a_patient_without_looking_where_the_rows_lie(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    for subject in (1, 2):
        lake.append(DOCTOR, {"event": [event(subject, subject=subject)]})
        lake.drain(SYSTEM)
    state = lake._store.catalogue.state()
    files = lake._store.catalogue.files("event", snapshot_id=state.snapshot_id)
    (other,) = (one for one in files if one.low == 2)
    (lake.path / other.path).write_bytes(b"damaged")
    lake.warm()
    monkeypatch.setattr("vitruvian.lake.engines.arrow.read_footer", None)
    with lake.read(DOCTOR) as reader:
        found = reader.rows("event", subjects=[1], columns=["event_id"])
    assert found.to_pydict() == {"event_id": [1]}


def test_ends_of_files__are_let_go_of_when_they_take_too_much(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = stored.with_name("other.parquet")
    other.write_bytes(stored.read_bytes())
    monkeypatch.setattr(arrow, "MOST_BYTES_OF_FOOTERS", 1)
    reader, sought = KeyReader(), Sought("subject_id", (7,))
    read: list[Path] = []
    whole = read_footer

    def noted(path: Path, *, by: str) -> Footer:
        read.append(path)
        return whole(path, by=by)

    monkeypatch.setattr(arrow, "read_footer", noted)
    for path in (stored, stored, other, other, stored):
        assert reader.weight(path, sought=sought) > 0
    assert read == [stored, other, stored]


def test_a_row_group__holds_fewer_rows_where_each_is_a_long_text() -> None:
    narrow = pa.table({"n": list(range(10_000))})
    texts = pa.table({"text": ["x" * 8_192] * 10_000})
    files = pa.table({"bytes": [b"x" * 200_000] * 100})
    whole_books = pa.table({"bytes": [b"x" * 2_000_000] * 20})
    assert rows_a_group(narrow) == 4_000
    assert rows_a_group(narrow, few=True) == 1_000
    assert 500 <= rows_a_group(texts) <= 520
    assert rows_a_group(files) == 20
    assert rows_a_group(whole_books) == 16


@given(
    runs=st.lists(st.integers(min_value=1, max_value=12), max_size=30),
    most=st.integers(min_value=1, max_value=9),
)
def test_row_groups__hold_all_rows_and_cut_only_a_patient_who_fits_into_none(
    runs: list[int], most: int
) -> None:
    keys = [patient for patient, length in enumerate(runs) for _ in range(length)]
    ends = group_ends(pa.chunked_array([keys], pa.int64()), most=most)
    groups = [keys[start:end] for start, end in pairwise([0, *ends])]
    assert [key for group in groups for key in group] == keys
    assert all(0 < len(group) <= most for group in groups)
    pieces = Counter(key for group in groups for key in set(group))
    assert all(pieces[patient] == 1 for patient, length in enumerate(runs) if length <= most)


@pytest.mark.parametrize(
    "keys, ends", [(["a", "a", "b", "b", "c"], [2, 5]), ([5, 5, None, None], [2, 4])]
)
def test_row_groups__of_texts_and_of_rows_about_nobody(keys: list[object], ends: list[int]) -> None:
    assert group_ends(pa.chunked_array([keys]), most=3) == ends


def test_the_engine__keeps_no_copy_of_the_files_it_reads(lake: Lake) -> None:
    lake.append(DOCTOR, {"event": [event(number, subject=number) for number in range(50)]})
    lake.drain(SYSTEM)
    kept = "SELECT sum(memory_usage_bytes) FROM duckdb_memory() WHERE tag = 'EXTERNAL_FILE_CACHE'"
    with lake.read(SYSTEM) as reader:
        found = reader.query("SELECT count(DISTINCT event_id) FROM event", tables=["event"])
        held = reader.query(kept, tables=[])
    assert (found.column(0).to_pylist(), held.column(0).to_pylist()) == ([50], [0])
