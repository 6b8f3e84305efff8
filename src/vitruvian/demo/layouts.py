"""Two ways of laying FHIR files out in a folder, both written patient by patient."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal, Protocol

import orjson

from vitruvian.demo.render import fhir

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import ExitStack
    from pathlib import Path
    from typing import BinaryIO

    from vitruvian.demo.life import Life

Layout = Literal["bundles", "ndjson"]
_PER_FOLDER = 1000


class Writer(Protocol):
    """Writes the hospital, then its patients, and counts the resources of each type."""

    def write_house(self) -> Counter[str]:
        """Write the hospital's own resources."""

    def write(self, life: Life) -> Counter[str]:
        """Write the resources of one life."""


class BundleFolder:
    """One transaction Bundle a patient, a thousand files a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)

    def write_house(self) -> Counter[str]:
        """Write ``hospital.json``."""
        return self._write(self.folder / "hospital.json", fhir.house())

    def write(self, life: Life) -> Counter[str]:
        """Write one file; its name holds no name and no identifier of the patient."""
        shelf = self.folder / f"{life.number // _PER_FOLDER:04d}"
        shelf.mkdir(exist_ok=True)
        return self._write(shelf / f"patient-{life.number:07d}.json", fhir.resources(life))

    def _write(self, path: Path, resources: Iterable[dict[str, Any]]) -> Counter[str]:
        held = list(resources)
        path.write_bytes(fhir.bundle(held))
        return Counter(resource["resourceType"] for resource in held)


class NdjsonFolder:
    """One NDJSON file a resource type, as a bulk export gives them."""

    def __init__(self, folder: Path, open_files: ExitStack) -> None:
        self.folder = folder
        self.open_files = open_files
        self.files: dict[str, BinaryIO] = {}
        folder.mkdir(parents=True)

    def write_house(self) -> Counter[str]:
        """Write the hospital's own resources."""
        return self._write(fhir.house())

    def write(self, life: Life) -> Counter[str]:
        """Append the resources of one life to the files of their types."""
        return self._write(fhir.resources(life))

    def _write(self, resources: Iterable[dict[str, Any]]) -> Counter[str]:
        counts: Counter[str] = Counter()
        for resource in resources:
            kind = resource["resourceType"]
            counts[kind] += 1
            self._file(kind).write(orjson.dumps(resource, option=orjson.OPT_APPEND_NEWLINE))
        return counts

    def _file(self, kind: str) -> BinaryIO:
        if kind not in self.files:
            path = self.folder / f"{kind}.ndjson"
            self.files[kind] = self.open_files.enter_context(path.open("wb"))
        return self.files[kind]


def writer_for(folder: Path, layout: Layout, open_files: ExitStack) -> Writer:
    """Give the writer of a layout; files it keeps open close with `open_files`."""
    if layout == "bundles":
        return BundleFolder(folder)
    return NdjsonFolder(folder, open_files)
