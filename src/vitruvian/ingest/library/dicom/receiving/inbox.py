"""Where objects lie from the moment they are durable until they are on the timeline.

A folder of the lake, one file an object under a name made of its UID: it holds no name and no
number of a patient. A file is written beside, synced, and put in its place with its folder.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import structlog

from vitruvian.base.errors import VitruvianError
from vitruvian.ingest.engine.listeners import Feed
from vitruvian.ingest.library.dicom.reading.part10 import META_AT
from vitruvian.ingest.library.dicom.study.instance import INSTANCE
from vitruvian.lake.disk.durable import make_folder, put_in_place

FOLDER, REFUSED = "incoming-dicom", "refused"
_META_LENGTH = slice(140, 144)
_SAME = "resource_type = ? AND resource_id = ? AND site = ?"
_log = structlog.get_logger(__name__)
Outcome = Literal["taken", "known", "other-bytes"]


def data_set_of(file: bytes) -> bytes:
    """A file without its preamble and meta header, which each sender writes anew."""
    start = META_AT + 12 + int.from_bytes(file[_META_LENGTH], "little")
    return file[start:] if file[META_AT : META_AT + 2] == b"\x02\x00" else file


@dataclass
class Inbox:
    """The objects that wait, of one feed."""

    feed: Feed

    def __post_init__(self) -> None:
        self.folder = Path(self.feed.lake.path) / FOLDER
        make_folder(self.folder)
        self._lock = threading.Lock()  # one decision at a time about what is here already
        self._mapping = threading.Lock()

    # -------------------------------------------------------------- taking in

    def take(self, uid: str, file: bytes) -> Outcome:
        """Make an object durable, unless it is here; other bytes under its UID are not taken."""
        with self._lock:
            earlier = self._earlier(uid)
            if earlier is not None:
                return "known" if data_set_of(earlier) == data_set_of(file) else "other-bytes"
            write_durably(self._place(uid), file)
        return "taken"

    def holds(self, uid: str) -> bool:
        """Whether an object is durable here, in the lake or waiting."""
        with self._lock:
            return self._earlier(uid) is not None

    def _place(self, uid: str) -> Path:
        return self.folder / f"{hashlib.sha256(uid.encode()).hexdigest()}.dcm"

    def _earlier(self, uid: str) -> bytes | None:
        """The object as it is here already."""
        place = self._place(uid)
        if place.exists():
            return place.read_bytes()
        feed = self.feed
        with feed.lake.read(replace(feed.access, reason="DICOM receiver")) as reader:
            rows = reader.history(
                "resource",
                columns=["content_hash"],
                where=_SAME,
                params=[INSTANCE, uid, feed.site],
            ).to_pylist()
            found: bytes | None = reader.blob(rows[0]["content_hash"]) if rows else None
        return found

    # -------------------------------------------------------------- onto the timeline

    def absorb(self) -> int:
        """Put what waits onto the timeline; how many objects."""
        with self._mapping:
            waiting = sorted(self.folder.glob("*.dcm"))
            if not waiting:
                return 0
            refused = set(self._load(waiting))
            for path in waiting:
                with self._lock:
                    if _source_id(path) in refused:
                        self._set_aside(path)
                    else:
                        path.unlink()
        return len(waiting)

    def _load(self, paths: list[Path]) -> Iterator[str]:
        """Load files; the source ids of those that were refused."""
        from vitruvian.ingest.door import ingest  # noqa: PLC0415  the door knows every plug-in
        from vitruvian.ingest.errors import NothingRecognised  # noqa: PLC0415  beside it

        feed = self.feed
        try:
            report = ingest(
                paths, feed.lake, access=feed.access, site=feed.site, time_zone=feed.time_zone
            )
        except NothingRecognised as nothing:
            report = nothing.report
        for each in report.sources:
            if each.rejected or each.outcome in {"refused", "not-recognised"}:
                yield each.source_id

    def _set_aside(self, path: Path) -> None:
        """Keep an object that cannot be used, for whoever looks after the feed."""
        aside = self.folder / REFUSED
        aside.mkdir(exist_ok=True)
        _log.warning("received object set aside", source_id=_source_id(path))
        path.replace(aside / path.name)


def write_durably(place: Path, data: bytes) -> None:
    """Write a file beside its place, sync it, and put it there with its folder."""
    with tempfile.NamedTemporaryFile(dir=place.parent, prefix=".", delete=False) as out:
        out.write(data)
    put_in_place(Path(out.name), place)


def _source_id(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def absorb_quietly(inbox: Inbox) -> None:
    """Absorb; what fails waits for the next time."""
    try:
        inbox.absorb()
    except VitruvianError as fault:
        _log.error("received objects wait to be mapped", reason=type(fault).__name__)
