"""What an adapter is: how sure it is, what it reads, how it loads.

An adapter is one folder below ``library/``: ``manifest.toml`` (read without importing it)
and ``adapter.py`` with a class ``Adapter``. The engine knows nothing of its format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol, runtime_checkable

import pyarrow as pa

from vitruvian.base.manifest import Manifest
from vitruvian.ingest.engine.limits import Limits
from vitruvian.ingest.engine.walk import nothing_beside
from vitruvian.ingest.report import Problems

PROBE_BYTES = 65_536

RECORDS = pa.schema(
    [
        pa.field("record", pa.int64(), nullable=False),
        pa.field("locator", pa.string(), nullable=False),
        pa.field("bytes", pa.large_binary(), nullable=False),
        pa.field("context", pa.string()),
    ]
)
"""What ``read`` yields: ordinal in the source, place, verbatim bytes, a word of the envelope."""


@dataclass(frozen=True)
class Probe:
    """The first bytes of a source, unpacked, and the end of its name.

    ``mappings`` are the mapping files beside it or given with it;
    ``open`` reads on, for formats that tell at their end what they hold.
    """

    head: bytes
    suffix: str
    whole: bool
    mappings: tuple[bytes, ...] = ()
    open: Callable[[], BinaryIO] | None = None


@dataclass(frozen=True)
class Source:
    """One file, archive member or message, with the name that may be spoken of.

    ``name`` is the file's own, for sheets and manifests that name the files beside them;
    it may carry a patient's name and is never spoken of, logged or stored.
    ``beside`` opens a file of another name in the same folder or archive; None for none.
    """

    source_id: str
    sha256: str
    byte_count: int
    suffix: str
    open: Callable[[], BinaryIO]
    number: int
    limits: Limits
    name: str = ""
    beside: Callable[[str], BinaryIO | None] = nothing_beside
    mappings: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class LoadContext:
    """What an adapter may use while it loads."""

    bulk: Any  # lake.BulkLoad; its connection is DuckDB, which only the lake imports
    site: str
    time_zone: str
    zone_declared: bool
    received_at: str


@dataclass(frozen=True)
class Counts:
    """Records of one source that were stored, and that were known before."""

    loaded: int
    skipped: int


class Loading(Protocol):
    """One bulk load in progress."""

    def stage(self, source: Source, batch: pa.RecordBatch, problems: Problems) -> None:
        """Take records in; nothing is stored yet."""
        ...

    def drop(self, source: Source) -> None:
        """Forget every record of a source that turned out broken."""
        ...

    def finish(self, problems: Mapping[int, Problems]) -> Mapping[int, Counts]:
        """Map and write everything staged; counts by source number."""
        ...


class Adapter(Protocol):
    """One format."""

    manifest: Manifest

    def score(self, probe: Probe) -> float | None:
        """How sure it is, 0 to 1; None for "not mine"."""
        ...

    def read(self, source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
        """The records of a source, in order, verbatim, in batches of bounded size."""
        ...

    def begin(self, context: LoadContext) -> Loading:
        """Start a bulk load."""
        ...

    def retrace(self, reader: Any, event: Mapping[str, Any]) -> tuple[Mapping[str, Any], pa.Table]:
        """An event's stored record, and the events that its bytes give today."""
        ...


def version_of(adapter: Adapter, source: Source) -> str:
    """The adapter's version; one that follows a mapping file names that mapping as well.

    A file is taken in again when this changes.
    """
    told: Callable[[Source], str] | None = getattr(adapter, "version_of", None)
    return adapter.manifest.version if told is None else told(source)


@runtime_checkable
class Linking(Protocol):
    """An adapter whose subjects become persons only beside what other formats brought.

    It is asked after every load, once all of it can be read, so that the order in which
    formats arrive makes no difference.
    """

    def link(self, bulk: Any, *, site: str) -> None:
        """Write the links that hold now and are not written yet."""
        ...
