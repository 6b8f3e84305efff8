"""Telling a log collector: over TLS or on this machine, each row once it is taken, never missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.lake.audit.collector import Listening, certified
from tests.lake.rows import DOCTOR, TickingClock
from vitruvian.lake import Lake
from vitruvian.lake.audit.checkpoints import make_checkpoint
from vitruvian.lake.audit.places import Collector, FilePlace, Place, PlaceDown, place_of
from vitruvian.lake.audit.telling import tell_checkpoints, tell_rows
from vitruvian.trust import Deed
from vitruvian.trust.audit.checkpoint import Signer, read_checkpoints

# RFC 5424, section 6: priority and version, time, host, program, process, kind, no structured data.
HEADER = re.compile(
    rb"<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([!-~]{1,255}) vitruvian - (\w+) - (.*)",
    re.DOTALL,
)
Start = Callable[..., Listening]


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.create(tmp_path / "lake", site="st-elsewhere", clock=TickingClock()) as made:
        for subject in (7, 8):
            made.audit.record(DOCTOR, Deed("read", subjects=(subject,)))
        made.audit.record(DOCTOR, Deed("refused", "refused"))
        yield made


@pytest.fixture
def start() -> Iterator[Start]:
    begun: list[Listening] = []

    def one(**wish: object) -> Listening:
        begun.append(Listening(**wish))  # type: ignore[arg-type]  # as the class takes them
        return begun[-1]

    yield one
    for each in begun:
        each.close()


def near(listening: Listening) -> Place:
    return Collector("127.0.0.1", listening.port, encrypted=False)


def numbers(listening: Listening) -> list[int]:
    found = (re.search(rb"externalId=(\d+)", one) for one in listening.messages)
    return [int(one[1]) for one in found if one]


def test_collector_whose_certificate_nobody_vouches_for__is_told_nothing(
    lake: Lake, start: Start, tmp_path: Path
) -> None:
    listening = start(tls=certified(tmp_path))
    with pytest.raises(PlaceDown):
        tell_rows(lake, Collector("127.0.0.1", listening.port, encrypted=True))
    assert listening.messages == []


def test_collector_of_another_name__is_told_nothing(
    lake: Lake, start: Start, tmp_path: Path
) -> None:
    tls = certified(tmp_path)
    listening = start(tls=tls)
    with pytest.raises(PlaceDown):
        tell_rows(lake, Collector("localhost", listening.port, encrypted=True, authority=tls[0]))
    assert listening.messages == []


def test_collector_that_is_down__is_told_later(lake: Lake, start: Start) -> None:
    listening = start(cuts=2)
    for _ in range(2):
        with pytest.raises(PlaceDown):
            tell_rows(lake, near(listening))
    assert len(lake.audit.rows()) == 3, "trying leaves no rows of its own"
    tell_rows(lake, near(listening))
    assert numbers(listening) == [1, 2, 3]


def test_collector_over_tls__gets_every_row_once_and_in_order(
    lake: Lake, start: Start, tmp_path: Path
) -> None:
    tls = certified(tmp_path)
    listening = start(tls=tls)
    place = place_of(f"tls://127.0.0.1:{listening.port}", lake=lake.path, authority=tls[0])
    assert tell_rows(lake, place) == 3
    lake.audit.record(DOCTOR, Deed("read", subjects=(9,)))
    tell_rows(lake, place)
    tell_rows(lake, place)
    assert numbers(listening) == sorted(set(numbers(listening)))
    assert set(range(1, 6)) <= set(numbers(listening))


def test_telling__comes_to_rest(lake: Lake, start: Start) -> None:
    """Looking for flags is a row as well; it must not cause another one for ever."""
    listening = start()
    while tell_rows(lake, near(listening)):
        assert len(listening.messages) < 20
    assert len(lake.audit.rows()) == len(listening.messages)


def test_message__is_as_the_standard_has_it(lake: Lake, start: Start) -> None:
    listening = start()
    tell_rows(lake, near(listening))
    found = [HEADER.fullmatch(one) for one in listening.messages]
    assert all(found)
    said = [(int(one[1]), one[4], one[5][:6]) for one in found if one]
    notice, warning = 13 * 8 + 5, 13 * 8 + 4
    assert said[:3] == [
        (notice, b"audit", b"CEF:0|"),
        (notice, b"audit", b"CEF:0|"),
        (warning, b"audit", b"CEF:0|"),
    ]


def test_reason_with_a_line_break__stays_one_message(lake: Lake, start: Start) -> None:
    lake.audit.record(replace(DOCTOR, reason="one\n<13>1 two"), Deed("read"))
    listening = start()
    tell_rows(lake, near(listening))
    assert all(b"\n" not in one for one in listening.messages)


def test_more_rows_than_one_batch__all_come(lake: Lake, start: Start) -> None:
    for _ in range(1100):
        lake.audit.record(DOCTOR, Deed("refused", "refused"))
    listening = start()
    assert tell_rows(lake, near(listening)) >= 1103
    assert numbers(listening)[:1103] == list(range(1, 1104))


def test_checkpoints__reach_the_collector_as_they_are_kept(lake: Lake, start: Start) -> None:
    made = make_checkpoint(lake, Signer(b"o" * 32))
    listening = start()
    assert tell_checkpoints(lake, near(listening)) == 1
    assert read_checkpoints(one.decode() for one in listening.messages) == ((made,), ())


def test_file_on_a_full_disk__is_told_again(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_checkpoint(lake, Signer(b"o" * 32))
    place = FilePlace(tmp_path / "second")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("vitruvian.lake.disk.durable.os.pwrite", full)
        with pytest.raises(Exception, match="the disk is full"):
            tell_checkpoints(lake, place)
    assert tell_checkpoints(lake, place) == 1
