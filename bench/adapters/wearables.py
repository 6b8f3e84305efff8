"""Apple Health: an export onto the timeline; EDF: a night; DICOM: objects sent one by one.

Baselines in the same run: the bare XML parser over the same export, `pyedflib` that only decodes,
and the receiver of `pynetdicom` that stores nothing.
"""

from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.parsers import expat

from bench.report.machine import peak_memory_mib
from vitruvian.ingest import ingest
from vitruvian.ingest.engine.listeners import Feed, Listening, server_of
from vitruvian.lake import Lake
from vitruvian.lake.maintain import MOST_RUNS
from vitruvian.trust import SYSTEM

RECORDS = {"small": 20_000, "medium": 300_000, "large": 3_000_000}
MINUTES = {"small": 10, "medium": 120, "large": 480}
OBJECTS = {"small": 20, "medium": 100, "large": 500}
_LIMIT = "1GB"
_COMMAND = """
import sys
from bench.report.machine import peak_memory_mib
from vitruvian.cli import main
code = main(sys.argv[1:])
print(peak_memory_mib(), file=sys.stderr)
sys.exit(code)
"""
_RATE, _CHANNELS = 256, 8
_RECORD = (
    ' <Record type="HKQuantityTypeIdentifier{kind}" sourceName="Watch" sourceVersion="10.5" '
    'device="&lt;&lt;HKDevice: 0x28&gt;, name:Apple Watch, hardware:Watch6,2, software:10.5&gt;" '
    'unit="{unit}" creationDate="{at}" startDate="{at}" endDate="{at}" value="{value}"/>\n'
)


def measure(scale: str) -> list[dict[str, object]]:
    """Records, megabytes and objects a second."""
    rows = [_export(scale), _merged(scale), _night(scale)]
    if find_spec("pynetdicom") is not None:
        rows.append(_received(scale))
    return rows


# ------------------------------------------------------------------ Apple Health


def _export(scale: str) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        count = RECORDS[scale]
        path = _written(Path(folder), range(count))
        seconds, peak = _limited(Path(folder) / "lake", path)
        size = path.stat().st_size / 1e6
        start = time.perf_counter()
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda *_: None
        with path.open("rb") as stream:
            parser.ParseFile(stream)
        plain = time.perf_counter() - start
        return {
            "name": "Apple Health export onto the timeline",
            "value": round(count / seconds),
            "unit": "records/s",
            "versus": f"`expat` over the same file only, {count / plain:,.0f} records/s",
            "ratio": plain / seconds,
            "note": f"{count:,} records, {size:,.0f} MB at {size / seconds:.1f} MB/s, "
            f"start of the command included; peak {peak:,.0f} MiB at a limit of {_LIMIT}",
        }


def _merged(scale: str) -> dict[str, object]:
    """So many exports of one person that their rows are merged after the last of them."""
    with tempfile.TemporaryDirectory() as folder:
        each, lake = RECORDS[scale] // 2, Path(folder) / "lake"
        taken, peaks = 0.0, list[float]()
        for part in range(MOST_RUNS + 1):
            path = _written(Path(folder), range(part * each, (part + 1) * each))
            seconds, peak = _limited(lake, path)
            taken, peaks = taken + seconds, [*peaks, peak]
        *before, last = peaks
        return {
            "name": f"Apple Health, {len(peaks)} exports of one person, the last with the merge",
            "value": round(last),
            "unit": "MiB at the peak",
            "versus": f"the loads before it, {max(before):,.0f} MiB",
            "ratio": max(before) / last,
            "note": f"limit {_LIMIT}; {each:,} records each, "
            f"{each * len(peaks) / taken:,.0f} records/s with the start of each command",
        }


def _written(folder: Path, numbers: range) -> Path:
    path = folder / "export.xml"
    with path.open("w") as out:
        out.write('<?xml version="1.0"?>\n<HealthData>\n <Me/>\n')
        out.writelines(_records(numbers))
        out.write("</HealthData>\n")
    return path


def _limited(lake: Path, path: Path) -> tuple[float, float]:
    """Seconds and the peak in MiB of a process of its own that reads a file in bounded memory."""
    words = ["ingest", str(path), "--lake", str(lake), "--memory-limit", _LIMIT, "--json"]
    start = time.perf_counter()
    told = subprocess.run([sys.executable, "-c", _COMMAND, *words], check=True, capture_output=True)
    return time.perf_counter() - start, float(told.stderr.split()[-1])


def _records(numbers: range) -> Iterator[str]:
    """Pulse every five seconds of an hour a day, then steps every ten minutes."""
    for number in numbers:
        minute, second = number // 12, number % 12 * 5
        day = minute // 60
        month, at = day // 28, f"{minute % 60:02d}:{second:02d}"
        date = f"{2015 + month // 12}-{month % 12 + 1:02d}-{day % 28 + 1:02d}"
        kind, unit = ("HeartRate", "count/min") if number % 4 else ("StepCount", "count")
        yield _RECORD.format(
            kind=kind, unit=unit, at=f"{date} 18:{at} +0100", value=60 + number % 70
        )


