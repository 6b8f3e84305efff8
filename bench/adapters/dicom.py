"""DICOM: files onto the timeline against plain parsing, and searches and frames over DICOMweb.

The baseline for files is `pydicom` in the same run: it only parses headers. That for frames is
`pydicom` reading and unpacking the same file from disk, without sign-in, policy, audit or HTTP.
"""

from __future__ import annotations

import io
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import pydicom

from tests.api.client import TestClient
from vitruvian.api import Settings, create_app
from vitruvian.demo import lives
from vitruvian.demo.render.dicom import ct_studies
from vitruvian.derive.images import frame_values, open_object
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import Access

ME = Access(who="system", role="system", purpose="operations")
_DICOMWEB, _PASSWORD, _TIMES = "/api/dicomweb/studies", "a-long-enough-passphrase-7", 100
STUDIES = {"small": 2, "medium": 6, "large": 20}


def measure(scale: str) -> list[dict[str, object]]:
    """Instances a second from files, and milliseconds a decoded frame."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        files = _write(root / "ct", STUDIES[scale])
        return [_ingested(root, files), _decoded(files), *_served(root / "lake", files)]


def _write(folder: Path, wanted: int) -> list[Path]:
    """Chest phantoms of the demo hospital, 36 slices each."""
    folder.mkdir()
    found: list[Path] = []
    studies = (study for life in lives(1, 1_000) for study in ct_studies(life))
    for number, study in zip(range(wanted), studies, strict=False):
        for at, data in enumerate(study.files()):
            found.append(folder / f"{number:03}-{at:03}.dcm")
            found[-1].write_bytes(data)
    return found


def _ingested(root: Path, files: list[Path]) -> dict[str, object]:
    size = sum(path.stat().st_size for path in files) / 1e6
    with Lake.create(root / "lake", site="bench") as lake:
        start = time.perf_counter()
        report = ingest([root / "ct"], lake, access=ME)
        seconds = time.perf_counter() - start
    assert report.loaded == len(files)
    plain = _parsed(files)
    return {
        "name": "DICOM files onto the timeline",
        "value": round(len(files) / seconds),
        "unit": "files/s",
        "versus": f"`pydicom` parses only, {plain:,.0f}/s",
        "ratio": len(files) / seconds / plain,
        "note": f"{len(files):,} slices, {size:.1f} MB: {size / seconds:.1f} MB/s{_load()}",
    }


def _served(lake: Path, files: list[Path]) -> list[dict[str, object]]:
    """Median of searches and of frames, signed in, through the whole application, in process."""
    with Lake.open(lake) as opened, _signed_in(opened) as client:
        studies = client.get(_DICOMWEB).json()
        uids = [each["0020000D"]["Value"][0] for each in studies]
        addresses = []
        for uid in uids:
            headers = client.get(f"{_DICOMWEB}/{uid}/instances").json()
            addresses += [_frame_of(uid, each) for each in headers]
        search = _median_ms(lambda: client.get(_DICOMWEB, params={"StudyInstanceUID": uids[0]}))
        places = cycle(addresses)
        frame = _median_ms(lambda: client.get(next(places)))
    sources = cycle(files)
    plain = _median_ms(lambda: pydicom.dcmread(next(sources)).pixel_array)
    stored = (
        f"{len(uids)} studies, {len(addresses)} instances, median of {_TIMES}, in process{_load()}"
    )
    return [
        {"name": "QIDO-RS, one study by its UID", "value": search, "unit": "ms", "note": stored},
        {
            "name": "WADO-RS, one frame",
            "value": frame,
            "unit": "ms",
            "versus": f"`pydicom` from disk, {plain} ms",
            "ratio": frame / plain,
            "note": f"{stored}, 128 by 128, policy and audit on",
        },
    ]


def _load() -> str:
    """What the reader must know when the machine was not quiet."""
    load = os.getloadavg()[0]
    return f", taken under load {load:.0f}" if load > (os.cpu_count() or 1) + 1 else ""


def _frame_of(study: str, header: dict[str, Any]) -> str:
    series, instance = (header[tag]["Value"][0] for tag in ("0020000E", "00080018"))
    return f"{_DICOMWEB}/{study}/series/{series}/instances/{instance}/frames/1"


@contextmanager
def _signed_in(lake: Lake) -> Iterator[TestClient]:
    """A clinician's session in front of the lake."""
    lake.accounts.create("reader", display_name="Dr Reader", role="clinician")
    lake.accounts.set_password("reader", password=_PASSWORD)
    with TestClient(create_app(lake, settings=Settings()), base_url="http://127.0.0.1") as client:
        client.headers["X-Vitruvian"] = "1"
        client.post("/api/sign-in", json={"name": "reader", "password": _PASSWORD})
        yield client


def _median_ms(once: Callable[[], Any]) -> float:
    once()
    took = []
    for _ in range(_TIMES):
        start = time.perf_counter()
        answer = once()
        took.append(time.perf_counter() - start)
        assert getattr(answer, "status_code", 200) == 200
    return round(median(took) * 1000, 2)


def _parsed(files: list[Path]) -> float:
    start = time.perf_counter()
    for path in files:
        dataset: Any = pydicom.dcmread(io.BytesIO(path.read_bytes()))
        for tag in list(dataset.keys()):
            assert dataset[tag] is not None
    return len(files) / (time.perf_counter() - start)


def _decoded(files: list[Path]) -> dict[str, object]:
    start = time.perf_counter()
    for path in files:
        assert frame_values(open_object(path.read_bytes())).shape == (128, 128)
    seconds = time.perf_counter() - start
    return {
        "name": "DICOM frame in Hounsfield units",
        "value": round(seconds / len(files) * 1000, 2),
        "unit": "ms",
        "note": "128 by 128, uncompressed",
    }
