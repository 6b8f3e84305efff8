"""Many threads, one lake: groups commit together, readers see the old or the new."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from tests.lake.rows import DOCTOR, arrow, event, ids
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM


def test_appends__from_many_threads_are_all_there_each_with_its_own_instant(lake: Lake) -> None:
    def write(n: int) -> object:
        return lake.append(SYSTEM, {"event": [event(2 * n), event(2 * n + 1)]})

    with ThreadPoolExecutor(8) as pool:
        instants = list(pool.map(write, range(60)))
    with lake.read(DOCTOR) as reader:
        found = reader.rows("event")
    assert ids(found) == list(range(120))
    assert len(set(instants)) == 60
    assert set(found["recorded_at"].to_pylist()) == set(instants)


def load_in_two_parts(lake: Lake, *, first: int) -> None:
    """Forty events, in two files of one load."""
    with lake.bulk(SYSTEM) as load:
        for part in range(2):
            rows = [event(first + 20 * part + n, subject=n % 5) for n in range(20)]
            load.write("event", arrow("event", rows))
            load._write_out("event", load._waiting.pop("event"))


def test_readers__during_loads_and_housekeeping_see_whole_loads_only(lake: Lake) -> None:
    rows_a_load, loads = 40, 12
    done = threading.Event()
    halves: list[int] = []
    backwards: list[tuple[int, int]] = []

    def look() -> None:
        before = 0
        while not done.is_set():
            with lake.read(DOCTOR) as reader:
                count = reader.rows("event", columns=["event_id"]).num_rows
                again = reader.query("SELECT event_id FROM event", tables=["event"]).num_rows
            if count % rows_a_load or again != count:
                halves.append(count)
            if count < before:
                backwards.append((before, count))
            before = count

    lookers = [threading.Thread(target=look) for _ in range(3)]
    for one in lookers:
        one.start()
    for number in range(loads):
        load_in_two_parts(lake, first=number * rows_a_load)
        if number % 4 == 3:
            lake.compact(SYSTEM)
            lake.vacuum(SYSTEM)
    done.set()
    for one in lookers:
        one.join()
    assert halves == []
    assert backwards == []
    with lake.read(DOCTOR) as reader:
        assert ids(reader.rows("event")) == list(range(rows_a_load * loads))


def test_reader__opened_before_a_load_keeps_the_old_and_one_after_sees_the_new(lake: Lake) -> None:
    lake.append(SYSTEM, {"event": [event(1)]})
    with lake.read(DOCTOR) as before:
        with lake.bulk(SYSTEM) as load:
            load.write("event", arrow("event", [event(2)]))
        lake.drain(SYSTEM)
        lake.compact(SYSTEM)
        lake.vacuum(SYSTEM)
        with lake.read(DOCTOR) as after:
            assert ids(before.rows("event")) == [1]
            assert ids(after.rows("event")) == [1, 2]
