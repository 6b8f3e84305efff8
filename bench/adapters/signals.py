"""WFDB: recordings onto the timeline, and ten seconds of a channel out of an hour.

The baseline is the `wfdb` package in the same run, where it is installed: it only decodes.
"""

from __future__ import annotations

import os
import struct
import tempfile
import time
from importlib import import_module
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

from bench.picture import served
from vitruvian.derive.signals import read_stretch
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import Access

if TYPE_CHECKING:
    import httpx

ME = Access(who="system", role="system", purpose="operations")
HOURS = {"small": 1, "medium": 6, "large": 24}
RATE, CHANNELS = 125, 3
_READS = 60
_MINUTES = 600


def measure(scale: str) -> list[dict[str, object]]:
    """Megabytes a second from files, and milliseconds for ten seconds."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        header = _write(root, HOURS[scale])
        size = header.with_suffix(".dat").stat().st_size / 1e6
        with Lake.create(root / "lake", site="bench") as lake:
            start = time.perf_counter()
            report = ingest([header], lake, access=ME)
            seconds = time.perf_counter() - start
            assert report.loaded == 1
            return [
                _ingested(header, size, seconds, HOURS[scale]),
                _ten_seconds(lake),
                *_at_the_interface(lake, HOURS[scale]),
            ]


def _write(root: Path, hours: int) -> Path:
    """Three channels at 125 Hz, format 16."""
    frames = hours * 3600 * RATE
    block = struct.pack(
        f"<{CHANNELS * RATE}h", *(n % 2_000 - 1_000 for n in range(CHANNELS * RATE))
    )
    (root / "bench.dat").write_bytes(block * (frames // RATE))
    lines = [f"bench {CHANNELS} {RATE} {frames} 07:00:00 05/03/2024"]
    lines += [f"bench.dat 16 200/mV 16 0 0 0 0 C{number}" for number in range(CHANNELS)]
    header = root / "bench.hea"
    header.write_text("".join(f"{line}\n" for line in lines))
    return header


def _ingested(header: Path, size: float, seconds: float, hours: int) -> dict[str, object]:
    row: dict[str, object] = {
        "name": "WFDB recording onto the timeline",
        "value": round(size / seconds, 1),
        "unit": "MB/s",
        "note": f"{hours} h of {CHANNELS} channels at {RATE} Hz, {size:.1f} MB, a value a minute",
    }
    if find_spec("wfdb") is None:
        return row
    library = import_module("wfdb")
    start = time.perf_counter()
    library.rdrecord(str(header.with_suffix("")))
    plain = size / (time.perf_counter() - start)
    return row | {
        "versus": f"`wfdb` decodes only, {plain:,.0f} MB/s",
        "ratio": size / seconds / plain,
    }


def _ten_seconds(lake: Lake) -> dict[str, object]:
    taken = []
    with lake.read(ME) as reader:
        first = reader.rows("signal", columns=["subject_id", "version_id"]).to_pylist()[0]
        for number in range(_READS):
            start = time.perf_counter()
            found = read_stretch(
                reader,
                first["subject_id"],
                first["version_id"],
                channel=f"C{number % CHANNELS}",
                at_seconds=number * 50,
                seconds=10,
            )
            taken.append(time.perf_counter() - start)
            assert len(found.values) == 10 * RATE
    return {
        "name": "ten seconds of a channel, 95th percentile",
        "value": round(quantiles(taken, n=20)[-1] * 1000, 1),
        "unit": "ms",
        "versus": "goal 100 ms",
        "ratio": 0.1 / quantiles(taken, n=20)[-1],
    }


def _at_the_interface(lake: Lake, hours: int) -> list[dict[str, object]]:
    """Windows over HTTP: session, policy, audit and JSON included."""
    with served(lake) as client:
        with lake.read(ME) as reader:
            (first, *_) = reader.rows("signal", columns=["subject_id", "version_id"]).to_pylist()
        path = f"/api/patients/{first['subject_id']}/signals/{first['version_id']}/window"
        whole = hours * 3600
        return [
            _window_row(client, path, seconds=10, whole=whole, channels=1),
            _window_row(client, path, seconds=10, whole=whole, channels=CHANNELS),
            _window_row(client, path, seconds=whole, whole=whole, channels=1),
        ]


def _window_row(
    client: httpx.Client, path: str, *, seconds: int, whole: int, channels: int
) -> dict[str, object]:
    """The 95th percentile over windows at places all over the recording."""
    names = [f"C{number}" for number in range(channels)]
    taken = []
    places = (97 * number % max(1, whole - seconds) for number in count())
    for at, _ in zip(places, range(_READS), strict=False):
        query: dict[str, int | list[str]] = {
            "channel": names,
            "at_seconds": at,
            "seconds": seconds,
            "points": 1_200,
        }
        start = time.perf_counter()
        answer = client.get(path, params=query | {"points": 1_200})
        taken.append(time.perf_counter() - start)
        assert answer.status_code == 200
    length = f"{seconds} s" if seconds < _MINUTES else f"{seconds // 3600} h"
    return {
        "name": f"window of {length}, {channels} channel{'s'[: channels > 1]}, at the interface, "
        "95th percentile",
        "value": round(quantiles(taken, n=20)[-1] * 1000, 1),
        "unit": "ms",
        "versus": "goal 100 ms",
        "ratio": 0.1 / quantiles(taken, n=20)[-1],
        "note": f"out of {whole // 3600} h at {RATE} Hz; median {median(taken) * 1000:.1f} ms; "
        f"load of the machine {os.getloadavg()[0]:.1f}",
    }
