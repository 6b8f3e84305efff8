"""An assay: one sample of one file, and what is known of it when it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.vcf.reading.header import Header
from vitruvian.ingest.library.vcf.reading.sheet import SheetRow


@dataclass(frozen=True)
class Assay:
    """One sample, looked at once.

    Parameters
    ----------
    number
        Place of the sample among the columns of its file, from 0.
    said
        What a sheet says of it; None when no sheet names it.
    """

    assay_id: int
    subject_id: int
    linked: bool
    sample: str
    number: int
    header: Header
    said: SheetRow | None
    lineage: Mapping[str, Any]
    when: When
    content_hash: str

    @property
    def version_id(self) -> int:
        """The stored header."""
        return stable_id("VCF/header", str(self.assay_id))

    @property
    def origin(self) -> str | None:
        """Germline or somatic, as the sheet says."""
        return self.said.origin if self.said else None


@dataclass(frozen=True)
class When:
    """When the specimen was taken, or the file written; and when it could be seen."""

    start: datetime | None
    until: datetime | None
    as_sent: str | None
    offset: int | None
    known_at: datetime
    basis: str
    zone_assumed: bool


@dataclass(frozen=True)
class Clock:
    """What times without a zone, and files without a time, are read by."""

    zone: str
    zone_declared: bool
    received_at: datetime


def when_of(header: Header, said: SheetRow | None, clock: Clock) -> When:
    """The clocks of one assay.

    The sheet's ``collected`` comes before the file's date, and ``reported`` says when the care
    team could see it; without that, the end of the file's day is assumed, else its arrival.
    """
    sent = said.collected if said and said.collected else None
    if sent is None and header.file_date is not None:
        sent = header.file_date.isoformat()
    start, until, offset, bare = moment_of(sent, clock.zone)
    reported = said.reported if said else None
    known, _, _, bare_too = moment_of(reported, clock.zone)
    if known is not None:
        return When(start, until, sent, offset, known, "stated",
                    (bare or bare_too) and not clock.zone_declared)  # fmt: skip
    written = header.file_date.isoformat() if header.file_date else None
    _, known, _, _ = moment_of(written, clock.zone)
    known = known if known and (start is None or known >= start) else clock.received_at
    return When(start, until, sent, offset, known, "assumed", bare and not clock.zone_declared)


def moment_of(
    text: str | None, zone: str
) -> tuple[datetime | None, datetime | None, int | None, bool]:
    """Earliest instant, end of the interval for a date, minutes east, whether the zone is ours.

    A date at an end of the calendar (9999-12-31 stands for never) has no instants and says nothing.
    """
    if not text:
        return None, None, None, False
    try:
        return _moment_of(datetime.fromisoformat(text), zone, is_date=len(text) == _DATE)
    except OverflowError:
        return None, None, None, False


_DATE = len("2026-01-01")


def _moment_of(
    read: datetime, zone: str, *, is_date: bool
) -> tuple[datetime, datetime | None, int | None, bool]:
    bare = read.tzinfo is None
    start = read.replace(tzinfo=ZoneInfo(zone)) if bare else read
    until = start + timedelta(days=1) if is_date else None
    shift = None if bare else int((start.utcoffset() or timedelta()).total_seconds() // 60)
    end = None if until is None else until.astimezone(UTC)
    return start.astimezone(UTC), end, shift, bare


def assay_row(assay: Assay, counts: Mapping[str, Any]) -> dict[str, Any]:
    """The row of ``assay``."""
    said, when = assay.said, assay.when
    return {
        "assay_id": assay.assay_id,
        "subject_id": assay.subject_id,
        "version_id": assay.version_id,
        **assay.lineage,
        "locator": "record 0",
        "sample": assay.sample,
        "linked": assay.linked,
        "build": assay.header.build,
        "origin": assay.origin,
        "specimen": said.specimen if said else None,
        "tumour_purity": said.tumour_purity if said else None,
        "time": when.start,
        "time_as_sent": when.as_sent,
        "content_hash": assay.content_hash,
        "annotation": assay.header.annotation.key if assay.header.annotation else None,
        **counts,
    }
