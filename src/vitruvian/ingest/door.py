"""The two calls of this room: take files in, and tell an event's birth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitruvian.base.clock import is_zone
from vitruvian.ingest.engine.library import adapter_named
from vitruvian.ingest.engine.limits import Limits
from vitruvian.ingest.engine.pipeline import Ingestion, Setting
from vitruvian.ingest.engine.progress import Silent, Watcher
from vitruvian.ingest.errors import NotTraceable, UnknownZone
from vitruvian.ingest.report import IngestReport

if TYPE_CHECKING:
    import pyarrow as pa


def ingest(  # noqa: PLR0913  the room's one door; each word is one the caller types
    paths: Sequence[Path | str],
    lake: Any,
    *,
    access: Any,
    site: str | None = None,
    time_zone: str | None = None,
    progress: Watcher | None = None,
    limits: Limits | None = None,
) -> IngestReport:
    """Take in everything below the paths, and say what became of it.

    Parameters
    ----------
    paths
        Files, folders, gzip and zip files, archives within archives.
    lake
        An open ``lake.Lake``.
    access
        Who does it and why (``trust.Access``).
    site
        The hospital that sends; by default the lake's own.
    time_zone
        IANA name for times that carry no zone.
        Without it UTC is assumed and such events carry the flag ``assumed-zone``.
    progress
        Is told how far it has come.
    limits
        Bounds on lines, documents and unpacking.

    Raises
    ------
    NoSuchPath, NothingToRead, NothingRecognised
        When there is nothing to do; nothing is written.
    UnknownZone
        When ``time_zone`` is not an IANA name.

    Notes
    -----
    A broken source is refused whole and reported; the others load.
    Sources become visible in groups, each source whole or not at all.
    """
    setting = Setting(
        lake=lake,
        access=access,
        site=site or lake.site,
        time_zone=_checked_zone(time_zone),
        zone_declared=time_zone is not None,
        limits=limits or Limits(),
        watcher=progress or Silent(),
    )
    return Ingestion(setting).run([Path(path) for path in paths])


def _checked_zone(zone: str | None) -> str:
    if zone is None:
        return "UTC"
    if not is_zone(zone):
        raise UnknownZone(zone)
    return zone


def trace(
    reader: Any, event_id: int, *, subject_id: int | None = None
) -> tuple[Mapping[str, Any], pa.Table]:
    """An event's stored record, and the events that its own bytes give today.

    Parameters
    ----------
    reader
        A ``lake.Reader``.
    event_id
        The event.
    subject_id
        Whose it is, where that is known: the answer comes faster.

    Returns
    -------
    record, events
        The row of ``resource`` it was read from, and freshly mapped rows of ``event``
        (columns as in ``record.event``); the one with the same ``event_id`` is this event.

    Raises
    ------
    NotTraceable
        When there is no such event, or nothing stored that it came from.
    """
    subjects = None if subject_id is None else [subject_id]
    said = reader.history("event", subjects=subjects, where="event_id = ?", params=[event_id])
    found = said.to_pylist()
    if not found:
        raise NotTraceable(event_id, "no such event")
    event = found[0]
    adapter = adapter_named(_adapter_of(reader, event))
    if adapter is None:
        raise NotTraceable(event_id, "the adapter that read it is not installed")
    return adapter.retrace(reader, event)


def _adapter_of(reader: Any, event: Mapping[str, Any]) -> str:
    rows = reader.rows(
        "source", columns=["adapter"], where="source_id = ?", params=[event["source_id"]]
    ).to_pylist()
    return str(rows[0]["adapter"]) if rows else ""
