"""A site's terminology releases, written into the lake: rows about nobody.

A newer load of the same release takes the place of the older one, which stays readable as of then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from vitruvian.base.clock import Clock, system_clock
from vitruvian.base.errors import NotFound
from vitruvian.base.ids import stable_id
from vitruvian.ingest.engine.storing.rows import write_rows
from vitruvian.record import table_named
from vitruvian.terms.releases import Held, Release, Terms, find_release

if TYPE_CHECKING:
    from vitruvian.lake import Lake, Reader
    from vitruvian.trust import Access

_ROWS_A_PIECE = 200_000
_BYTES_AT_ONCE = 1 << 20


class UnknownConcept(NotFound):
    """No release in the lake knows a code."""

    code = "unknown-concept"

    def __init__(self) -> None:
        super().__init__(
            "No terminology release in this lake knows the code. Expected SYSTEM//code, such as "
            "SNOMED//44054006, of a release that is loaded. See vitruvian terms list."
        )


def load_release(lake: Lake, folder: Path, *, access: Access, clock: Clock = system_clock) -> Held:
    """Load the release in a folder; the one that is in force changes nothing.

    Raises
    ------
    BadRelease
        When no release can be read there.
    """
    release = find_release(folder)
    digest = _digest(release.files)
    number = stable_id("release", release.name, release.edition, digest)
    with lake.bulk(access) as bulk:
        if any(each.release_id == number for each in Terms(bulk.reader).releases):
            return _in_force(bulk.reader, release.name)
        lineage = {
            "site": lake.site, "source_id": digest[:16],
            "known_at": clock().astimezone(UTC), "known_at_basis": "stated",
        }  # fmt: skip
        links = _links_written(bulk.reader, number)
        if links is None:
            links = _write(bulk, release, number, lineage)
        card = {
            "release_id": number, "name": release.name, "edition": release.edition,
            "concepts": release.concepts.num_rows, "links": links,
        }  # fmt: skip
        write_rows(bulk, "terminology", [lineage | card])
    with lake.read(access) as reader:
        return _in_force(reader, release.name)


def _in_force(reader: Reader, name: str) -> Held:
    return next(each for each in Terms(reader).releases if each.name == name)


def _links_written(reader: Reader, number: int) -> int | None:
    """How many links of a release are stored since an earlier load; None when none was."""
    found = reader.look_up("terminology", keys=[number], columns=["links"])
    return None if not found.num_rows else int(found["links"][0].as_py())


def _digest(files: Iterable[Path]) -> str:
    """A hash of everything that a release is read from."""
    whole = hashlib.sha256()
    for path in files:
        with path.open("rb") as stream:
            while block := stream.read(_BYTES_AT_ONCE):
                whole.update(block)
    return whole.hexdigest()


# Any: a bulk load, and values of several kinds
def _write(bulk: Any, release: Release, number: int, lineage: dict[str, Any]) -> int:
    """The concepts and their links; how many links."""
    codes = release.concepts["code"].to_pylist()
    ids = pa.array([stable_id(code) for code in codes], pa.int64())
    del codes
    whole = release.concepts.append_column("code_id", ids)
    for start in range(0, whole.num_rows, _ROWS_A_PIECE):
        piece = whole.slice(start, _ROWS_A_PIECE)
        bulk.write("concept", _with(piece, "concept", lineage | {"release_id": number}))
    written = 0
    for links in release.links:
        ends = {"parent_id": ids.take(links["parent"]), "child_id": ids.take(links["child"])}
        told = _with(pa.table(ends), "concept_parent", lineage | {"release_id": number})
        bulk.write("concept_parent", told)
        written += links.num_rows
    return written


def _with(rows: pa.Table, table: str, same: dict[str, int | str | datetime]) -> pa.Table:
    """Rows with further columns in which all of them are alike."""
    schema = table_named(table).schema
    for name, value in same.items():
        scalar = pa.scalar(value, schema.field(name).type)
        rows = rows.append_column(name, pa.repeat(scalar, rows.num_rows))
    return rows
