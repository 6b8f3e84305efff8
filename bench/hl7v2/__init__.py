"""HL7 v2: files onto the timeline against plain parsing, and a live feed with its disk beside it.

The baseline for files is the `hl7` package where it is installed: it only takes messages apart.
For the feed it is one `fsync` after another on the same disk.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from vitruvian.ingest import ingest
from vitruvian.ingest.engine.listeners import END, START, Feed, Listening, MllpListener, receiver_of
from vitruvian.lake import Lake
from vitruvian.trust import Access

ME = Access(who="system", role="system", purpose="operations")
MESSAGES = {"small": 2_000, "medium": 10_000, "large": 50_000}
_SYNCS = 50


def measure(scale: str) -> list[dict[str, object]]:
    """Messages a second from a file, and over MLLP."""
    messages = [_message(number) for number in range(MESSAGES[scale])]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        return [_files(root, messages), _feed(root, messages)]


def _message(number: int) -> bytes:
    """A panel of ten made-up results; a hundred messages a patient."""
    patient, minute = number // 100, number % 60
    at = f"20240305{number % 24:02}{minute:02}{number % 59:02}+0100"
    head = rf"MSH|^~\&|LAB|WARD|EHR|WARD|{at}||ORU^R01^ORU_R01|{number}|P|2.5.1"
    lines = [
        head,
        f"PID|1||M-{patient}^^^WARD^MR||Ward^Test||19500214|F",
        f"OBR|1|P-{number}|F-{number}|24323-8^Panel^LN|||{at}" + "|" * 17 + "LAB|F",
        *(
            f"OBX|{n}|NM|{2823 + n}-3^Substance {n}^LN||{n}.{number % 10}|mmol/L^^UCUM|1-9|N|||F"
            for n in range(1, 11)
        ),
    ]
    return ("\r".join(lines) + "\r").encode()


def _files(root: Path, messages: list[bytes]) -> dict[str, object]:
    path = root / "messages.hl7"
    path.write_bytes(b"".join(messages))
    with Lake.create(root / "files", site="bench") as lake:
        start = time.perf_counter()
        report = ingest([path], lake, access=ME)
        seconds = time.perf_counter() - start
    assert report.loaded == len(messages)
    row: dict[str, object] = {
        "name": "HL7 v2 file onto the timeline",
        "value": round(len(messages) / seconds),
        "unit": "messages/s",
        "note": f"{len(messages):,} messages of ten results, {path.stat().st_size / 1e6:.1f} MB",
    }
    parsed = _parse(messages)
    if parsed is None:
        return row
    return row | {
        "versus": f"`hl7` parses only, {parsed:,.0f}/s",
        "ratio": len(messages) / seconds / parsed,
    }


def _parse(messages: list[bytes]) -> float | None:
    if find_spec("hl7") is None:
        return None
    library = import_module("hl7")
    texts = [each.decode() for each in messages[:500]]
    start = time.perf_counter()
    for text in texts:
        library.parse(text)
    return len(texts) / (time.perf_counter() - start)


def _feed(root: Path, messages: list[bytes]) -> dict[str, object]:
    with Lake.create(root / "feed", site="bench") as lake:
        seconds = asyncio.run(_send(lake, messages))
        found = receiver_of("hl7v2", Feed(lake, ME, "bench", "UTC"))
        assert found is not None
        start = time.perf_counter()
        absorbed = found.absorb()
        mapping = time.perf_counter() - start
    assert absorbed == len(messages)
    sync = _sync_seconds(root)
    return {
        "name": "MLLP, durable before each answer",
        "value": round(len(messages) / seconds),
        "unit": "messages/s",
        "versus": f"one fsync after another, {1 / sync:,.0f}/s ({sync * 1000:.2f} ms each)",
        "ratio": len(messages) / seconds * sync,
        "note": f"one pipelining sender; mapped afterwards at {absorbed / mapping:,.0f}/s",
    }


async def _send(lake: Lake, messages: list[bytes]) -> float:
    found = receiver_of("hl7v2", Feed(lake, ME, "bench", "UTC"))
    assert found is not None
    found.absorb = lambda: 0  # type: ignore[method-assign]  # measured by itself
    listener = MllpListener(found, Listening(port=0, absorb_every_seconds=3600))
    await listener.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    start = time.perf_counter()
    sending = asyncio.create_task(_write(writer, messages))
    for _ in messages:
        assert b"MSA|AA" in await reader.readuntil(END)
    seconds = time.perf_counter() - start
    await sending
    writer.close()
    await listener.stop()
    return seconds


async def _write(writer: asyncio.StreamWriter, messages: list[bytes]) -> None:
    for each in messages:
        writer.write(START + each + END)
        await writer.drain()


def _sync_seconds(root: Path) -> float:
    """How long one small durable write takes on this disk."""
    with (root / "sync").open("wb") as stream:
        start = time.perf_counter()
        for _ in range(_SYNCS):
            stream.write(bytes(800))
            stream.flush()
            os.fsync(stream.fileno())
        return (time.perf_counter() - start) / _SYNCS
