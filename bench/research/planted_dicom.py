"""DICOM objects in which identifiers are planted, and what must become of each.

The tags and actions are those of PS3.15 Table E.1-1; what an action means, and which value shows
that it was done, is written here anew and shares no code with what is measured. Names are made up
by the syllable, so that no list holds them.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pydicom
from pydicom.datadict import dictionary_has_tag, dictionary_VR, keyword_for_tag
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.tag import Tag
from pydicom.uid import UID, ExplicitVRLittleEndian

from bench.research.planted import new_name

TABLE = Path("src/vitruvian/research/deidentify/dicom/basic_2024b.csv")
STUDY_DAY = date(2021, 5, 17)
CT = "1.2.840.10008.5.1.4.1.1.2"
_ROOT = "1.2.826.0.1.3680043.8.498."
_TEXTS = {"LO", "SH", "ST", "LT", "UT", "UC", "CS", "AE", "PN", "UR"}
_MOVED = {"DA", "DT"}
_NEVER_MOVED = {
    "PatientBirthDate",
    "PatientBirthTime",
    "GPSTimeStamp",
    "PatientBirthDateInAlternativeCalendar",
    "PatientDeathDateInAlternativeCalendar",
}
"""Dates that identify and have no entry in the column of modified dates."""
_KEPT = {"PatientSex", "PatientAge", "PatientSize", "PatientWeight", "SmokingStatus",
         "PregnancyStatus", "PatientSexNeutered", "SelectorASValue"}  # fmt: skip
"""Retain Patient Characteristics keeps these, so nothing is planted in them."""
_OWN = {"PatientName", "PatientID", "DeidentificationMethod", "PatientIdentityRemoved",
        "DeidentificationMethodCodeSequence"}  # fmt: skip
_CLASSES = {
    "Modality": "CT", "KVP": "120", "ConvolutionKernel": "B31f", "SliceThickness": "2.0",
    "BodyPartExamined": "CHEST", "PatientPosition": "HFS", "Manufacturer": "SIEMENS",
    "ScanOptions": "SPIRAL", "RescaleIntercept": "-1024", "RescaleSlope": "1",
    "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"], "WindowWidth": "1500",
    "CodingSchemeUID": "2.16.840.1.113883.6.96", "PatientSex": "F",
}  # fmt: skip
"""What is no identifier and must stay as it is."""

Check = Callable[[Any], bool]


@dataclass(frozen=True)
class Expected:
    """What must hold of a cleaned object: its kind, what it is about, and how to see it."""

    kind: str
    what: str
    holds: Check


@dataclass
class PlantedObject:
    """An object, whose pixels hold no text, and what must become of it."""

    dataset: Any
    words: tuple[str, ...]
    expected: list[Expected] = field(default_factory=list)


def table() -> dict[int, str]:
    """Actions of the basic profile by tag."""
    lines = (line for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#"))
    return {int(row["tag"], 16): row["action"] for row in csv.DictReader(lines)
            if "x" not in row["tag"]}  # fmt: skip


def planted_objects(count: int, *, seed: int) -> Iterator[PlantedObject]:
    """Objects of many patients; every attribute of the table stands in several of them."""
    rng = random.Random(seed)
    told = [tag for tag in table() if dictionary_has_tag(tag) and tag >> 16 not in {0, 2}]
    for number in range(count):
        made = _patient(rng, number)
        for tag in rng.sample(told, 60):
            _plant(made, made.dataset, tag, kind="header", rng=rng)
        _sequences(made, rng.sample(told, 30), rng)
        _private(made, rng)
        _unlisted(made, rng)
        _text(made, rng)
        _report(made, rng)
        _uids(made, number)
        _kept(made)
        made.expected.append(Expected("anything left", "the whole file", _nothing_of(made.words)))
        yield made


def _patient(rng: random.Random, number: int) -> PlantedObject:
    given, family, doctor, town = (new_name(rng, "en") for _ in range(4))
    record = str(rng.randrange(10**6, 10**8))
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = UID(CT)
    made.file_meta.MediaStorageSOPInstanceUID = UID(f"{_ROOT}{number}.3")
    made.file_meta.SourceApplicationEntityTitle = family[:16].upper()
    made.SpecificCharacterSet = "ISO_IR 192"
    made.SOPClassUID, made.SOPInstanceUID = CT, f"{_ROOT}{number}.3"
    made.StudyInstanceUID, made.SeriesInstanceUID = f"{_ROOT}{number}.1", f"{_ROOT}{number}.2"
    made.PatientName, made.PatientID = f"{family}^{given}", record
    made.ReferringPhysicianName, made.InstitutionName = f"{doctor}^{given}", f"{town} Hospital"
    made.StudyDate, made.StudyTime = f"{STUDY_DAY:%Y%m%d}", "101112"
    for keyword, value in _CLASSES.items():
        setattr(made, keyword, value)
    made.Rows = made.Columns = 8
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit, made.PixelRepresentation, made.SamplesPerPixel = 7, 0, 1
    made.PhotometricInterpretation, made.PixelData = "MONOCHROME2", bytes(range(64))
    return PlantedObject(made, (family, given, doctor, town, record))


# ------------------------------------------------------------------ attributes of the table


def _plant(made: PlantedObject, where: Any, tag: int, *, kind: str, rng: random.Random) -> None:
    keyword, vr = keyword_for_tag(tag), dictionary_VR(tag).split(" ")[0]
    # what the object itself stands on is told by other checks
    if keyword in _OWN | _KEPT or tag in where:
        return
    value = _value(made, vr, rng)
    if value is None:
        return
    where.add_new(Tag(tag), vr, value)
    said = str(where[tag].value)
    action = table()[tag]
    made.expected.append(
        Expected(kind, keyword, _found(where, tag, _done(keyword, vr, action, said, made.words)))
    )


def _value(made: PlantedObject, vr: str, rng: random.Random) -> Any:
    """A value of that kind that tells who somebody is; None for a kind that cannot."""
    family, given, doctor, _, record = made.words
    item = Dataset()
    item.PersonName, item.TextValue = f"{doctor}^{given}", f"Seen by {doctor}"
    both, more, day = f"{given} {family}", f"{given} {family}, {record}", f"{STUDY_DAY:%Y%m%d}"
    raw = family.encode().ljust(32, b"\0")
    told: dict[str, Any] = {
        "PN": f"{family}^{given}", "LO": both, "SH": family[:16], "CS": family[:16].upper(),
        "ST": more, "LT": more, "UT": more, "UC": both, "AE": family[:16].upper(),
        "UR": f"https://pacs.example/{record}", "UI": f"{_ROOT}{rng.randrange(10**9)}",
        "DA": day, "TM": "101112", "DT": f"{day}101112", "AS": "093Y", "SQ": Items([item]),
        "IS": record, "DS": record, "OB": raw, "UN": raw,
    }  # fmt: skip
    return told.get(vr)


def _done(keyword: str, vr: str, action: str, said: str, words: tuple[str, ...]) -> Check:
    """How to see that an action was done, with the options that are on."""
    clean = _nothing_of(words)
    ways: dict[str, Check] = {
        "X": lambda element: vr in _TEXTS | {"SQ"} and clean(element),
        "Z": lambda element: not element.value or clean(element),
        "U": lambda element: _is_other_uid(str(element.value), said),
        "moved": lambda element: _is_moved(str(element.value or ""), said),
        "emptied": lambda element: not element.value,
        "any": lambda _: True,  # times of day stay, their dates are moved
    }
    way = "U" if vr == "UI" else "any" if vr == "TM" else action
    way = "emptied" if keyword in _NEVER_MOVED else "moved" if vr in _MOVED else way
    dummy: Check = lambda element: clean(element) and str(element.value) != said  # noqa: E731
    holds = ways.get(way, dummy)
    return lambda element: element is None or holds(element)


def _is_moved(now: str, before: str) -> bool:
    return now[:8] != before[:8]


def _is_other_uid(now: str, before: str) -> bool:
    return now != before and now.startswith("2.25.")


def _found(where: Any, tag: int, holds: Check) -> Check:
    """The check of an element where it was planted; an item that went takes its own with it."""
    return lambda _: holds(where.get(Tag(tag)))


def _nothing_of(words: tuple[str, ...]) -> Check:
    """Whether none of the planted words is anywhere within."""

    def clean(within: Any) -> bool:
        text = _all_of(within).casefold()
        return not any(word.casefold() in text for word in words)

    return clean


def _all_of(within: Any) -> str:
    if isinstance(within, Dataset):
        meta = getattr(within, "file_meta", None)
        head = "" if meta is None else _all_of(Dataset(meta))
        said = (_all_of(each) for each in within if each.keyword != "PixelData")
        return head + "\n".join(said)
    if within.VR == "SQ":
        return "\n".join(_all_of(item) for item in within.value)
    value = within.value
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


# ------------------------------------------------------------------ other places


def _sequences(made: PlantedObject, tags: list[int], rng: random.Random) -> None:
    """The same in items within items, in sequences that stay."""
    inner, middle, outer = Dataset(), Dataset(), Dataset()
    for tag in tags:
        _plant(made, inner, tag, kind="sequences", rng=rng)
    middle.CTReconstructionSequence = [inner]
    outer.CTExposureSequence = [middle]
    made.dataset.SharedFunctionalGroupsSequence = [outer]
    made.expected.append(
        Expected("kept", "SharedFunctionalGroupsSequence",
                 lambda after: "SharedFunctionalGroupsSequence" in after)
    )  # fmt: skip


def _private(made: PlantedObject, rng: random.Random) -> None:
    family, given, *_ = made.words
    item = Dataset()
    item.PatientName = f"{family}^{given}"
    for group in (0x0009, 0x0029, 0x0051):
        block = made.dataset.private_block(group, f"{family} {group:04X}", create=True)
        for at, (vr, value) in enumerate(
            [("LO", family), ("UN", given.encode()), ("PN", family), ("SQ", [item]), ("OB", b"ab")]
        ):
            block.add_new(at, vr, value)
            tag = block.get_tag(at)
            made.expected.append(Expected("private", vr, partial(_is_gone, tag=tag)))
    shared = made.dataset.SharedFunctionalGroupsSequence[0]
    shared.private_block(0x0021, "ACME", create=True).add_new(rng.randrange(1, 255), "LO", family)
    made.expected.append(
        Expected("private", "within items", lambda _: not any(e.tag.is_private for e in shared))
    )


def _is_gone(after: Any, *, tag: Any) -> bool:
    return tag not in after


def _unlisted(made: PlantedObject, rng: random.Random) -> None:
    """Elements that the table does not name, some of which no dictionary knows."""
    family, given, doctor, _, record = made.words
    planted = [
        (0x00181078, "DT", f"{STUDY_DAY:%Y%m%d}0800"), (0x00404037, "PN", f"{doctor}^{given}"),
        (0x60000022, "LO", f"{family} {record}"), (0x60003000, "OW", bytes(8)),
        (0x60004000, "LT", family), (0x50000020, "LO", family), (0x50003000, "OW", bytes(8)),
        (0x00080108, "LT", f"{given} {family}"), (0x00081212, "UN", family.encode()),
        (0x00401233 + 2 * rng.randrange(9), "UN", record.encode()),
        (0xFFFCFFFC, "OB", family.encode().ljust(16, b"\0")),
    ]  # fmt: skip
    clean = _nothing_of(made.words)
    for tag, vr, value in planted:
        made.dataset.add_new(Tag(tag), vr, value)
        gone = tag >> 24 in {0x50, 0xFF} or tag in {0x60003000, 0x60004000}
        holds = partial(_unlisted_is_right, tag=tag, gone=gone, clean=clean)
        made.expected.append(Expected("unlisted", f"{tag:08X}", holds))


def _unlisted_is_right(after: Any, *, tag: int, gone: bool, clean: Check) -> bool:
    element = after.get(Tag(tag))
    if element is None:
        return True
    moved = element.VR != "DT" or _is_moved(str(element.value), f"{STUDY_DAY:%Y%m%d}")
    return not gone and clean(element) and moved


_SENTENCES = (
    "{given} {family} was examined on 17.05.2021. Nodule of 8 mm in the left upper lobe.",
    "Nodule of 8 mm. Referred by Dr. {doctor}, please call 555-867-5309.",
    "MRN {record}: no effusion. Nodule of 8 mm, seen at {town} Hospital before.",
    "{family}, {given}: nodule of 8 mm. Discussed with Dr {doctor}.",
)
_DESCRIPTORS = ("StudyDescription", "SeriesDescription", "ProtocolName", "ImageComments",
                "AdditionalPatientHistory", "RequestedProcedureDescription")  # fmt: skip


def _text(made: PlantedObject, rng: random.Random) -> None:
    for keyword in _DESCRIPTORS:
        tag = int(pydicom.datadict.tag_for_keyword(keyword) or 0)
        if tag in made.dataset:
            del made.dataset[tag]
            made.expected = [each for each in made.expected if each.what != keyword]
        said = _sentence(made, rng)
        vr = dictionary_VR(tag)
        setattr(made.dataset, keyword, said[:64] if vr == "LO" else said)
        made.expected.append(Expected("text", keyword, _rewritten(keyword, made.words)))
        before = str(getattr(made.dataset, keyword))
        stays = partial(_finding_stays, keyword=keyword, before=before)
        made.expected.append(Expected("kept", f"finding in {keyword}", stays))


def _finding_stays(after: Any, *, keyword: str, before: str) -> bool:
    return "8 mm" not in before or "8 mm" in str(after.get(keyword, ""))


def _sentence(made: PlantedObject, rng: random.Random) -> str:
    family, given, doctor, town, record = made.words
    told = {"given": given, "family": family, "doctor": doctor, "town": town, "record": record}
    return rng.choice(_SENTENCES).format(**told)


def _rewritten(keyword: str, words: tuple[str, ...]) -> Check:
    direct = (*words, "555-867-5309", "17.05.2021")
    return lambda after: _nothing_of(direct)(after[keyword]) if keyword in after else True


def _report(made: PlantedObject, rng: random.Random) -> None:
    """Structured content: texts, names, dates and references, two levels deep."""
    _, given, doctor, *_ = made.words
    text, person, day, uid, inner = (Dataset() for _ in range(5))
    text.ValueType, text.TextValue = "TEXT", _sentence(made, rng)
    person.ValueType, person.PersonName = "PNAME", f"{doctor}^{given}"
    day.ValueType, day.Date = "DATE", f"{STUDY_DAY:%Y%m%d}"
    uid.ValueType, uid.UID = "UIDREF", made.dataset.SOPInstanceUID
    inner.ValueType, inner.ContentSequence = "CONTAINER", [text, person, day, uid]
    made.dataset.ContentSequence = [inner]
    before, day_before = str(uid.UID), f"{STUDY_DAY:%Y%m%d}"
    clean = _nothing_of((*made.words, "555-867-5309", "17.05.2021"))
    checks: dict[str, Check] = {
        "text": lambda _: clean(text),
        "finding": lambda after: "8 mm" in text.TextValue and "ContentSequence" in after,
        "name": lambda _: clean(person),
        "date": lambda _: _is_moved(str(day.get("Date", "")), day_before),
        "reference": lambda after: before != uid.UID == after.SOPInstanceUID,
    }
    made.expected += [Expected("SR", what, holds) for what, holds in checks.items()]


def _uids(made: PlantedObject, number: int) -> None:
    item = Dataset()
    item.ReferencedSOPClassUID = CT
    item.ReferencedSOPInstanceUID = f"{_ROOT}{number}.3"
    made.dataset.ReferencedPerformedProcedureStepSequence = [item]
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        before = str(made.dataset[keyword].value)
        made.expected.append(
            Expected("UIDs", keyword, partial(_is_replaced, keyword=keyword, before=before))
        )
    made.expected.append(
        Expected("UIDs", "of the file's head",
                 lambda after: after.file_meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID)
    )  # fmt: skip


def _is_replaced(after: Any, *, keyword: str, before: str) -> bool:
    return _is_other_uid(str(after[keyword].value), before)


def _kept(made: PlantedObject) -> None:
    for keyword in (*_CLASSES, "Rows", "PixelData", "SOPClassUID"):
        before = made.dataset[keyword].value
        made.expected.append(
            Expected("kept", keyword, partial(_is_same, keyword=keyword, before=before))
        )


def _is_same(after: Any, *, keyword: str, before: Any) -> bool:
    return keyword in after and bool(after[keyword].value == before)
