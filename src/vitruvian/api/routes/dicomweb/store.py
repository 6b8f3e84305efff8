"""DICOMweb: objects sent to be stored (STOW-RS). The answer comes once they are durable.

References
----------
DICOM PS3.18 section 10.5 (Store Transaction), annex I.2 (Store Instances Response Module);
PS3.7 annex C (statuses); RFC 2046 section 5.1 (multipart bodies).

BadInput
|-- NotADicomBody        the body is not multipart/related of application/dicom
`-- BodyTooLarge         it is larger than one request may be
"""

from __future__ import annotations

import hashlib
import itertools
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from mmap import ACCESS_READ, mmap
from pathlib import Path as Folder
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, SignedIn, Visit
from vitruvian.api.problems import described
from vitruvian.base.errors import BadInput
from vitruvian.derive.images.pixels import library
from vitruvian.ingest import ingest
from vitruvian.ingest.errors import NothingRecognised
from vitruvian.trust import SYSTEM

if TYPE_CHECKING:
    from vitruvian.ingest import SourceReport

MOST_BYTES = 512 << 20
ALL_STORED, SOME_STORED, NONE_STORED = 200, 202, 409
CANNOT_UNDERSTAND, OTHER_STUDY, SAME_UID, NOT_PROCESSED = 0xC000, 0xA900, 0x0111, 0x0110
_REASONS = {"same-uid-other-bytes": SAME_UID}
_CLASS, _INSTANCE, _RETRIEVE = "00081150", "00081155", "00081190"
_FAILED, _STORED, _REASON = "00081198", "00081199", "00081197"
# RFC 2046 ends at 70 characters; Orthanc sends 73, two UUIDs and a hyphen.
_BOUNDARY = re.compile(r'boundary="?([^";,\s]{1,200})"?')
_CRLF2 = b"\r\n\r\n"
router = APIRouter()
Mapped = bytes | mmap
Uid = Annotated[str, Path(pattern=r"^[0-9.]{1,64}$", examples=["1.2.840.113619.2.55"])]


class NotADicomBody(BadInput):
    """The body is not made of DICOM objects as STOW-RS wants them."""

    status = 415

    def __init__(self) -> None:
        super().__init__(
            "The body cannot be taken apart. Expected Content-Type multipart/related; "
            'type="application/dicom" with a boundary, and one DICOM file a part.'
        )


class BodyTooLarge(BadInput):
    """The body is larger than one request may be."""

    status = 413

    def __init__(self) -> None:
        super().__init__(
            f"The request is larger than {MOST_BYTES >> 20} MiB. Send fewer objects at once, "
            "send them over DICOM, or load the files with 'vitruvian ingest'."
        )


@dataclass(frozen=True)
class Sent:
    """One object of a request: its file, what it is, and whether it may be stored here."""

    file: Folder
    sop_class: str = ""
    uid: str = ""
    study: str = ""
    series: str = ""
    reason: int | None = None

    @property
    def source_id(self) -> str:
        """The name under which ingest speaks of it."""
        with self.file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()[:16]


class _StoreAnswer(JsonAnswer):
    media_type = "application/dicom+json"


async def sent_body(request: Request) -> Mapped:
    """The body sent, on disk; raises `BodyTooLarge` before more comes than one request may be."""
    with tempfile.TemporaryFile() as file:
        async for part in request.stream():
            if file.tell() + len(part) > MOST_BYTES:
                raise BodyTooLarge
            await run_in_threadpool(file.write, part)
        file.flush()
        return mmap(file.fileno(), 0, access=ACCESS_READ) if file.tell() else b""


Body = Annotated[Mapped, Depends(sent_body)]
_TOLD = REFUSALS | described(409, 413, 415, 503)


@router.post("/studies", response_class=_StoreAnswer, responses=_TOLD)
def store_instances(request: Request, visit: SignedIn, body: Body) -> Response:
    """Store objects of any study."""
    return _store(request, visit, body)


@router.post("/studies/{study}", response_class=_StoreAnswer, responses=_TOLD)
def store_instances_of_study(request: Request, study: Uid, visit: SignedIn, body: Body) -> Response:
    """Store objects of one study; those of another are refused."""
    return _store(request, visit, body, study=study)


def _store(request: Request, visit: Visit, body: Mapped, study: str | None = None) -> Response:
    parts = parts_of(request.headers.get("content-type", ""), body)
    wanted = replace(visit.access, operation="write", reason="STOW-RS")
    with tempfile.TemporaryDirectory() as name:
        objects = [told(file) for file in written(parts, Folder(name))]
        if study is not None:
            objects = [_of_study(each, study) for each in objects]
        with visit.lake.read(wanted):  # asks the policy, and is kept in the audit
            done = stored(visit.lake, objects, request=visit.request_id)
    base = f"{str(request.base_url).rstrip('/')}/api/dicomweb"
    failed = sum(each.reason is not None for each in done)
    status = ALL_STORED if not failed else NONE_STORED if failed == len(done) else SOME_STORED
    return _StoreAnswer(answer(done, base), status_code=status)


