"""Terminology releases as records about nobody: pieces of Parquet, one edition of each at a time.

A newer load of the same release takes the place of the older one, which stays readable as of then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from vitruvian.base.clock import Clock, system_clock
from vitruvian.base.errors import NotFound
from vitruvian.base.ids import stable_id
from vitruvian.ingest.engine.storing.rows import write_rows
from vitruvian.terms.releases import Release, find_release

if TYPE_CHECKING:
    from vitruvian.lake import Lake, Reader
    from vitruvian.trust import Access

RELEASE, CONCEPTS, EDGES = "TERMS/release", "TERMS/concepts", "TERMS/edges"
_ROWS_A_PIECE = 200_000


class UnknownConcept(NotFound):
    """No release in the lake knows a code."""

    code = "unknown-concept"

    def __init__(self) -> None:
        super().__init__(
            "No terminology release in this lake knows the code. Expected SYSTEM//code, such as "
            "SNOMED//44054006, of a release that is loaded. See vitruvian terms list."
        )


@dataclass(frozen=True)
class Held:
    """A release in the lake."""

    name: str
    edition: str
    concepts: int
    edges: int


def load_release(lake: Lake, folder: Path, *, access: Access, clock: Clock = system_clock) -> Held:
    """Load the release in a folder; the same one again changes nothing.

    Raises
    ------
    BadRelease
        When no release can be read there.
    """
    release = find_release(folder)
    held = Held(release.name, release.edition, release.concepts.num_rows, release.edges.num_rows)
    with lake.bulk(access) as bulk:
        rows = list(_rows(release, held, site=lake.site, now=clock()))
        earlier = bulk.reader.rows(
            "resource",
            columns=["version_id", "resource_type"],
            where="starts_with(resource_type, 'TERMS/') AND starts_with(resource_id, ?)",
            params=[f"{release.name}/"],
        ).to_pylist()
        known = {row["version_id"] for row in earlier}
        fresh = [row for row in rows if row["version_id"] not in known]
        kept = {row["version_id"] for row in rows}
        write_rows(bulk, "resource", fresh)
        ends = [
            _ended(row["version_id"], rows[0]) for row in earlier if row["version_id"] not in kept
        ]
        write_rows(bulk, "retirement", ends)
    return held


def _rows(release: Release, held: Held, *, site: str, now: datetime) -> Iterator[dict[str, Any]]:
    """The release's card, then its pieces."""
    pieces = [(RELEASE, 0, json.dumps(asdict(held)).encode())]
    for kind, table in ((CONCEPTS, release.concepts), (EDGES, release.edges)):
        for number, start in enumerate(range(0, table.num_rows, _ROWS_A_PIECE)):
            pieces.append((kind, number, _packed(table.slice(start, _ROWS_A_PIECE))))
    whole = hashlib.sha256(b"".join(data for *_, data in pieces)).hexdigest()
    for record, (kind, number, data) in enumerate(pieces):
        name = f"{release.name}/{kind.partition('/')[2]}/{number}"
        yield {
            "version_id": stable_id(site, name, whole), "site": site, "source_id": whole[:16],
            "locator": f"record {record}", "known_at": now.astimezone(UTC),
            "known_at_basis": "stated", "record": record, "resource_type": kind,
            "resource_id": name, "version": release.edition,
            "content_hash": hashlib.sha256(data).hexdigest(), "deleted": False, "bytes": data,
        }  # fmt: skip


def _ended(version: int, by: dict[str, Any]) -> dict[str, Any]:
    lineage = ("site", "source_id", "locator", "known_at", "known_at_basis")
    return {key: by[key] for key in lineage} | {
        "retirement_id": stable_id("version", str(version), by["source_id"]),
        "scope": "version", "target_id": version, "reason": "superseded",
    }  # fmt: skip


def _packed(table: pa.Table) -> bytes:
    out = BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def releases(reader: Reader) -> list[Held]:
    """The releases that hold, by name."""
    rows = reader.rows(
        "resource", columns=["bytes"], where="resource_type = ?", params=[RELEASE]
    ).to_pylist()
    return sorted((Held(**json.loads(row["bytes"])) for row in rows), key=lambda each: each.name)


class Terms:
    """What the releases in the lake say of codes."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._children: dict[str, list[str]] | None = None

    def _pieces(self, kind: str) -> Iterator[pa.Table]:
        rows = self._reader.rows(
            "resource", columns=["bytes"], where="resource_type = ?", params=[kind]
        )
        for row in rows.to_pylist():
            yield pq.read_table(BytesIO(row["bytes"]))

    def displays(self, codes: Iterable[str]) -> dict[str, str]:
        """Names of codes (SYSTEM//code); a code that no release names is left out."""
        wanted = pa.array(sorted(set(codes)), pa.string())
        found: dict[str, str] = {}
        for piece in self._pieces(CONCEPTS):
            own = piece.filter(pa.compute.is_in(piece["code"], value_set=wanted))
            pairs = zip(own["code"].to_pylist(), own["display"].to_pylist(), strict=True)
            found |= {code: display for code, display in pairs if display}
        return found

    def descendants(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Codes with everything that is a kind of them, in the order of the alphabet."""
        if self._children is None:
            self._children = {}
            for piece in self._pieces(EDGES):
                pairs = zip(piece["parent"].to_pylist(), piece["child"].to_pylist(), strict=True)
                for parent, child in pairs:
                    self._children.setdefault(parent, []).append(child)
        found, waiting = set(codes), list(codes)
        while waiting:
            fresh = [c for c in self._children.get(waiting.pop(), ()) if c not in found]
            found.update(fresh)
            waiting += fresh
        return tuple(sorted(found))
