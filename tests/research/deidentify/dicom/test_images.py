"""Identifiers planted in headers, private tags, sequences, pixels and report text are gone."""

# ruff: noqa: E402 -- what is optional is asked for first

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("re2", reason="google-re2 comes with the extra `notes`")
pydicom = pytest.importorskip("pydicom", reason="pydicom comes with the extra `imaging`")

from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

from vitruvian.research.deidentify.dicom import clean_dataset, deidentify_images
from vitruvian.research.deidentify.dicom.pixels import blank_text, may_hold_text, may_show_a_face
from vitruvian.research.deidentify.dicom.profile import options, profile
from vitruvian.research.deidentify.replace import Project

PROJECT = Project("heart-1", b"0123456789abcdef0123456789abcdef")
CT, SC, SR = (
    "1.2.840.10008.5.1.4.1.1.2",
    "1.2.840.10008.5.1.4.1.1.7",
    "1.2.840.10008.5.1.4.1.1.88.11",
)
PLANTED = ("Quillfeather", "Wendeline", "4471120", "Ōyama", "Mirabeau", "19510203", "555-867-5309")
REMOVED = {"X", "Z", "D"}


def picture(sop_class: str = CT, **more: Any) -> Dataset:
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = UID(sop_class)
    made.SpecificCharacterSet = "ISO_IR 192"
    made.SOPClassUID, made.SOPInstanceUID = sop_class, generate_uid()
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.StudyInstanceUID, made.SeriesInstanceUID = generate_uid(), generate_uid()
    made.PatientName, made.PatientID = "Quillfeather^Wendeline", "4471120"
    made.PatientBirthDate, made.PatientSex, made.PatientAge = "19510203", "F", "097Y"
    made.StudyDate, made.StudyTime, made.Modality = "20240228", "101112", "CT"
    made.ReferringPhysicianName = "Ōyama^Kenji"
    made.InstitutionName = "Mirabeau Hospital"
    made.StudyDescription = "Thorax of Wendeline Quillfeather, call 555-867-5309"
    made.Rows = made.Columns = 32
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit, made.PixelRepresentation, made.SamplesPerPixel = 7, 0, 1
    made.PhotometricInterpretation = "MONOCHROME2"
    made.PixelData = np.full((32, 32), 7, np.uint8).tobytes()
    block = made.private_block(0x0029, "ACME 1", create=True)
    block.add_new(1, "LO", "Quillfeather 4471120")
    for keyword, value in more.items():
        setattr(made, keyword, value)
    return made


def cleaned(dataset: Dataset) -> Dataset:
    clean_dataset(dataset, PROJECT, PROJECT.person(1), patient="P1")
    return dataset


def every(dataset: Any) -> Iterator[Any]:
    for element in dataset:
        yield element
        if element.VR == "SQ":
            for item in element.value:
                yield from every(item)


def words_of(dataset: Any) -> str:
    return "\n".join(str(element.value) for element in every(dataset))


def test_header__keeps_nothing_planted_and_says_what_was_done() -> None:
    before = picture()
    uid = str(before.SOPInstanceUID)
    after = cleaned(before)
    assert [word for word in PLANTED if word in words_of(after)] == []
    assert after.PatientIdentityRemoved == "YES"
    codes = [item.CodeValue for item in after.DeidentificationMethodCodeSequence]
    assert codes[0] == "113100"
    assert {"113105", "113107", "113108"} <= set(codes)
    assert len(after.DeidentificationMethod) == len(codes)
    assert after.LongitudinalTemporalInformationModified == "MODIFIED"
    assert (after.PatientID, after.PatientSex, after.PatientAge) == ("P1", "F", "090Y")
    assert after.SOPInstanceUID == after.file_meta.MediaStorageSOPInstanceUID != uid
    assert after.StudyDate not in ("20240228", "")
    assert after.StudyTime == "101112"
    assert not [one for one in every(after) if one.tag.is_private]


