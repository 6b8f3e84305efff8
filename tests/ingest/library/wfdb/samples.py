"""Small recordings, written by hand in the formats of header(5) and signal(5)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

RATE = 100
LINE = "{name}.dat 16 {gain} 16 0 0 0 0 {channel}"
SHEET = "wfdb_record,identifier_system,patient_id\n{name},https://ward.example/mrn,M-1\n"


def ramp(seconds: float, *, step: int = 1) -> list[int]:
    return [number * step for number in range(int(seconds * RATE))]


def record(
    folder: Path,
    name: str,
    channels: dict[str, list[int]],
    *,
    clock: str | None = "07:15:00 05/03/2024",
    gains: dict[str, str] | None = None,
    comments: Sequence[str] = (),
) -> Path:
    """One record of format 16 and its signal file; the header's path."""
    folder.mkdir(exist_ok=True)
    frames = list(zip(*channels.values(), strict=True))
    values = [value for frame in frames for value in frame]
    (folder / f"{name}.dat").write_bytes(struct.pack(f"<{len(values)}h", *values))
    start = f" {clock}" if clock else ""
    lines = [f"{name} {len(channels)} {RATE} {len(frames)}{start}"]
    for channel in channels:
        gain = (gains or {}).get(channel, "200/mV")
        lines.append(LINE.format(name=name, gain=gain, channel=channel))
    lines += comments
    path = folder / f"{name}.hea"
    path.write_text("".join(f"{line}\n" for line in lines), "latin-1")
    return path


def several(folder: Path, name: str, segments: list[tuple[str, int]], *, clock: str) -> Path:
    """A record of several segments; ``~`` is a gap."""
    total = sum(samples for _, samples in segments)
    lines = [f"{name}/{len(segments)} 1 {RATE} {total} {clock}"]
    lines += [f"{each} {samples}" for each, samples in segments]
    path = folder / f"{name}.hea"
    path.write_text("".join(f"{line}\n" for line in lines), "latin-1")
    return path


def samples(folder: Path) -> list[Path]:
    """Headers; their signal files stand beside them."""
    two = {"II": ramp(90), "ABP": ramp(90, step=2)}
    return [
        record(folder, "first", {"II": ramp(30)}, clock=None),
        record(folder, "second", two, gains={"ABP": "20/mmHg"}, comments=["# calm"] * 200),
    ]


def annotated(folder: Path, name: str, marks: Sequence[tuple[float, int, str]]) -> Path:
    """An annotation file in the MIT format: seconds, code and note of each."""
    data, at = b"", 0
    for seconds, code, note in marks:
        tick = round(seconds * RATE)
        gap, at = tick - at, tick
        if gap > 1023:  # what an interval of ten bits holds
            data += _word(59, 0) + struct.pack("<HH", gap >> 16, gap & 0xFFFF)
            gap = 0
        data += _word(code, gap)
        if note:
            text = note.encode("latin-1")
            data += _word(63, len(text)) + text + b"\0" * (len(text) % 2)
    path = folder / name
    path.write_bytes(data + b"\0\0")
    return path


def _word(code: int, interval: int) -> bytes:
    return struct.pack("<H", code << 10 | interval)
