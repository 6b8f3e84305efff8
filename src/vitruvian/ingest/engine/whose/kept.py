"""A sheet that is kept as a record of the site and is about nobody by itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.engine.adapter import Counts, LoadContext, Source
from vitruvian.ingest.engine.storing.rows import write_rows

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class KeptSheet:
    """A sheet by its first line, ``head``; ``kind`` is what it is called where it is stored."""

    head: str
    kind: str

    def is_sheet(self, head: bytes) -> bool:
        """Whether bytes begin like this sheet."""
        return head.removeprefix(_BOM).startswith(self.head.encode())

    def lines(self, data: bytes) -> Iterator[list[str]]:
        """The cells of each line in the order of the head; an empty one where nothing is said."""
        for line in csv.DictReader(io.StringIO(data.decode("utf-8-sig", errors="replace"))):
            yield [(line.get(name) or "").strip() for name in self.head.split(",")]

    def stored(self, reader: Any, *, site: str) -> dict[str, bytes]:
        """The sheets that are stored, by the hash of their bytes, oldest first."""
        rows = reader.rows(
            "resource",
            columns=["content_hash", "bytes", "recorded_at"],
            where="resource_type = ? AND site = ?",
            params=[self.kind, site],
        ).to_pylist()
        rows.sort(key=lambda row: row["recorded_at"])
        return {row["content_hash"]: row["bytes"] for row in rows}

    def take(
        self, sheets: Iterable[tuple[Source, bytes]], context: LoadContext
    ) -> dict[int, Counts]:
        """Store the sheets that are not stored yet; what became of each source, by its number."""
        held = set(self.stored(context.bulk.reader, site=context.site))
        counts: dict[int, Counts] = {}
        rows = []
        for source, data in sheets:
            new = source.sha256 not in held
            held.add(source.sha256)
            counts[source.number] = Counts(int(new), int(not new))
            if new:
                rows.append(self._row(data, source, context))
        write_rows(context.bulk, "resource", rows)
        return counts

    def all_of(self, sheets: Sequence[tuple[Source, bytes]], context: LoadContext) -> list[bytes]:
        """What is stored, and then what is at hand."""
        stored = self.stored(context.bulk.reader, site=context.site).values()
        return [*stored, *(data for _, data in sheets)]

    def _row(self, data: bytes, source: Source, context: LoadContext) -> dict[str, Any]:
        return {
            "version_id": stable_id(context.site, self.kind, source.sha256), "subject_id": None,
            "site": context.site, "source_id": source.source_id, "locator": "record 0",
            "known_at": datetime.fromisoformat(context.received_at), "known_at_basis": "stated",
            "record": 0, "resource_type": self.kind, "resource_id": source.source_id,
            "content_hash": source.sha256, "deleted": False, "bytes": data,
        }  # fmt: skip
