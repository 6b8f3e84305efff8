"""What was drawn on a series: its segmentations and structure sets, as labels on its voxels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Response

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, AsKnownOn, IdText, NoSuchRecord, SignedIn, number
from vitruvian.api.problems import described
from vitruvian.api.routes.dicomweb.find import Found, Target
from vitruvian.api.routes.imaging.series import Uid, frames_in, objects_of, stack_of
from vitruvian.base.errors import BadInput
from vitruvian.derive.images import open_object
from vitruvian.derive.images.contours import labels_of_structures, structures_of
from vitruvian.derive.images.overlay import Grid, LabelMap, Segment, grid_of
from vitruvian.derive.images.planes import Json, value
from vitruvian.derive.images.segmentation import fit, labels_of_segmentation, segments_of

if TYPE_CHECKING:
    from vitruvian.lake import Reader

_MODALITY, _DESCRIPTION, _CONTENT_LABEL, _SET_LABEL = "00080060", "0008103E", "00700080", "30060002"
_TYPE = "00620001"
_DRAWN = {"SEG": "segmentation", "RTSTRUCT": "structure set"}
_FRACTIONS = "It tells fractions; what is half or more is shown."

Kind = Literal["segmentation", "structure set"]
router = APIRouter(
    prefix="/patients/{person_id}/imaging/{study}/{series}/overlays",
    tags=["imaging"],
    responses=REFUSALS | described(503),
)


@dataclass(frozen=True)
class Overlay:
    """A segmentation or structure set of the study.

    `refused` says why it cannot be shown over this series; None when its geometry fits.
    """

    series_uid: str
    instance_uid: str
    kind: Kind
    title: str
    segments: list[Segment]
    refused: str | None


@dataclass(frozen=True)
class SegmentSize:
    """How many voxels of the series a segment takes, their volume, and where to look for it.

    `middle_mm` is the middle of its largest slice, to the right, the front, the head.
    """

    number: int
    voxels: int
    millilitres: float
    middle_mm: tuple[float, float, float]


@dataclass(frozen=True)
class OverlayLabels:
    """What each number of the label volume stands for: the segments that lie there, 0 for none."""

    labels: list[list[int]]
    sizes: list[SegmentSize]
    remark: str | None


@router.get("", response_model=list[Overlay])
def list_overlays(
    person_id: IdText, study: Uid, series: Uid, visit: SignedIn, moment: AsKnownOn
) -> Response:
    """The segmentations and structure sets of the study, and whether they fit this series."""
    person = number(person_id, kind="patient")
    with visit.read(moment) as reader:
        drawn = list(_drawn(reader, person, study))
        if not drawn:
            return JsonAnswer([])
        of_series = objects_of(reader, person, Target(study, series))
    return JsonAnswer([_overlay(each, of_series) for each in drawn])


@router.get("/{instance}", response_model=OverlayLabels)
def read_overlay(
    person_id: IdText, study: Uid, series: Uid, instance: Uid, visit: SignedIn, moment: AsKnownOn
) -> Response:
    """What the numbers of an overlay's labels stand for, and the size of each segment."""
    person = number(person_id, kind="patient")
    with visit.read(moment) as reader:
        header, labels = _labels(reader, person, (study, series, instance))
    one = labels.grid.millilitres
    sizes = [
        SegmentSize(each, count, round(count * one, 3), labels.middle_mm(each))
        for each, count in sorted(labels.voxels().items())
    ]
    remark = _FRACTIONS if value(header, _TYPE) == "FRACTIONAL" else None
    return JsonAnswer(OverlayLabels([list(each) for each in labels.sets], sizes, remark))


@router.get("/{instance}/labels.nii")
def read_labels(
    person_id: IdText, study: Uid, series: Uid, instance: Uid, visit: SignedIn, moment: AsKnownOn
) -> Response:
    """The overlay as a NIfTI-1 volume of labels on the voxels of the series' volume."""
    person = number(person_id, kind="patient")
    with visit.read(moment) as reader:
        _, labels = _labels(reader, person, (study, series, instance))
    return Response(labels.nifti(), media_type="application/octet-stream")


def _drawn(reader: Reader, person: int, study: str) -> Iterator[Found]:
    rows = reader.rows(
        "image",
        subjects=reader.subjects_of(person),
        columns=["series_uid"],
        where="study_uid = ? AND modality IN (SELECT unnest(?::VARCHAR[]))",
        params=[study, list(_DRAWN)],
    ).to_pylist()
    for series in dict.fromkeys(row["series_uid"] for row in rows):
        yield from objects_of(reader, person, Target(study, series))


def _overlay(drawn: Found, of_series: list[Found]) -> Overlay:
    header, refused = drawn.header, None
    try:
        _expect_fit(header, of_series)
    except BadInput as fault:
        refused = str(fault)
    kind: Kind = "segmentation" if _is_segmentation(header) else "structure set"
    said = (value(header, tag) for tag in (_DESCRIPTION, _CONTENT_LABEL, _SET_LABEL))
    return Overlay(
        series_uid=drawn.uid("Series"),
        instance_uid=drawn.uid("Instance"),
        kind=kind,
        title=next((str(each) for each in said if each), kind.capitalize()),
        segments=segments_of(header) if _is_segmentation(header) else structures_of(header),
        refused=refused,
    )


def _is_segmentation(header: Json) -> bool:
    return bool(value(header, _MODALITY) == "SEG")


def _expect_fit(header: Json, of_series: list[Found]) -> None:
    """Raise the reason why it does not lie on the voxels; pixels are not looked at."""
    grid, series = _grid(of_series), of_series[0].header
    if _is_segmentation(header):
        fit(header, grid, series)
    else:
        labels_of_structures(header, grid, series)


def _grid(of_series: list[Found]) -> Grid:
    return grid_of(stack_of(frames_in(of_series)))


def _labels(reader: Reader, person: int, named: tuple[str, str, str]) -> tuple[Json, LabelMap]:
    """An overlay's header, and its labels on the voxels of the series."""
    study, series, instance = named
    found = next((each for each in _drawn(reader, person, study)
                  if each.uid("Instance") == instance), None)  # fmt: skip
    if found is None:
        raise NoSuchRecord("overlay")
    of_series = objects_of(reader, person, Target(study, series))
    grid, first = _grid(of_series), of_series[0].header
    if not _is_segmentation(found.header):
        return found.header, labels_of_structures(found.header, grid, first)
    places = fit(found.header, grid, first)
    dataset = open_object(reader.blob(found.sha256))
    return found.header, labels_of_segmentation(found.header, dataset, grid, places)