def _ingested(place: Path, path: Path) -> float:
    with Lake.create(place, site="bench") as lake:
        start = time.perf_counter()
        report = ingest([path], lake, access=SYSTEM)
        assert report.rejected == report.refused == 0
        return time.perf_counter() - start


# ------------------------------------------------------------------ EDF


def _night(scale: str) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "night.edf"
        _write_edf(path, MINUTES[scale] * 60)
        seconds, size = _ingested(Path(folder) / "lake", path), path.stat().st_size / 1e6
        row: dict[str, object] = {
            "name": "EDF recording onto the timeline",
            "value": round(size / seconds, 1),
            "unit": "MB/s",
            "note": f"{MINUTES[scale]} min of {_CHANNELS} channels at {_RATE} Hz, {size:.0f} MB, "
            f"a value a minute, peak {peak_memory_mib():,.0f} MB",
        }
        if find_spec("pyedflib") is None:
            return row
        start = time.perf_counter()
        with import_module("pyedflib").EdfReader(str(path)) as reader:
            for number in range(_CHANNELS):
                reader.readSignal(number)
        plain = time.perf_counter() - start
        versus = f"`pyedflib` decodes only, {size / plain:,.0f} MB/s"
        return row | {"versus": versus, "ratio": plain / seconds}


def _write_edf(path: Path, seconds: int) -> None:
    signal = ("EEG", "", "uV", "-200", "200", "-2048", "2047", "", str(_RATE), "")
    widths = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
    columns = "".join(
        value.ljust(width) * _CHANNELS for value, width in zip(signal, widths, strict=True)
    )
    fixed = f"{'0':8}{'':160}05.03.2423.00.00{256 * (_CHANNELS + 1):<8}{'':44}"
    head = f"{fixed}{seconds:<8}{1:<8}{_CHANNELS:<4}"
    block = struct.pack(
        f"<{_RATE * _CHANNELS}h", *(n % 2_000 - 1_000 for n in range(_RATE * _CHANNELS))
    )
    with path.open("wb") as out:
        out.write((head + columns).encode())
        for _ in range(seconds):
            out.write(block)


# ------------------------------------------------------------------ DICOM


def _received(scale: str) -> dict[str, object]:
    """Objects of 512 by 512 pixels on one association, each durable before its success."""
    count, adapter = OBJECTS[scale], server_of("dicom")
    assert adapter is not None
    with tempfile.TemporaryDirectory() as folder:
        sent = [_slice(number) for number in range(count)]
        with Lake.create(Path(folder) / "lake", site="bench") as lake:
            feed = Feed(lake, SYSTEM, "bench")
            with adapter.server(feed, Listening(port=0, absorb_every_seconds=3_600)) as port:
                ours = _send(sent, port)
    theirs = _plain_receiver(sent)
    return {
        "name": "DICOM objects received, each durable before its success",
        "value": round(count / ours, 1),
        "unit": "objects/s",
        "versus": f"`pynetdicom` that stores nothing, {count / theirs:,.0f}/s",
        "ratio": theirs / ours,
        "note": f"{count} slices of 512 x 512 pixels, one association",
    }


def _slice(number: int) -> Any:
    pydicom = import_module("pydicom")
    found = pydicom.Dataset()
    found.file_meta = pydicom.dataset.FileMetaDataset()
    found.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    found.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    found.SOPInstanceUID = f"1.2.826.0.1.5.{number + 1}"
    found.StudyInstanceUID, found.SeriesInstanceUID = "1.2.826.0.1.5", "1.2.826.0.1.5.0"
    found.PatientID, found.Modality, found.InstanceNumber = "M-1", "CT", number
    found.Rows = found.Columns = 512
    found.BitsAllocated = found.BitsStored = 16
    found.HighBit, found.PixelRepresentation, found.SamplesPerPixel = 15, 0, 1
    found.PhotometricInterpretation = "MONOCHROME2"
    found.PixelData = bytes([number % 256, 0]) * (512 * 512)
    return found


def _send(objects: list[Any], port: int) -> float:
    network = import_module("pynetdicom")
    entity = network.AE()
    entity.add_requested_context("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.1")
    association = entity.associate("127.0.0.1", port)
    start = time.perf_counter()
    for each in objects:
        assert association.send_c_store(each).Status == 0
    seconds = time.perf_counter() - start
    association.release()
    return seconds


def _plain_receiver(objects: list[Any]) -> float:
    network = import_module("pynetdicom")
    entity = network.AE()
    entity.add_supported_context("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.1")
    handlers = [(network.evt.EVT_C_STORE, lambda _: 0)]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    try:
        return _send(objects, server.socket.getsockname()[1])
    finally:
        server.shutdown()
