"""DICOMweb: search (QIDO-RS), retrieve (WADO-RS) and store (STOW-RS), through one door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, AsKnownOn, SignedIn, Visit, number
from vitruvian.api.frame import LOOPBACK
from vitruvian.api.problems import described
from vitruvian.api.routes.dicomweb.find import Found, Target, instances
from vitruvian.api.routes.dicomweb.objects import (
    DICOM,
    MOST_OPENED,
    OCTETS,
    dicom_file,
    expect_frame,
    expect_room,
    expect_room_to_show,
    frame_numbers,
    multipart,
    plain_frame,
    plain_pixels,
)
from vitruvian.api.routes.dicomweb.query import (
    instance_json,
    read_wish,
    search_studies,
    series_json,
)
from vitruvian.api.routes.dicomweb.store import router as storing
from vitruvian.derive.images import Window, open_object, picture
from vitruvian.picture import Moment

ROOT = "/dicomweb"
_ANY_SYNTAX = ("transfer-syntax=*", 'transfer-syntax="*"')
_BULK_PIXELS = "7FE00010"

Uid = Annotated[str, Path(pattern=r"^[0-9.]{1,64}$", examples=["1.2.840.113619.2.55"])]
router = APIRouter(prefix=ROOT, tags=["dicomweb"], responses=REFUSALS | described(413, 503))
router.include_router(storing)
_STUDY, _SERIES = "/studies/{study}", "/studies/{study}/series/{series}"
_INSTANCE = "/studies/{study}/series/{series}/instances/{instance}"


class DicomJson(JsonAnswer):
    """An answer in the DICOM JSON model."""

    media_type = "application/dicom+json"


# ------------------------------------------------------------------ QIDO-RS


@router.get("/studies", response_class=DicomJson)
def search_for_studies(
    request: Request,
    visit: SignedIn,
    moment: AsKnownOn,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
    person_id: Annotated[str | None, Query(pattern=r"^[0-9]{1,19}$")] = None,
) -> Response:
    """Studies by UID, accession number, date or modality, newest first; never by name."""
    moments = ("known_at", "recorded_at")
    wish = read_wish({k: v for k, v in request.query_params.items() if k not in moments})
    with visit.read(moment) as reader:
        person = None if person_id is None else number(person_id, kind="patient")
        subjects = None if person is None else reader.subjects_of(person)
        page = slice(offset, offset + limit)
        answer = DicomJson(search_studies(reader, wish, subjects=subjects, page=page))
    if wish.ignored:
        answer.headers["Warning"] = '299 vitruvian "some search keys are not supported"'
    return answer


@router.get(_STUDY + "/series", response_class=DicomJson)
def search_for_series(study: Uid, visit: SignedIn, moment: AsKnownOn) -> Response:
    """The series of a study."""
    return DicomJson(list(series_json(_found(visit, moment, Target(study)))))


@router.get(_STUDY + "/instances", response_class=DicomJson)
def search_for_instances(study: Uid, visit: SignedIn, moment: AsKnownOn) -> Response:
    """The instances of a study."""
    return DicomJson([instance_json(each) for each in _found(visit, moment, Target(study))])


@router.get(_SERIES + "/instances", response_class=DicomJson)
def search_in_series(study: Uid, series: Uid, visit: SignedIn, moment: AsKnownOn) -> Response:
    """The instances of a series."""
    found = _found(visit, moment, Target(study, series))
    return DicomJson([instance_json(each) for each in found])


# ------------------------------------------------------------------ WADO-RS: metadata


@router.get(_STUDY + "/metadata", response_class=DicomJson)
def read_study_metadata(
    request: Request, study: Uid, visit: SignedIn, moment: AsKnownOn
) -> Response:
    """Headers of every instance of a study; pixels are addresses."""
    return _metadata(request, _found(visit, moment, Target(study)))


@router.get(_SERIES + "/metadata", response_class=DicomJson)
def read_series_metadata(
    request: Request, study: Uid, series: Uid, visit: SignedIn, moment: AsKnownOn
) -> Response:
    """Headers of every instance of a series."""
    return _metadata(request, _found(visit, moment, Target(study, series)))


@router.get(_INSTANCE + "/metadata", response_class=DicomJson)
def read_instance_metadata(
    request: Request, study: Uid, series: Uid, instance: Uid, visit: SignedIn, moment: AsKnownOn
) -> Response:
    """The header of one instance."""
    return _metadata(request, _found(visit, moment, Target(study, series, instance)))


def _metadata(request: Request, found: Sequence[Found]) -> Response:
    base = _base(request) + "/api" + ROOT
    return DicomJson([_addressed(each, base) for each in found])


def _base(request: Request) -> str:
    """The server's address as the client reached it.

    dicomweb-client sends Host without its port; on this machine the socket's port is meant.
    """
    url, server = request.base_url, request.scope.get("server")
    if url.port is None and url.hostname in LOOPBACK and server:
        url = url.replace(port=server[1])
    return str(url).rstrip("/")


def _addressed(found: Found, base: str) -> dict[str, Any]:
    """The header with addresses that can be asked for where values stay in the file."""
    path = _INSTANCE.format(
        study=found.uid("Study"), series=found.uid("Series"), instance=found.uid("Instance")
    )
    return {
        tag: {**said, "BulkDataURI": f"{base}{path}/bulkdata/{tag}"}
        if "BulkDataURI" in said
        else said
        for tag, said in found.header.items()
    }


# ------------------------------------------------------------------ WADO-RS: objects


@router.get(_STUDY)
def retrieve_study(request: Request, study: Uid, visit: SignedIn, moment: AsKnownOn) -> Response:
    """Every file of a study, in one body."""
    return _files(request, visit, moment, Target(study))


@router.get(_SERIES)
def retrieve_series(
    request: Request, study: Uid, series: Uid, visit: SignedIn, moment: AsKnownOn
) -> Response:
    """Every file of a series, in one body."""
    return _files(request, visit, moment, Target(study, series))


@router.get(_INSTANCE)
def retrieve_instance(
    request: Request, study: Uid, series: Uid, instance: Uid, visit: SignedIn, moment: AsKnownOn
) -> Response:
    """One file."""
    return _files(request, visit, moment, Target(study, series, instance))


def _files(request: Request, visit: Visit, moment: Moment, target: Target) -> Response:
    accepted = request.headers.get("accept", "").replace(" ", "")
    as_stored = any(each in accepted for each in _ANY_SYNTAX)
    with visit.read(moment) as reader:
        found = instances(reader, target)
        # Decided and written down here; the bytes themselves are read while they are sent.
        files = (dicom_file(reader, each, as_stored=as_stored) for each in found)
        if accepted.startswith(DICOM) and len(found) == 1:
            (file,) = files
            length = {"content-length": str(file.size)}
            return StreamingResponse(file.data, media_type=DICOM, headers=length)
        return multipart(files, kind=DICOM)


# ------------------------------------------------------------------ WADO-RS: pixels


@router.get(_INSTANCE + "/frames/{frames}")
def retrieve_frames(
    study: Uid, series: Uid, instance: Uid, frames: str, visit: SignedIn, moment: AsKnownOn
) -> Response:
    """Frames, unpacked, little endian; numbered from 1."""
    wanted = frame_numbers(frames)
    dataset = _opened(visit, moment, Target(study, series, instance))
    for each in wanted:
        expect_frame(dataset, each)
    return multipart((plain_frame(dataset, each) for each in wanted), kind=OCTETS)


@router.get(_INSTANCE + "/rendered")
def retrieve_rendered(
    study: Uid,
    series: Uid,
    instance: Uid,
    visit: SignedIn,
    moment: AsKnownOn,
    window: Annotated[str | None, Query(pattern=r"^-?[\d.]+,[\d.]+(,\w+)?$")] = None,
) -> Response:
    """The first frame as a PNG to look at, never to measure on."""
    dataset = _opened(visit, moment, Target(study, series, instance), to_show=True)
    return _png(dataset, 1, window)


@router.get(_INSTANCE + "/frames/{frame}/rendered")
def retrieve_rendered_frame(
    study: Uid,
    series: Uid,
    instance: Uid,
    frame: Annotated[int, Path(ge=1)],
    visit: SignedIn,
    moment: AsKnownOn,
    window: Annotated[str | None, Query(pattern=r"^-?[\d.]+,[\d.]+(,\w+)?$")] = None,
) -> Response:
    """One frame as a PNG to look at, never to measure on."""
    dataset = _opened(visit, moment, Target(study, series, instance), to_show=True)
    return _png(dataset, frame, window)


@router.get(_INSTANCE + "/bulkdata/{tag}")
def retrieve_bulkdata(
    study: Uid,
    series: Uid,
    instance: Uid,
    tag: Annotated[str, Path(pattern=r"^[0-9A-F]{8}$")],
    visit: SignedIn,
    moment: AsKnownOn,
) -> Response:
    """A value that the header leaves in the file; pixels come unpacked, frame after frame."""
    dataset = _opened(visit, moment, Target(study, series, instance))
    if tag == _BULK_PIXELS:
        return multipart([plain_pixels(dataset)], kind=OCTETS)
    element = dataset.get(int(tag, 16))
    value = b"" if element is None or not isinstance(element.value, bytes) else element.value
    return multipart([value], kind=OCTETS)


def _png(dataset: Any, frame: int, window: str | None) -> Response:
    expect_frame(dataset, frame)
    shown = None
    if window is not None:
        centre, width = window.split(",")[:2]
        shown = Window(float(centre), float(width))
    return Response(picture(dataset, frame - 1, window=shown), media_type="image/png")


def _opened(visit: Visit, moment: Moment, target: Target, *, to_show: bool = False) -> Any:
    with visit.read(moment) as reader:
        found = instances(reader, target)[0]
        (expect_room_to_show if to_show else expect_room)(found.header)
        return open_object(reader.blob(found.sha256, most=MOST_OPENED))


def _found(visit: Visit, moment: Moment, target: Target) -> list[Found]:
    with visit.read(moment) as reader:
        return instances(reader, target)