def parts_of(content_type: str, body: Mapped) -> list[memoryview]:
    """The objects of a multipart body, where they lie: nothing is copied.

    Raises
    ------
    NotADicomBody
        When the media type is another, or a part has no end.
    """
    boundary = _BOUNDARY.search(content_type)
    right = content_type.startswith("multipart/related") and "application/dicom" in content_type
    if boundary is None or not right:
        raise NotADicomBody
    mark = b"--" + boundary[1].encode("latin-1")
    line = b"\r\n" + mark
    places = [(0, len(mark))] if body[: len(mark)] == mark else []
    at = len(mark) if places else 0
    while (begins := body.find(line, at)) >= 0:
        at = begins + len(line)
        places.append((begins, at))
    if len(places) < 2 or body[at : at + 2] != b"--":  # noqa: PLR2004  one part, and an end
        raise NotADicomBody
    return [_part(body, start, end) for (_, start), (end, _) in itertools.pairwise(places)]


def _part(body: Mapped, start: int, end: int) -> memoryview:
    """What follows the headers of a part."""
    blank = body.find(_CRLF2, start, end)
    if blank < 0 or b"transfer-encoding" in body[start:blank].lower():
        raise NotADicomBody
    return memoryview(body)[blank + len(_CRLF2) : end]


def written(parts: Sequence[memoryview], folder: Folder) -> Iterator[Folder]:
    """A file of each part."""
    for number, part in enumerate(parts):
        file = folder / f"{number}"
        file.write_bytes(part)
        yield file


def told(file: Folder) -> Sent:
    """What an object says it is; one that is no DICOM file cannot be stored."""
    pydicom = library("pydicom")
    names = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
    try:
        found = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=list(names))
        uids = [str(found.get(each) or "") for each in names]
    except Exception:  # noqa: BLE001  a library meets hostile bytes: any failure refuses this one
        return Sent(file, reason=CANNOT_UNDERSTAND)
    return Sent(file, sop_class=uids[0], uid=uids[1], study=uids[2], series=uids[3])


def _of_study(each: Sent, study: str) -> Sent:
    other = each.reason is None and each.study != study
    return replace(each, reason=OTHER_STUDY) if other else each


def stored(lake: Any, objects: Sequence[Sent], *, request: str) -> list[Sent]:
    """Store what may be stored; each object with the reason why it was not, if so."""
    paths = [each.file for each in objects if each.reason is None]
    reports = _ingested(lake, paths, request=request) if paths else {}
    return [each if each.reason else _judged(each, reports.get(each.source_id)) for each in objects]


def _ingested(lake: Any, paths: list[Folder], *, request: str) -> dict[str, SourceReport]:
    access = replace(SYSTEM, reason="STOW-RS", request=request)
    try:
        report = ingest(paths, lake, access=access)
    except NothingRecognised:
        return {}
    # the same bytes twice in one request are told twice; the first says what became of them
    return {each.source_id: each for each in reversed(report.sources)}


def _judged(each: Sent, report: SourceReport | None) -> Sent:
    if report is None or report.outcome == "not-recognised":
        return replace(each, reason=CANNOT_UNDERSTAND)
    if report.rejected or report.outcome == "refused":
        codes = (_REASONS.get(problem.code) for problem in report.problems)
        return replace(each, reason=next(filter(None, codes), NOT_PROCESSED))
    return each


def answer(objects: Sequence[Sent], base: str) -> dict[str, Any]:
    """The Store Instances Response Module, in the DICOM JSON model."""
    good = [each for each in objects if each.reason is None]
    bad = [each for each in objects if each.reason is not None]
    said: dict[str, Any] = {}
    studies = {each.study for each in good}
    if len(studies) == 1:
        said[_RETRIEVE] = {"vr": "UR", "Value": [f"{base}/studies/{studies.pop()}"]}
    if bad:
        items = [{**_named(each), _REASON: {"vr": "US", "Value": [each.reason]}} for each in bad]
        said[_FAILED] = {"vr": "SQ", "Value": items}
    if good:
        said[_STORED] = {
            "vr": "SQ",
            "Value": [{**_named(each), **_at(each, base)} for each in good],
        }
    return said


def _named(each: Sent) -> dict[str, Any]:
    pairs = ((_CLASS, each.sop_class), (_INSTANCE, each.uid))
    return {tag: {"vr": "UI", "Value": [uid]} for tag, uid in pairs if uid}


def _at(each: Sent, base: str) -> dict[str, Any]:
    place = f"{base}/studies/{each.study}/series/{each.series}/instances/{each.uid}"
    return {_RETRIEVE: {"vr": "UR", "Value": [place]}}
