"""Identifiers that are empty or not UIDs, repaired by a rule that always gives the same.

A UID is digits and dots, no part begins with 0, at most 64 characters (PS3.5 section 9.1).

1. UUID text becomes ``2.25.`` and its number, the standard's own form (PS3.5 annex B.2).
2. Any other illegal text becomes ``2.25.`` and a number made of the text.
3. An empty instance UID is taken from the file's meta header, if that one is legal;
   else it becomes ``2.25.`` and a number made of the file's bytes.
4. An empty study UID becomes ``2.25.`` and a number made of patient, date, time and accession;
   an empty series UID one made of study, modality, number and description.

What was there stays in the file, which is kept as it came, and in the header's
Original Attributes Sequence (0400,0561), as the standard has it for coerced values.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator
from typing import Any

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

_LEGAL = re.compile(r"(?=.{1,64}\Z)(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+")
_NAMED = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
_MODIFIED_BY = "Vitruvian"


def is_legal(uid: str) -> bool:
    """Whether a text is a UID.

    Examples
    --------
    >>> is_legal("1.2.840.10008"), is_legal("1.02.3"), is_legal("896911bf-1143")
    (True, False, False)
    """
    return _LEGAL.fullmatch(uid) is not None


def legal_form(text: str) -> str:
    """A UID for a text that is none; the same text gives the same UID.

    Examples
    --------
    >>> legal_form("00000000-0000-0000-0000-0000000000ff")
    '2.25.255'
    """
    try:
        return f"2.25.{uuid.UUID(text.strip()).int}"
    except ValueError:
        return _made_of("text", text)


def _made_of(*parts: str) -> str:
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogateescape")).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def repair(dataset: Any, *, sha256: str) -> None:
    """Give study, series, instance and referenced instances legal UIDs, in place."""
    changed = dict(_replacements(dataset, sha256=sha256))
    if changed:
        _remember(dataset, changed)
    for keyword, uid in changed.items():
        setattr(dataset, keyword, uid)
    _repair_references(dataset)


def _replacements(dataset: Any, *, sha256: str) -> Iterator[tuple[str, str]]:
    study = _text(dataset, "StudyInstanceUID")
    if not is_legal(study):
        study = legal_form(study) if study else _made_of("study", *_say(dataset, _STUDY))
        yield "StudyInstanceUID", study
    series = _text(dataset, "SeriesInstanceUID")
    if not is_legal(series):
        made = _made_of("series", study, *_say(dataset, _SERIES))
        yield "SeriesInstanceUID", legal_form(series) if series else made
    instance = _text(dataset, "SOPInstanceUID")
    if not is_legal(instance):
        yield "SOPInstanceUID", legal_form(instance) if instance else _instance(dataset, sha256)
    if (frame := _text(dataset, "FrameOfReferenceUID")) and not is_legal(frame):
        yield "FrameOfReferenceUID", legal_form(frame)


_STUDY = ("PatientID", "StudyDate", "StudyTime", "AccessionNumber", "StudyID")
_SERIES = ("Modality", "SeriesNumber", "SeriesDescription", "SeriesDate", "SeriesTime")


def _instance(dataset: Any, sha256: str) -> str:
    stored = str(dataset.file_meta.get("MediaStorageSOPInstanceUID", "") or "")
    return stored if is_legal(stored) else _made_of("file", sha256)


def _say(dataset: Any, keywords: tuple[str, ...]) -> list[str]:
    return [_text(dataset, keyword) for keyword in keywords]


def _text(dataset: Any, keyword: str) -> str:
    value = dataset.get(keyword)
    return "" if value is None else str(value).strip(" \0")


def _remember(dataset: Any, changed: dict[str, str]) -> None:
    """Keep what was there, as PS3.3 C.12.1.1.9 has it."""
    before, note = Dataset(), Dataset()
    for keyword in changed:
        setattr(before, keyword, _text(dataset, keyword))
    note.ModifiedAttributesSequence = Sequence([before])
    note.ModifyingSystem = _MODIFIED_BY
    note.ReasonForTheAttributeModification = "CORRECT"
    earlier = list(dataset.get("OriginalAttributesSequence") or [])
    dataset.OriginalAttributesSequence = Sequence([*earlier, note])


def _repair_references(dataset: Any) -> None:
    """References to illegal UIDs follow the same rule, so that they still meet their target."""
    for item in _items(dataset):
        for keyword in ("ReferencedSOPInstanceUID", *_NAMED):
            text = _text(item, keyword)
            if text and not is_legal(text):
                setattr(item, keyword, legal_form(text))


def _items(dataset: Any) -> Iterator[Any]:
    for tag in list(dataset.keys()):
        if tag == (0x0400, 0x0561) or dataset.get_item(tag).VR not in {"SQ", None}:
            continue
        element = dataset[tag]
        if element.VR == "SQ":
            for item in element.value:
                yield item
                yield from _items(item)