def test_every_attribute_of_the_basic_profile__gets_its_action() -> None:
    told = profile()
    wrong = []
    tried = 0
    for tag, action in told.actions.items():
        vr = dictionary_VR(tag) if dictionary_has_tag(tag) else ""
        if vr not in ("LO", "SH", "ST", "LT", "UT", "PN", "UI", "DA", "CS"):
            continue
        value = {"DA": "19510203", "PN": "Quillfeather^Wendeline", "UI": "1.2.3.4.5"}.get(
            vr, "QUILLFEATHER"
        )
        dataset = picture()
        dataset.add_new(tag, vr, value)
        after = cleaned(dataset)
        tried += 1
        left = str(after[tag].value) if tag in after else ""
        gone = value not in left and "Quillfeather" not in left and "QUILLFEATHER" not in left
        kept = pydicom.datadict.keyword_for_tag(tag) in told.keep
        if (
            not gone
            and not kept
            and pydicom.datadict.keyword_for_tag(tag) != "DeidentificationMethod"
        ):
            wrong.append((f"{tag:08X}", action))
    assert wrong == []
    assert tried > 300


def test_same_uid__becomes_the_same_wherever_it_stands() -> None:
    first, second = picture(), picture()
    second.StudyInstanceUID = first.StudyInstanceUID
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = CT, first.SOPInstanceUID
    second.ReferencedImageSequence = [item]
    one, two = cleaned(first), cleaned(second)
    assert one.StudyInstanceUID == two.StudyInstanceUID
    assert two.ReferencedImageSequence[0].ReferencedSOPInstanceUID == one.SOPInstanceUID
    assert two.ReferencedImageSequence[0].ReferencedSOPClassUID == CT


def test_structured_report__keeps_its_findings_without_its_people() -> None:
    text, who = Dataset(), Dataset()
    text.ValueType, text.TextValue = (
        "TEXT",
        "Nodule of 8 mm. Seen by Dr. Ōyama; Ms Quillfeather was told.",
    )
    who.ValueType, who.PersonName = "PNAME", "Ōyama^Kenji"
    report = picture(SR, Modality="SR", ContentSequence=[text, who])
    del report.PixelData
    after = cleaned(report)
    assert [word for word in PLANTED if word in words_of(after)] == []
    assert (
        after.ContentSequence[0].TextValue
        == "Nodule of 8 mm. Seen by Dr. [NAME]; Ms [NAME] was told."
    )


def test_nested_items__are_cleaned_too() -> None:
    inner, outer = Dataset(), Dataset()
    inner.PatientName, inner.StudyDate = "Quillfeather^Wendeline", "20240228"
    block = inner.private_block(0x0031, "ACME 2", create=True)
    block.add_new(1, "LO", "4471120")
    outer.ReferencedSeriesSequence = [inner]
    after = cleaned(
        picture(ReferencedStudySequence=[outer], SharedFunctionalGroupsSequence=[outer])
    )
    assert [word for word in PLANTED if word in words_of(after)] == []
    assert not [one for one in every(after) if one.tag.is_private]


@pytest.mark.parametrize(
    "more, expected",
    [
        ({"Modality": "US"}, True),
        ({"Modality": "US", "BurnedInAnnotation": "NO"}, False),
        ({"BurnedInAnnotation": "YES"}, True),
        ({"SOPClassUID": SC}, True),
        ({}, False),
    ],
)
def test_picture_that_may_hold_text__is_known_by_its_header(
    more: dict[str, str], expected: bool
) -> None:
    assert may_hold_text(picture(**more)) is expected


def test_thin_slices_of_a_head__may_show_a_face() -> None:
    assert may_show_a_face(picture(BodyPartExamined="HEAD", SliceThickness="1"))
    assert not may_show_a_face(picture(BodyPartExamined="HEAD", SliceThickness="5"))
    assert not may_show_a_face(
        picture(BodyPartExamined="CHEST", SliceThickness="1", StudyDescription="")
    )


