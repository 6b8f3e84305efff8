"""WFDB: recordings onto the timeline, and ten seconds of a channel out of an hour.

The baseline is the `wfdb` package in the same run, where it is installed: it only decodes.
"""

from __future__ import annotations

import struct
import tempfile
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import quantiles

from vitruvian.derive.signals import read_stretch
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import Access

ME = Access(who="system", role="system", purpose="operations")
HOURS = {"small": 1, "medium": 6, "large": 24}
RATE, CHANNELS = 125, 3
_READS = 60


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
            return [_ingested(header, size, seconds, HOURS[scale]), _ten_seconds(lake)]


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
