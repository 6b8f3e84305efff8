"""Documents and imaging studies: what there is to read and to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vitruvian.picture.facts.events import NEVER, instant
from vitruvian.picture.facts.mention import NOTHING_TOLD, Mentions, event_id_of
from vitruvian.picture.types import Document, ImagingItem

Row = Mapping[str, Any]
PREVIEW_CHARACTERS = 180
IN_ERROR = "entered-in-error"


def preview(text: str | None) -> str | None:
    """The first words of a note on one line."""
    if not text:
        return None
    words = " ".join(text.split())
    return words if len(words) <= PREVIEW_CHARACTERS else words[:PREVIEW_CHARACTERS].rstrip() + "…"


def newest_first(rows: Sequence[Row]) -> list[Row]:
    """Rows by their time; those without a time come last."""
    return sorted(rows, key=lambda row: NEVER if row["time"] is None else row["time"], reverse=True)


def documents(rows: Sequence[Row], *, told: Mentions = NOTHING_TOLD) -> list[Document]:
    """Notes and reports, newest first; the text is read separately."""
    return [
        Document(
            note_id=str(row["note_id"]),
            title=row["title"] or "Document",
            time=instant(row["time"]),
            known_at=instant(row["known_at"]),  # type: ignore[arg-type]  # known_at is never null
            status=row["status"],
            preview=preview(row["text"]),
            event_id=event_id_of(told.of(row)),
        )
        for row in newest_first(rows)
        if row["status"] != IN_ERROR
    ]


def imaging(rows: Sequence[Row], *, told: Mentions = NOTHING_TOLD) -> list[ImagingItem]:
    """Studies newest first; the series of one study count together."""
    studies: dict[object, list[Row]] = {}
    for row in newest_first(rows):
        studies.setdefault(row["study_uid"] or row["image_id"], []).append(row)
    return [study(series, told=told) for series in studies.values()]


def study(series: Sequence[Row], *, told: Mentions) -> ImagingItem:
    """One study from its series; a row without a series speaks for the whole study.

    Without such a row the study is called what its event on the timeline is called, and only
    then by its first series.
    """
    whole = next((row for row in series if row["series_uid"] is None), series[0])
    parts = [row for row in series if row["series_uid"] is not None] or [whole]
    counted = [row["instance_count"] for row in parts if row["instance_count"] is not None]
    kinds = dict.fromkeys(row["modality"] for row in series if row["modality"])
    mention = told.of(whole)
    named_by_event = whole["series_uid"] is not None and mention is not None
    return ImagingItem(
        image_id=str(whole["image_id"]),
        study_uid=whole["study_uid"],
        modality=", ".join(kinds) or None,
        description=mention.label if mention and named_by_event else whole["description"],
        body_site=next((row["body_site"] for row in series if row["body_site"]), None),
        time=instant(whole["time"]),
        instance_count=sum(counted) if counted else whole["instance_count"],
        event_id=event_id_of(mention),
    )