def test_text_in_pixels__is_painted_over_where_it_stands_and_nowhere_else() -> None:
    dataset = picture(Modality="US")
    pixels = np.full((32, 32), 7, np.uint8)
    pixels[10:14, 8:20] = 255
    pixels[30, 30] = 200
    dataset.PixelData = pixels.tobytes()
    assert blank_text(dataset, lambda _picture: [(8, 10, 20, 14)]) == 1
    after = dataset.pixel_array
    assert after[10:14, 8:20].max() == 7
    assert after[30, 30] == 200


def test_folder__is_written_under_names_that_say_nothing(tmp_path: Path) -> None:
    source = tmp_path / "Quillfeather"
    source.mkdir()
    document = picture(Modality="DOC", EncapsulatedDocument=b"%PDF")
    made = {"Wendeline.dcm": picture(), "us.dcm": picture(Modality="US"), "doc.dcm": document}
    for name, dataset in made.items():
        dataset.save_as(source / name, enforce_file_format=True)
    (source / "note.txt").write_text("Quillfeather")
    report = deidentify_images([source], tmp_path / "out", PROJECT)
    assert report.written == 1
    assert len(report.held_back) == 2
    assert len(report.unreadable) == 1
    (written,) = (tmp_path / "out").rglob("*.dcm")
    assert not [word for word in PLANTED if word in str(written.relative_to(tmp_path / "out"))]
    data = written.read_bytes()
    assert not [word for word in PLANTED if word.encode() in data]
    assert pydicom.dcmread(written).pixel_array.shape == (32, 32)
    with_text = deidentify_images([source], tmp_path / "two", PROJECT, find_text=lambda _: [])
    assert with_text.written == 2


@pytest.mark.filterwarnings("ignore")  # the library's own, of UIDs that are none
def test_text_that_cannot_be_looked_for__holds_the_file_back(tmp_path: Path) -> None:
    broken = picture(Modality="US", PixelData=b"\0" * 7)
    broken.save_as(tmp_path / "us.dcm", enforce_file_format=True)
    report = deidentify_images([tmp_path], tmp_path / "out", PROJECT, find_text=lambda _: [])
    assert (report.written, len(report.held_back)) == (0, 1)


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")  # planted, as some scanners write
def test_objects_without_uids__get_some_and_stay_one_series(tmp_path: Path) -> None:
    """As real files have them: empty, or the text of a UUID."""
    (tmp_path / "in").mkdir()
    for number, uid in enumerate(("", "", "896911bf-1143-4c8d-8f04-f3cd1a7f6204")):
        dataset = picture(SOPInstanceUID=uid, StudyInstanceUID="", SeriesInstanceUID="")
        dataset.PixelData = bytes([number]) * 1024
        dataset.file_meta.MediaStorageSOPInstanceUID, dataset.preamble = UID("1.2.3"), bytes(128)
        dataset.save_as(tmp_path / "in" / f"{number}.dcm", enforce_file_format=False)
    assert deidentify_images([tmp_path / "in"], tmp_path / "out", PROJECT).written == 3
    after = [pydicom.dcmread(path) for path in (tmp_path / "out").rglob("*.dcm")]
    assert len({each.SOPInstanceUID for each in after}) == 3
    assert len({(each.StudyInstanceUID, each.SeriesInstanceUID) for each in after}) == 1
    assert all(each.StudyInstanceUID.startswith("2.25.") for each in after)


@pytest.mark.skipif(shutil.which("dcmdump") is None, reason="dcmtk is not installed")
def test_dcmtk__opens_the_result(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    picture().save_as(tmp_path / "in" / "a.dcm", enforce_file_format=True)
    deidentify_images([tmp_path / "in"], tmp_path / "out", PROJECT)
    (written,) = (tmp_path / "out").rglob("*.dcm")
    told = subprocess.run(["dcmdump", str(written)], capture_output=True, check=True, text=True)
    assert "E: " not in told.stderr
    assert "113100" in told.stdout


def test_options__name_edition_and_codes() -> None:
    assert options()["edition"] == "PS3.15 2024b"
    assert all(code.isdigit() and len(code) == 6 for code, _ in profile().methods)
    assert set(profile().actions.values()) == REMOVED | {"U"}
