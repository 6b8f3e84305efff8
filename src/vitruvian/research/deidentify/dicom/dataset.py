"""One DICOM dataset without what identifies.

References
----------
DICOM PS3.15 2024b, Annex E.1 to E.3; PS3.3 C.12.1.1 (0012,0062) to (0012,0064).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from vitruvian.derive.text.terms import Terms
from vitruvian.research.deidentify.dicom.profile import Profile, options, profile
from vitruvian.research.deidentify.notes import find, known_terms
from vitruvian.research.deidentify.notes.found import Kind
from vitruvian.research.deidentify.notes.rules.dates import OLDEST_TOLD
from vitruvian.research.deidentify.notes.words import COMMON, ORDINARY, traits
from vitruvian.research.deidentify.replace import Person, Project, rewrite, shifted_date

STANDARD_UIDS = "1.2.840.10008."
_TEXT = frozenset({"LO", "SH", "ST", "LT", "UT", "UC"})
_DATES = frozenset({"DA", "DT"})
_CURVES, _OVERLAYS = range(0x5000, 0x5100), range(0x6000, 0x6100)
_OVERLAY_WORDS = frozenset({0x3000, 0x4000})
_DUMMIES = {
    "DA": "19000101",
    "TM": "000000",
    "DT": "19000101",
    "AS": "000Y",
    "UR": "",
    "UI": "2.25.0",
}
_SHORTEST = 3
_FOUR = 4
_USUAL = ORDINARY | COMMON


@dataclass
class Cleaned:
    """What was done with one dataset.

    Parameters
    ----------
    actions
        How often each action was taken: X, Z, D, U, C (cleaned), S (moved date), P (private).
    unreadable_dates
        Dates that could not be read and were emptied.
    """

    actions: Counter[str] = field(default_factory=Counter)
    unreadable_dates: int = 0


@dataclass
class _Work:
    profile: Profile
    project: Project
    person: Person
    known: Terms
    done: Cleaned


def clean_dataset(
    dataset: Any, project: Project, person: Person, *, patient: str, pixels: bool = False
) -> Cleaned:
    """Take out of a dataset, in place, what identifies; nested items and structured content too.

    Parameters
    ----------
    dataset
        A pydicom Dataset; its file meta information goes with it.
    project
        Whose pseudonyms.
    person
        Whose images these are.
    patient
        The pseudonym that stands in Patient ID and Patient's Name.
    pixels
        Text in the pixels was looked for and blanked.
    """
    work = _Work(profile(), project, person, _facts(dataset), Cleaned())
    _clean(dataset, work)
    dataset.PatientID = patient
    dataset.PatientName = patient
    _say_so(dataset, work.profile, pixels=pixels)
    meta = getattr(dataset, "file_meta", None)
    if meta is not None:
        _clean_meta(meta, dataset)
    dataset.preamble = b"\0" * 128
    return work.done


def _facts(dataset: Any) -> Terms:
    """What the header itself says of people, to be found in its free words."""
    facts: set[tuple[str, Kind]] = set()
    told: dict[Kind, str] = options()["known"]
    for kind, keywords in told.items():
        for keyword in keywords.split():
            value = dataset.get(keyword)
            for one in [value] if isinstance(value, str) or value is None else _many(value):
                words = str(one or "").replace("^", " ").replace("=", " ").split()
                parts = {" ".join(words), *_telling(words, kind)}
                facts |= {(part, kind) for part in parts if len(part) >= _SHORTEST}
    return known_terms(sorted(facts))


def _telling(words: list[str], kind: Kind) -> list[str]:
    """Words that tell by themselves who it is: a field of 64 characters cuts names short."""
    if kind == "hospital":
        return [word for word in words if len(word) >= _FOUR and not traits(word) & _USUAL]
    return words if kind == "patient" else []


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) or hasattr(value, "append") else [value]


def _clean(dataset: Any, work: _Work) -> None:
    for element in list(dataset):
        tag = element.tag
        if tag.is_private or tag.group in _CURVES:
            del dataset[tag]
            work.done.actions["P" if tag.is_private else "X"] += 1
        elif tag.group in _OVERLAYS and tag.element in _OVERLAY_WORDS:
            del dataset[tag]
            work.done.actions["X"] += 1
        else:
            _act(dataset, element, work)


def _act(dataset: Any, element: Any, work: _Work) -> None:
    """One attribute: by its option, by the table, by its kind of value."""
    keyword, told = element.keyword, work.profile
    action = told.actions.get(int(element.tag))
    if keyword in told.keep or (element.VR == "TM" and keyword not in told.births):
        _keep(element)  # the time of day stays, as its date moves by whole days
    elif keyword in told.births:
        _empty(element, work)
    elif element.VR == "UN" or keyword in told.drop:
        _remove(dataset, element, work)  # nobody knows what it says, or no option keeps it
    elif element.VR == "SQ":
        _sequence(dataset, element, action, work)
    elif element.VR in _DATES:
        _shift(element, work)
    elif keyword in told.clean:
        _clean_text(element, work)
    elif action == "X":
        _remove(dataset, element, work)
    else:
        _by_value(element, action, work)


def _remove(dataset: Any, element: Any, work: _Work) -> None:
    del dataset[element.tag]
    work.done.actions["X"] += 1


def _by_value(element: Any, action: str | None, work: _Work) -> None:
    """Emptied or a dummy where the table says so; what it does not name, by the kind of value."""
    if action == "Z":
        _empty(element, work)
    elif action == "D" or element.VR == "PN":
        _dummy(element, work)
    elif element.VR == "UI" and (action == "U" or element.keyword not in work.profile.classes):
        _uid(element, work)
    elif element.VR in _TEXT:
        _clean_text(element, work)


def _keep(element: Any) -> None:
    """A characteristic stays; an age over 89 is told as 90 years."""
    match = re.fullmatch(r"(\d{3})Y", str(element.value or ""))
    if element.VR == "AS" and match and int(match[1]) > OLDEST_TOLD:
        element.value = f"{OLDEST_TOLD + 1:03d}Y"


def _sequence(dataset: Any, element: Any, action: str | None, work: _Work) -> None:
    """Items are cleaned one by one; a sequence that only identifies goes."""
    if action == "X" or (action == "Z" and element.keyword != "ContentSequence"):
        _remove(dataset, element, work)
        return
    for item in element.value:
        _clean(item, work)


def _empty(element: Any, work: _Work) -> None:
    element.value = None if element.VR == "SQ" else ""
    work.done.actions["Z"] += 1


def _dummy(element: Any, work: _Work) -> None:
    """A value of the same kind that says nothing."""
    if element.VR in ("OB", "OW", "UN", "OF", "OD"):
        element.value = b""
    elif element.VR in ("DS", "IS", "US", "UL", "FL", "FD", "SS", "SL"):
        element.value = 0
    else:
        element.value = _DUMMIES.get(element.VR, "REMOVED")
    work.done.actions["D"] += 1


def _uid(element: Any, work: _Work) -> None:
    """Another UID for every instance; those of the standard stay."""
    values = _many(element.value) if element.value else []
    new = [v if str(v).startswith(STANDARD_UIDS) else work.project.uid(str(v)) for v in values]
    if values and new != values:
        element.value = new if len(new) > 1 else new[0]
        work.done.actions["U"] += 1


def _shift(element: Any, work: _Work) -> None:
    values = _many(element.value) if element.value else []
    moved = [_moved(str(one), work.person.days) for one in values]
    if None in moved:
        element.value = ""
        work.done.unreadable_dates += 1
    elif moved:
        element.value = moved if len(moved) > 1 else moved[0]
        work.done.actions["S"] += 1


def _moved(told: str, days: int) -> str | None:
    """A DA or DT, moved; the time of day stays."""
    day, rest = told[:8], told[8:]
    if len(day) == _FOUR and day.isdigit():
        return shifted_date(day, days=days)
    moved = shifted_date(day, days=days) if day.isdigit() else None
    return moved + rest if moved else None


def _clean_text(element: Any, work: _Work) -> None:
    """Free words, with what identifies replaced."""
    values = _many(element.value) if element.value else []
    new = [_cleaned(str(one), work) for one in values]
    if values and new != [str(one) for one in values]:
        element.value = new if len(new) > 1 else new[0]
        work.done.actions["C"] += 1


def _cleaned(text: str, work: _Work) -> str:
    # A caret stands between the parts of a name, where a note has a space.
    plain = text.replace("^", " ")
    found = find(plain, known=work.known)
    return rewrite(plain, found, work.person, way="mask").text if found else text


def _say_so(dataset: Any, told: Profile, *, pixels: bool) -> None:
    """(0012,0062) to (0012,0064), and (0028,0303) for the dates."""
    # Optional, and without types here: what comes out of it is Any.
    item_class: Any = import_module("pydicom").Dataset
    methods = (*told.methods, *(told.pixels if pixels else ()))
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = [meaning[:64] for _, meaning in methods]
    items = []
    for code, meaning in methods:
        item = item_class()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code, "DCM", meaning[:64]
        items.append(item)
    dataset.DeidentificationMethodCodeSequence = items
    dataset.LongitudinalTemporalInformationModified = "MODIFIED"
    if pixels:
        dataset.BurnedInAnnotation = "NO"


def _clean_meta(meta: Any, dataset: Any) -> None:
    """The file's own header: its UID follows, and who sent or wrote it goes."""
    meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "2.25.0")
    kept = set(options()["meta"]["keep"].split())
    for element in list(meta):
        if element.keyword not in kept:
            del meta[element.tag]
