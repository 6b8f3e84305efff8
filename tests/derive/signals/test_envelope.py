"""Windows of channels: lowest and highest of every sample, gaps kept, the same however it is cut."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingest.library.wfdb.samples import RATE, ramp, record, several
from vitruvian.derive.signals import (
    Asked,
    NoSuchChannel,
    Window,
    read_stretch,
    read_windows,
    recordings_of,
)
from vitruvian.ingest import ingest
from vitruvian.lake import Lake, Reader
from vitruvian.trust import SYSTEM

CLOCK = "07:15:00 05/03/2024"
MISSING = -32768
HALF_A_MINUTE = 30 * RATE


def spiky() -> list[int]:
    """Twenty minutes that are flat but for one sample, with a minute of nothing."""
    values = [10] * (1200 * RATE)
    values[12_345] = 900
    values[60_000 : 60_000 + 60 * RATE] = [MISSING] * (60 * RATE)
    return values


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    folder = tmp_path_factory.mktemp("window")
    record(folder, "spiky", {"II": spiky()}, clock=CLOCK, gains={"II": "100/mV"})
    record(folder, "upside", {"II": ramp(90)}, clock=None, gains={"II": "-200/mV"})
    record(folder, "part1", {"II": ramp(2)}, clock=None)
    record(folder, "part2", {"II": ramp(1)}, clock=None)
    several(folder, "gappy", [("part1", 200), ("~", 300), ("part2", 100)], clock=CLOCK)
    with Lake.create(folder / "lake", site="test") as lake:
        ingest([folder], lake, access=SYSTEM)
        with lake.read(SYSTEM) as one:
            yield one


def window(reader: Reader, name: str, asked: Asked) -> Window:
    person, number = place(reader, name)
    (found,) = read_windows(reader, person, number, channels=["II"], asked=asked)
    return found


def place(reader: Reader, name: str) -> tuple[int, int]:
    rows = reader.rows(
        "signal", columns=["subject_id", "version_id"], where="recording = ?", params=[name]
    ).to_pylist()
    return rows[0]["subject_id"], rows[0]["version_id"]


def every_sample(reader: Reader, name: str) -> list[float | None]:
    person, number = place(reader, name)
    return read_stretch(reader, person, number, channel="II", at_seconds=0, seconds=1e6).values


def test_channel_of_nobody__is_refused(reader: Reader) -> None:
    person, number = place(reader, "spiky")
    for channels in (["V9"], ["II", "V9"]):
        with pytest.raises(NoSuchChannel):
            read_windows(reader, person, number, channels=channels, asked=Asked(0, 10, 100))


def test_one_sample_in_twenty_minutes__is_seen_from_afar(reader: Reader) -> None:
    far = window(reader, "spiky", Asked(0, 1200, 300))
    assert far.samples == 500
    assert max(value for value in far.high if value is not None) == 9.0
    assert far.high.index(9.0) == 12_345 // 500
    assert min(value for value in far.low if value is not None) == 0.1


def test_minute_of_nothing__is_a_gap_at_every_distance(reader: Reader) -> None:
    far = window(reader, "spiky", Asked(0, 1200, 300))
    gap = [number for number, value in enumerate(far.low) if value is None]
    assert gap == list(range(60_000 // 500, 66_000 // 500))
    near = window(reader, "spiky", Asked(599, 2, 300))
    assert near.low[near.low.index(None) - 1] == 0.1
    assert near.low[-1] is None


def test_bin_that_was_measured_in_part__says_how_much(reader: Reader) -> None:
    far = window(reader, "spiky", Asked(0, 1200, 12))
    assert far.samples == 10_000
    assert far.measured == [10_000] * 6 + [4_000] + [10_000] * 5
    assert window(reader, "gappy", Asked(0, 6, 10)).measured == []


def test_segments_with_a_gap__stand_at_their_places(reader: Reader) -> None:
    far = window(reader, "gappy", Asked(0, 6, 10))
    assert far.samples == 100
    assert far.low == [0.0, 0.5, None, None, None, 0.0]


def test_negative_gain__keeps_low_below_high(reader: Reader) -> None:
    far = window(reader, "upside", Asked(0, 90, 20))
    assert (far.low[0], far.high[0]) == (-(far.samples - 1) / 200, 0.0)


def test_close_look__gives_the_samples_themselves(reader: Reader) -> None:
    near = window(reader, "upside", Asked(5, 10, 500))
    assert (near.samples, near.step_seconds, near.high) == (1, 1 / RATE, [])
    first = round(near.at_seconds * RATE)
    assert near.low == every_sample(reader, "upside")[first : first + len(near.low)]
    assert near.at_seconds <= 5
    assert near.at_seconds + len(near.low) * near.step_seconds >= 15


def test_window_behind_the_end__is_empty(reader: Reader) -> None:
    assert window(reader, "gappy", Asked(100, 10, 100)).low == []


@given(
    at=st.floats(0, 1300),
    seconds=st.floats(0.01, 1500),
    points=st.integers(10, 2_000),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_window__is_the_lowest_and_highest_of_its_samples(
    reader: Reader, at: float, seconds: float, points: int
) -> None:
    values = np.array([np.nan if v is None else v for v in every_sample(reader, "spiky")])
    found = window(reader, "spiky", Asked(at, seconds, points))
    first = round(found.at_seconds * RATE)
    assert len(found.low) <= 4 * points + 4
    for number, low in enumerate(found.low):
        part = values[first + number * found.samples :][: found.samples]
        told = part[~np.isnan(part)]
        high = (found.high or found.low)[number]
        assert (low, high) == ((told.min(), told.max()) if len(told) else (None, None))


def test_panning__keeps_the_bins_where_they_are(reader: Reader) -> None:
    windows = [window(reader, "spiky", Asked(at, 600, 100)) for at in (0, 1.7, 33.3)]
    for one, other in pairwise(windows):
        assert one.samples == other.samples
        assert round(one.at_seconds * RATE) % one.samples == 0
        assert set(other.high) <= set(one.high) | {0.1}


def test_recordings__tell_kind_clock_and_birth(reader: Reader) -> None:
    person, number = place(reader, "spiky")
    (found,) = recordings_of(reader, person).recordings
    assert (found.recording_id, found.recording, found.seconds) == (str(number), "spiky", 1200.0)
    assert (found.zone_assumed, found.device) == (True, None)
    assert [(each.kind, each.unit) for each in found.channels] == [("waveform", "mV")]
    events = reader.rows("event", where="code = 'WFDB//recording'").to_pylist()
    assert found.event_id in {str(event["event_id"]) for event in events}


def test_recording_without_a_date__has_no_start_and_no_bed(reader: Reader) -> None:
    found = recordings_of(reader, place(reader, "upside")[0])
    assert (found.recordings[0].start, found.stays) == (None, [])
