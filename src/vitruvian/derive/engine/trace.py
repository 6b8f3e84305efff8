"""A derived event read again from its note: the quoted words, and the same rows today."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from vitruvian.derive.engine.library import extractor_named, manifests
from vitruvian.derive.engine.notes import NOTE_COLUMNS, batches, earlier_notes
from vitruvian.derive.engine.reading import read_batch
from vitruvian.derive.engine.rows import SCHEMA, Derivation
from vitruvian.derive.errors import NotDerived

Verdict = Literal["same", "different", "not-possible"]
_SPAN = re.compile(r"^(.*)#char=(\d+),(\d+)$", re.DOTALL)
# What the note and the extractor decide; the rest is the door's.
_OURS = [name for name in SCHEMA.names if name not in {"recorded_at", "load_id"}]


@dataclass(frozen=True)
class ReadAgain:
    """Where a derived event was read, and whether reading it today gives the same.

    ``text[start:end]`` is what the note says; ``recomputed`` is "not-possible" when another
    version of the extractor, or other knowledge, is installed and reads the place differently.
    """

    note_id: int
    text: str
    start: int
    end: int
    extractor: str
    version: str
    parameters: str
    recomputed: Verdict


def trace(reader: Any, event_id: int) -> ReadAgain:
    """Read a derived event again from its stored note.

    Raises
    ------
    NotDerived
        When the event is unknown, was not derived from a note, or its note is gone.
    """
    found = reader.history("event", where="event_id = ?", params=[event_id]).to_pylist()
    if not found:
        raise NotDerived(event_id, "no such event")
    event = max(found, key=lambda row: row["recorded_at"])
    reader.note([event["subject_id"]])
    made = reader.history(
        "derivation", where="derivation_id = ?", params=[event["derivation_id"]]
    ).to_pylist()
    place = _SPAN.match(event["locator"] or "")
    if not made or made[0]["name"] not in manifests() or place is None:
        raise NotDerived(event_id, "no extractor made it")
    note = _note(reader, event, place[1])
    derivation = Derivation(made[0]["name"], made[0]["version"], made[0]["parameters"])
    return ReadAgain(
        note["note_id"], note["text"], int(place[2]), int(place[3]),
        *derivation, recomputed=_verdict(reader, event, note, derivation),
    )  # fmt: skip


def read_again(reader: Any, event_id: int) -> Verdict:
    """Whether the note gives the same event today; "not-possible" where it cannot be read."""
    try:
        return trace(reader, event_id).recomputed
    except NotDerived:
        return "not-possible"


def _note(reader: Any, event: dict[str, Any], locator: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = reader.history(
        "note",
        subjects=[event["subject_id"]],
        columns=NOTE_COLUMNS,
        where="version_id = ? AND coalesce(locator, '') = ?",
        params=[event["version_id"], locator],
    ).to_pylist()
    if not rows:
        raise NotDerived(event["event_id"], "its note is no longer stored")
    return rows[0]


def _verdict(
    reader: Any, event: dict[str, Any], note: dict[str, Any], derivation: Derivation
) -> Verdict:
    manifest = manifests()[derivation.name]
    # What was made with something outside this program is not asked of it again to look at it.
    if manifest.missing_packages or manifest.settings:
        return "not-possible"
    made = {extractor_named(derivation.name): derivation}
    (batch,) = batches(earlier_notes(reader, note), size=1)
    again = read_batch(batch, made).events.to_pylist()
    fresh = next((row for row in again if row["event_id"] == event["event_id"]), None)
    if fresh is None:
        return "different"
    return "same" if all(event[name] == fresh[name] for name in _OURS) else "different"
