"""DICOM: files onto the timeline against plain parsing, and a frame through DICOMweb's path.

The baseline for files is `pydicom` in the same run: it only parses headers.
"""

from __future__ import annotations

import io
import tempfile
import time
from pathlib import Path
from typing import Any

import pydicom

from vitruvian.demo import lives
from vitruvian.demo.render.dicom import ct_studies
from vitruvian.derive.images import frame_values, open_object
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import Access

ME = Access(who="system", role="system", purpose="operations")
STUDIES = {"small": 2, "medium": 6, "large": 20}


def measure(scale: str) -> list[dict[str, object]]:
    """Instances a second from files, and milliseconds a decoded frame."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        files = _write(root / "ct", STUDIES[scale])
        return [_ingested(root, files), _decoded(files)]


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
        "unit": "instances/s",
        "versus": f"`pydicom` parses only, {plain:,.0f}/s",
        "ratio": len(files) / seconds / plain,
        "note": f"{len(files):,} slices, {size:.1f} MB, {size / seconds:.1f} MB/s, each durable",
    }


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
