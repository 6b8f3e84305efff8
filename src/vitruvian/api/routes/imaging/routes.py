"""The imaging page: a person's studies with their reports, a series' images, its volume."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Response

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, AsKnownOn, IdText, SignedIn, number
from vitruvian.api.problems import described
from vitruvian.api.routes.dicomweb.find import Found, Target
from vitruvian.api.routes.imaging.series import (
    SeriesFrame,
    Uid,
    files_of,
    frames_in,
    objects_of,
    stack_of,
)
from vitruvian.derive.images.errors import NoVolume
from vitruvian.derive.images.planes import CENTRE, COLUMNS, ROWS, WIDTH, Attribute, of_frame, value
from vitruvian.derive.images.studies import ImagingStudy, studies_of
from vitruvian.derive.images.volume import edge_letters, series_volume
from vitruvian.picture import expect_patient

NIFTI = "application/octet-stream"
_MODALITY = "00080060"

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
        expect_patient(reader, person)
        return JsonAnswer(studies_of(reader, person))


@router.get("/{study}/{series}", response_model=ImagesOfSeries)
def list_images(
    person_id: IdText, study: Uid, series: Uid, visit: SignedIn, moment: AsKnownOn
) -> Response:
    """The images of one series, in order along the stack."""
    person = number(person_id, kind="patient")
    with visit.read(moment) as reader:
        found = objects_of(reader, person, Target(study, series))
    return JsonAnswer(_in_order(series, found))


@router.get("/{study}/{series}/volume.nii")
def read_volume(
    person_id: IdText, study: Uid, series: Uid, visit: SignedIn, moment: AsKnownOn
) -> Response:
    """The series as one NIfTI-1 volume, Hounsfield units for CT; refused when it is not one."""
    person = number(person_id, kind="patient")
    with visit.read(moment) as reader:
        frames = frames_in(objects_of(reader, person, Target(study, series)))
        volume = series_volume(stack_of(frames), files_of(reader, frames))
    return Response(volume, media_type=NIFTI)


def _in_order(series: str, found: list[Found]) -> ImagesOfSeries:
    frames, refused = frames_in(found), None
    try:
        # the head comes first, as films are hung
        frames = [frames[each] for each in reversed(stack_of(frames).numbers)]
    except NoVolume as fault:
        refused = str(fault)
    first = frames[0] if frames else SeriesFrame(found[0], 0, None)
    header = first.found.header
    return ImagesOfSeries(
        series_uid=series,
        modality=value(header, _MODALITY),
        rows=value(header, ROWS),
        columns=value(header, COLUMNS),
        window_centre=_first(first, CENTRE),
        window_width=_first(first, WIDTH),
        images=[_image(each) for each in frames],
        volume_refused=refused,
    )


def _first(frame: SeriesFrame, what: Attribute) -> float | None:
    return next(iter(of_frame(frame.found.header, frame.number, what)), None)


def _image(frame: SeriesFrame) -> SeriesImage:
    plane = frame.plane
    edges = None if plane is None else list(edge_letters(plane))
    place = None if plane is None else round(plane.place_mm, 3)
    return SeriesImage(frame.found.uid("Instance"), frame.number + 1, edges, place)
