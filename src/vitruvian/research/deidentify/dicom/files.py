"""Folders of DICOM files, written again under names that say nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from vitruvian.research.deidentify.dicom.dataset import clean_dataset
from vitruvian.research.deidentify.dicom.pixels import (
    FindText,
    blank_text,
    may_hold_text,
    may_show_a_face,
)
from vitruvian.research.deidentify.errors import ImagingExtraAbsent
from vitruvian.research.deidentify.replace import Project

_MAGIC_AT = 128


@dataclass
class Images:
    """What became of the files of a folder; files go by their number in it, never by name.

    Parameters
    ----------
    written
        How many were written.
    held_back
        Numbers of those that may show text and were not looked at, or hold a document, and so
        were not written.
    faces
        How many may show a face; they are written and marked.
    unreadable
        Numbers of those that are no DICOM.
    painted
        How many boxes of text were painted over.
    actions
        How often each action was taken on an attribute.
    """

    written: int = 0
    held_back: list[int] = field(default_factory=list)
    faces: int = 0
    unreadable: list[int] = field(default_factory=list)
    painted: int = 0
    actions: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "written": self.written,
            "held_back": self.held_back,
            "faces": self.faces,
            "unreadable": self.unreadable,
            "painted": self.painted,
            "actions": dict(self.actions),
        }


def deidentify_images(
    paths: Sequence[Path],
    to: Path,
    project: Project,
    *,
    find_text: FindText | None = None,
    who: Callable[[str], object] = lambda patient_id: patient_id,
) -> Images:
    """Write every DICOM file below some folders without what identifies.

    Parameters
    ----------
    paths
        Files or folders.
    to
        Where to; the files lie there by person, study and series under their new UIDs.
    project
        Whose pseudonyms: the same person gets the same shift of dates as in the project's zone
        when ``who`` gives the zone's persons.
    find_text
        Finds text in pictures, which is then painted over; None holds back what may have any.
    who
        Which person a Patient ID is.

    Raises
    ------
    ImagingExtraAbsent
        When pydicom is not installed.
    """
    try:
        # Optional: what comes out of it is Any.
        pydicom: Any = import_module("pydicom")
    except ImportError:
        raise ImagingExtraAbsent from None
    report = Images()
    for number, path in enumerate(_files(paths)):
        if not _is_dicom(path):
            report.unreadable.append(number)
            continue
        try:
            dataset = pydicom.dcmread(path)
            dataset.decode()
        except Exception:  # noqa: BLE001 -- whatever a broken file raises, its words may hold names
            report.unreadable.append(number)
            continue
        _name(dataset, project, path)
        if not _clean_one(dataset, project, who, (report, find_text)):
            report.held_back.append(number)
            continue
        _write(dataset, to)
        report.written += 1
    return report


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(_MAGIC_AT + 4)[_MAGIC_AT:] == b"DICM"


def _name(dataset: Any, project: Project, path: Path) -> None:
    """Give UIDs to an object that has none, the same to all of a study and of a series."""
    study = ("PatientID", "StudyDate", "StudyTime", "AccessionNumber")
    series = (*study, "StudyInstanceUID", "Modality", "SeriesNumber", "SeriesDescription")
    if not dataset.get("StudyInstanceUID"):
        dataset.StudyInstanceUID = project.uid(_told(dataset, study))
    if not dataset.get("SeriesInstanceUID"):
        dataset.SeriesInstanceUID = project.uid(_told(dataset, series))
    if not dataset.get("SOPInstanceUID"):
        dataset.SOPInstanceUID = project.uid(hashlib.sha256(path.read_bytes()).hexdigest())


def _told(dataset: Any, keywords: Sequence[str]) -> str:
    return "\n".join(str(dataset.get(keyword) or "") for keyword in keywords)


def _clean_one(
    dataset: Any,
    project: Project,
    who: Callable[[str], object],
    at: tuple[Images, FindText | None],
) -> bool:
    """Clean a dataset in place; False when it must not leave."""
    report, find_text = at
    if "EncapsulatedDocument" in dataset:
        return False
    looked = False
    if may_hold_text(dataset):
        if find_text is None:
            return False
        try:
            report.painted += blank_text(dataset, find_text)
        except Exception:  # noqa: BLE001 -- pixels that nobody can unpack are pixels nobody saw
            return False
        looked = True
    face = may_show_a_face(dataset)
    person_id = who(str(dataset.get("PatientID", "")))
    patient = project.text("patient", str(person_id))
    done = clean_dataset(
        dataset, project, project.person(person_id), patient=patient, pixels=looked
    )
    if face:
        report.faces += 1
        dataset.RecognizableVisualFeatures = "YES"
    report.actions.update(done.actions)
    return True


def _write(dataset: Any, to: Path) -> None:
    series = str(dataset.get("SeriesInstanceUID", "series"))
    folder = to / dataset.PatientID / str(dataset.get("StudyInstanceUID", "study")) / series
    folder.mkdir(parents=True, exist_ok=True)
    dataset.save_as(folder / f"{dataset.SOPInstanceUID}.dcm", enforce_file_format=True)
