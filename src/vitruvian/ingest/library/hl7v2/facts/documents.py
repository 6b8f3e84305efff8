"""Documents: MDM with their edits and cancels, and reports that are running text.

References
----------
HL7 Version 2.8.2, chapter 9 (TXA; T01 to T11); table 0271 for TXA-17.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.hl7v2.facts.coding import Coded, choose, read_coded
from vitruvian.ingest.library.hl7v2.facts.fact import Fact, Slot, Told, event_row, first, pointer
from vitruvian.ingest.library.hl7v2.mapping import listed, words
from vitruvian.ingest.library.hl7v2.reading.message import Message, Segment

PutBlob = Callable[[bytes], str]
_RUNNING_TEXT = {"TX", "FT", "ST", ""}


def is_report(observations: Sequence[Segment]) -> bool:
    """Whether OBX segments are lines of one text rather than results."""
    kinds = {obx.text(2).upper() for obx in observations if obx.raw(5)}
    return bool(kinds) and kinds <= {"TX", "FT", "ED"}


def document_fact(told: Told, txa: Segment, observations: Sequence[Segment], put: PutBlob) -> Fact:
    """The document that a TXA describes, with the text of its OBX segments."""
    kind = read_coded(txa, 2)
    obr = told.message.of("OBR")
    coded = (
        choose(((None, None, txa.text(2, 2)),) if txa.text(2, 2) else ())
        or read_coded(obr, 4)
        or next((found for obx in observations if (found := read_coded(obx, 3))), None)
        or kind
        or choose(((None, None, "Document"),))
    )
    cancelled = (
        told.message.trigger in listed("documents", "cancels") or txa.text(19).upper() == "CA"
    )
    status = words("document_status").get(txa.text(17).upper(), "final")
    what = {
        "status": "entered-in-error" if cancelled else status,
        "state": txa.text(17) or None,
        "moment": told.moment(txa.text(4), txa.text(6), told.message.header.text(7)),
    }
    slot: Slot = (
        "document",
        first((txa.raw(12), txa.raw(14))) or f"control {told.message.control_id}",
    )
    parent = ("document", txa.raw(13))
    replaces = (parent,) if told.message.trigger in listed("documents", "replaces") else ()
    return _fact(told, (txa, coded, observations), (what, slot, replaces), put)


def report_fact(told: Told, obr: Segment, observations: Sequence[Segment], put: PutBlob) -> Fact:
    """A report sent line by line under its order."""
    coded = (
        read_coded(obr, 4) or read_coded(observations[0], 3) or choose(((None, None, "Report"),))
    )
    states = [obx.text(11).upper() for obx in observations]
    state = obr.text(25).upper() or (states[0] if states else "")
    what = {
        "status": words("result_status").get(state, "final"),
        "state": state or None,
        "moment": told.moment(obr.text(7), obr.text(22), told.message.header.text(7)),
    }
    slot: Slot = ("report", first((obr.raw(3), obr.raw(2))) or f"control {told.message.control_id}")
    return _fact(told, (obr, coded, observations), (what, slot, ()), put)


def _fact(
    told: Told,
    source: tuple[Segment, Coded | None, Sequence[Segment]],
    said: tuple[dict[str, Any], Slot, tuple[Slot, ...]],
    put: PutBlob,
) -> Fact:
    segment, coded, observations = source
    what, slot, replaces = said
    part = stable_id(str(told.version_id), "document", *slot)
    text, attached = read_text(observations)
    shown = coded or Coded("HL7V2//document", "Document", ())
    row = event_row(
        told,
        (segment, 0),
        {"category": "document", "modality": "note", "code": shown.code, "code_text": shown.text,
         "codings": shown.rows, **what},
    )  # fmt: skip
    wrong = row["status"] in {"entered-in-error", "cancelled"}
    note = {
        "note_id": stable_id(str(part), pointer(segment)),
        "subject_id": told.subject_id,
        "version_id": part,
        **told.lineage,
        "locator": told.locator(segment),
        "time": row["time"],
        "title": shown.text,
        "code": shown.code,
        "status": "entered-in-error" if wrong else "current",
        "media_type": attached[0] if attached else "text/plain",
        "text": text,
        "blob_sha256": put(attached[1]) if attached and text is None else None,
    }
    return Fact(slot, row | {"version_id": part}, note, replaces)


def read_text(observations: Sequence[Segment]) -> tuple[str | None, tuple[str, bytes] | None]:
    """The lines of a document as one text, and the first attachment (media type, bytes)."""
    lines, attached = [], None
    for obx in observations:
        if obx.text(2).upper() in _RUNNING_TEXT:
            lines.append(obx.words(5))
        elif obx.text(2).upper() == "ED" and attached is None:
            attached = _attachment(obx)
    text = "\n".join(lines).strip()
    if not text and attached and attached[0].startswith("text/"):
        text = attached[1].decode("utf-8", errors="replace").strip()
    return text or None, attached


def broken_attachments(message: Message) -> list[str]:
    """Where a message holds an attachment whose bytes cannot be read."""
    return [
        pointer(obx, 5)
        for obx in message.all("OBX")
        if obx.text(2).upper() == "ED" and obx.raw(5) and _content(*_encoded(obx)[2:]) is None
    ]


def _attachment(obx: Segment) -> tuple[str, bytes] | None:
    kind, subtype, encoding, data = _encoded(obx)
    content = _content(encoding, data)
    return (_media_type(kind, subtype), content) if content else None


def _encoded(obx: Segment) -> tuple[str, str, str, str]:
    """Kind, subtype, encoding and data of an attachment (ED-2 to ED-5)."""
    said = obx.repetitions(5)[0] if obx.raw(5) else ""
    return obx.part(said, 2), obx.part(said, 3), obx.part(said, 4), obx.part(said, 5)


def _content(encoding: str, data: str) -> bytes | None:
    """The bytes of an attachment; None where they are no Base64, or are damaged."""
    if encoding.upper() != "BASE64":
        return data.encode()
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except ValueError:
        return None


def _media_type(kind: str, subtype: str) -> str:
    """A media type out of ED-2 (table 0191) and ED-3 (table 0291)."""
    if "/" in kind:
        return kind.lower()
    main = {"TEXT": "text", "IM": "image", "AU": "audio", "IMAGE": "image"}.get(kind.upper())
    return f"{main or 'application'}/{subtype.lower() or 'octet-stream'}"
