"""Table files written while a load goes on: one at a time, none lost, a failure told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.lake.rows import DOCTOR, arrow, event, ids, resource
from vitruvian.lake import Lake, bulk
from vitruvian.lake.errors import StorageFailed
from vitruvian.lake.store.catalogue import StoredFile
from vitruvian.lake.store.tablefile import write_sorted
from vitruvian.trust import SYSTEM

SECONDS = 60


def _while_writing(
    monkeypatch: pytest.MonkeyPatch, held: Callable[[], AbstractContextManager[object]]
) -> None:
    def written(root: Path, **given: Any) -> StoredFile:
        with held():
            return write_sorted(root, **given)

    monkeypatch.setattr(bulk, "write_sorted", written)


def _load(lake: Lake, *, then: Callable[[], object] = lambda: None) -> None:
    """One row, of which a file is made at once."""
    with lake.bulk(SYSTEM) as load:
        load.file_bytes = 1
        load.write("event", arrow("event", [event(1)]))
        assert not load.empty
        then()


def _stored(lake: Lake) -> list[int]:
    with lake.read(DOCTOR) as reader:
        return ids(reader.rows("event"))


def test_file_that_cannot_be_written__fails_the_load_and_leaves_nothing(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> AbstractContextManager[object]:
        raise StorageFailed(doing="writing a table file", why="no space is left")

    _while_writing(monkeypatch, fail)
    with pytest.raises(StorageFailed):
        _load(lake)
    assert _stored(lake) == []
    assert list((lake.path / "tables" / "event").glob("*.parquet")) == []


def test_load_given_up__takes_the_file_in_the_making_with_it(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    _while_writing(monkeypatch, lambda: nullcontext(go_on.wait(SECONDS)))

    def go_on_and_fail() -> None:
        go_on.set()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _load(lake, then=go_on_and_fail)
    assert list((lake.path / "tables" / "event").glob("*.parquet")) == []


def test_rows_in_the_file_in_the_making__are_part_of_the_load(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    _while_writing(monkeypatch, lambda: nullcontext(go_on.wait(SECONDS)))
    _load(lake, then=go_on.set)
    assert _stored(lake) == [1]


def test_threads__write_all_their_rows_and_one_file_at_a_time(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work = threading.Lock()

    @contextmanager
    def alone() -> Iterator[None]:
        assert at_work.acquire(blocking=False)
        yield
        at_work.release()

    _while_writing(monkeypatch, alone)
    with lake.bulk(SYSTEM) as load:
        load.file_bytes = 1

        def write(first: int) -> None:
            for number in range(first, first + 5):
                load.write("event", arrow("event", [event(number)]))

        threads = [threading.Thread(target=write, args=(first,)) for first in (1, 11, 21)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert _stored(lake) == [*range(1, 6), *range(11, 16), *range(21, 26)]


def test_rest_of_a_load__is_written_beside_its_last_file(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2)
    _while_writing(monkeypatch, lambda: nullcontext(both.wait(SECONDS)))
    with lake.bulk(SYSTEM) as load:
        load.file_bytes = 1
        load.write("event", arrow("event", [event(1)]))
        load.file_bytes = 1 << 20
        load.write("resource", arrow("resource", [resource(1)]))
    assert _stored(lake) == [1]


def test_rest_that_is_larger_than_a_file__waits_for_the_last_one(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest_begun = threading.Event()

    def written(root: Path, **given: Any) -> StoredFile:
        if given["table"].name == "resource":
            rest_begun.set()
        else:
            assert not rest_begun.wait(0.5)
        return write_sorted(root, **given)

    monkeypatch.setattr(bulk, "write_sorted", written)
    with lake.bulk(SYSTEM) as load:
        load.write("resource", arrow("resource", [resource(1)]))
        load.file_bytes = 1
        load.write("event", arrow("event", [event(1)]))
    assert rest_begun.is_set()
