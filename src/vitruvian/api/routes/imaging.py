"""The imaging page: a person's studies with their reports, a series' images, its volume."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Response

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, AsKnownOn, IdText, SignedIn, number
from vitruvian.api.problems import described
from vitruvian.api.routes.dicomweb.find import Found, Target, instances
from vitruvian.derive.images.errors import NoVolume
from vitruvian.derive.images.studies import ImagingStudy, studies_of
from vitruvian.derive.images.volume import (
    Plane,
    edge_letters,
    series_volume,
    stacked,
)

if TYPE_CHECKING:
    from vitruvian.lake import Reader

NIFTI = "application/octet-stream"
_POSITION, _ORIENTATION, _SPACING = "00200032", "00200037", "00280030"
_ROWS, _COLUMNS, _FRAMES = "00280010", "00280011", "00280008"
_CENTRE, _WIDTH, _MODALITY, _SAMPLES = "00281050", "00281051", "00080060", "00280002"

Uid = Annotated[str, Path(pattern=r"^[0-9.]{1,64}$", examples=["1.2.840.113619.2.55"])]
router = APIRouter(
    prefix="/patients/{person_id}/imaging", tags=["imaging"], responses=REFUSALS | described(503)
)


@dataclass(frozen=True)
class SeriesImage:
    """One image: where it is retrieved, and what lies at its edges (R L A P H F), if known.

    `place_mm` is how far along the stack it lies.
    """

    instance_uid: str
    frame: int
    edges: list[str] | None
    place_mm: float | None


@dataclass(frozen=True)
class ImagesOfSeries:
    """The images of a series in the order in which they are looked at.

    `volume_refused` says why they are not one volume; None when they are.
    """

    series_uid: str
    modality: str | None
    rows: int | None
    columns: int | None
    window_centre: float | None
    window_width: float | None
    images: list[SeriesImage]
    volume_refused: str | None


@router.get("", response_model=list[ImagingStudy])
def list_imaging(person_id: IdText, visit: SignedIn, moment: AsKnownOn) -> Response:
    """Every imaging study, newest first, with the reports that speak of it."""
    person = number(person_id, kind="patient")
    with visit.read(moment) as reader:
        return JsonAnswer(studies_of(reader, person))


@router.get("/{study}/{series}", response_model=ImagesOfSeries)
def list_images(
    person_id: IdText, study: Uid, series: Uid, visit: SignedIn, moment: AsKnownOn
) -> Response:
    """The images of one series, in order along the stack."""
    person = number(person_id, kind="patient")
    with visit.read(moment) as reader:
        found = _of_person(reader, person, Target(study, series))
    return JsonAnswer(_in_order(series, found))


@router.get("/{study}/{series}/volume.nii")
def read_volume(
    person_id: IdText, study: Uid, series: Uid, visit: SignedIn, moment: AsKnownOn
) -> Response:
    """The series as one NIfTI-1 volume, Hounsfield units for CT; refused when it is not one."""
    person = number(person_id, kind="patient")
    with visit.read(moment) as reader:
        found = _of_person(reader, person, Target(study, series))
        stack = stacked([_plane(each.header) for each in found])
        volume = series_volume(stack, [partial(reader.blob, each.sha256) for each in found])
    return Response(volume, media_type=NIFTI)


def _of_person(reader: Reader, person: int, target: Target) -> list[Found]:
    """The images named, when they are this person's: nobody sees another's under a wrong name."""
    return instances(reader, target, of=reader.subjects_of(person))


def _in_order(series: str, found: list[Found]) -> ImagesOfSeries:
    planes = [_plane(each.header) for each in found]
    refused, order = None, list(range(len(found)))
    try:
        # the head comes first, as films are hung
        order = list(reversed(stacked(planes).numbers))
    except NoVolume as fault:
        refused = str(fault)
    first = found[order[0]].header
    images = [image for each in order for image in _images(found[each], planes[each])]
    return ImagesOfSeries(
        series_uid=series,
        modality=_one(first, _MODALITY),
        rows=_one(first, _ROWS),
        columns=_one(first, _COLUMNS),
        window_centre=_one(first, _CENTRE),
        window_width=_one(first, _WIDTH),
        images=images,
        volume_refused=refused,
    )


def _images(found: Found, plane: Plane | None) -> list[SeriesImage]:
    edges = None if plane is None else list(edge_letters(plane))
    place = None if plane is None else round(plane.place_mm, 3)
    frames = int(_one(found.header, _FRAMES) or 1) if _one(found.header, _ROWS) else 0
    return [SeriesImage(found.uid("Instance"), frame + 1, edges, place) for frame in range(frames)]


def _plane(header: dict[str, Any]) -> Plane | None:
    values = [_all(header, tag) for tag in (_POSITION, _ORIENTATION, _SPACING)]
    single = int(_one(header, _FRAMES) or 1) == 1 and int(_one(header, _SAMPLES) or 1) == 1
    if [len(each) for each in values] != [3, 6, 2] or not single:
        return None
    (x, y, z), (a, b, c, d, e, f), (rows, columns) = (map(float, each) for each in values)
    size = (int(_one(header, _ROWS) or 0), int(_one(header, _COLUMNS) or 0))
    return Plane((x, y, z), (a, b, c), (d, e, f), (rows, columns), size)


def _all(header: dict[str, Any], tag: str) -> list[Any]:
    return list(header.get(tag, {}).get("Value") or [])


def _one(header: dict[str, Any], tag: str) -> Any:
    return next(iter(_all(header, tag)), None)
