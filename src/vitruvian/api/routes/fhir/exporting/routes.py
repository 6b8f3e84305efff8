"""The addresses of bulk data export."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlencode

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from vitruvian.api.routes.fhir.door import Call, Calling
from vitruvian.api.routes.fhir.exporting.exports import Job
from vitruvian.api.routes.fhir.exporting.held import Wish
from vitruvian.api.routes.fhir.json import NDJSON, FhirAnswer, Json
from vitruvian.api.routes.fhir.outcome import BadRequest, FhirRoute, NoSuchAddress, issue, outcome
from vitruvian.api.routes.fhir.search import dates
from vitruvian.api.routes.fhir.search.declared import resource_types
from vitruvian.api.routes.fhir.search.request import BadControl
from vitruvian.api.routes.fhir.serving.stored import instant_text, read_current

router = APIRouter(route_class=FhirRoute, include_in_schema=False)
FORMATS = {"application/fhir+ndjson", "application/ndjson", "ndjson"}
KNOWN = {"_outputFormat", "_since", "_type", "_format"}
_PATIENT = re.compile(r"Patient/[A-Za-z0-9.-]{1,64}$")
_FILE = re.compile(r"([A-Z][A-Za-z]+)\.ndjson")


class NotAsynchronous(BadRequest):
    """An export was asked for without saying that the answer may come later."""

    def __init__(self) -> None:
        super().__init__("An export is made in the background. Send 'Prefer: respond-async'.")


@router.get("/$export")
def export_all(call: Calling) -> Response:
    """Begin an export of everything."""
    return _begun(call, patients_only=False)


@router.get("/Patient/$export")
def export_patients(call: Calling) -> Response:
    """Begin an export of what is about patients."""
    return _begun(call, patients_only=True)


@router.get("/Group/{resource_id}/$export")
def export_group(resource_id: str, call: Calling) -> Response:
    """Begin an export of what is about the patients of a group."""
    _expect_asynchronous(call)
    call.expect("r", "Group")
    with call.finder() as finder:
        group = read_current(finder.reader, f"Group/{resource_id}")
    wish = _wish(call, path=f"/Group/{resource_id}/$export", patients_only=True)
    return _accepted(call, replace(wish, members=members_of(group.resource())))


def members_of(group: Json) -> tuple[str, ...]:
    """The patients who are in a group now, as ``Patient/id``.

    References
    ----------
    HL7 FHIR R4 (4.0.1), Group: `member.inactive` says that somebody is no longer in it.
    """
    named = []
    for member in _listed(group.get("member")):
        entity = member.get("entity")
        said = entity.get("reference") if isinstance(entity, dict) else None
        found = _PATIENT.search(said) if isinstance(said, str) else None
        if found is not None and member.get("inactive") is not True:
            named.append(found[0])
    return tuple(dict.fromkeys(named))


def _listed(said: object) -> list[Json]:
    return [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []


def _begun(call: Call, *, patients_only: bool) -> Response:
    _expect_asynchronous(call)
    path = "/Patient/$export" if patients_only else "/$export"
    return _accepted(call, _wish(call, path=path, patients_only=patients_only))


def _expect_asynchronous(call: Call) -> None:
    if "respond-async" not in call.prefer:
        raise NotAsynchronous


def _accepted(call: Call, wish: Wish) -> Response:
    job = call.running.exports.start(call.access, wish)
    headers = {"content-location": f"{call.base}/$export/{job.token}"}
    words = outcome(issue("The export is being made.", code="informational",
                          severity="information"))  # fmt: skip
    return FhirAnswer(words, status_code=202, headers=headers)


def _wish(call: Call, *, path: str, patients_only: bool) -> Wish:
    said = dict(call.said)
    strange = set(said) - KNOWN
    if strange and not call.lenient:
        raise BadControl("list", f"one of {', '.join(sorted(KNOWN))}")
    if said.get("_outputFormat", "ndjson").replace(" ", "+") not in FORMATS:
        raise BadControl("_outputFormat", "application/fhir+ndjson")
    types = tuple(dict.fromkeys(said["_type"].split(","))) if said.get("_type") else ()
    if not set(types) <= resource_types():
        raise BadControl("_type", "a list of resource types of FHIR R4")
    since = said.get("_since")
    kept = {name: value for name, value in said.items() if name in KNOWN}
    return Wish(
        types=types or tuple(sorted(resource_types())),
        since=None if since is None else dates.span_of(since.replace(" ", "+")).low,
        patients_only=patients_only,
        address=f"{call.base}{path}{'?' + urlencode(kept) if kept else ''}",
    )


@router.get("/$export/{token}")
def status(token: str, call: Calling) -> Response:
    """Whether an export is ready, and where its files are."""
    job = call.running.exports.get(token, who=call.access.holder)
    if job.state == "running":
        headers = {"x-progress": job.progress, "retry-after": "1"}
        return FhirAnswer(None, status_code=202, headers=headers)
    if job.state == "failed":
        words = "The export failed. The server's log says why under the id of its request."
        return FhirAnswer(outcome(issue(words, code="exception")), status_code=500)
    return _manifest(call, job)


def _manifest(call: Call, job: Job) -> Response:
    base = f"{call.base}/$export/{job.token}"
    output = [
        {"type": kind, "url": f"{base}/{kind}.ndjson", "count": count}
        for kind, count in sorted(job.counts.items())
    ]
    content = {
        "transactionTime": None if job.at is None else instant_text(job.at),
        "request": job.wish.address,
        "requiresAccessToken": True,
        "output": output,
        "error": [],
    }
    return FhirAnswer(content, media_type="application/json")


@router.delete("/$export/{token}")
def drop(token: str, call: Calling) -> Response:
    """Stop an export and remove its files."""
    call.running.exports.drop(token, who=call.access.holder)
    return FhirAnswer(None, status_code=202)


@router.get("/$export/{token}/{name}")
def file(token: str, name: str, call: Calling) -> Response:
    """One file of an export."""
    job = call.running.exports.get(token, who=call.access.holder)
    found = _FILE.fullmatch(name)
    if job.state != "done" or found is None or found[1] not in job.counts:
        raise NoSuchAddress
    path = call.running.exports.file(job, found[1], access=call.access)
    headers = {"cache-control": "no-store"}
    return FileResponse(path, media_type=NDJSON, headers=headers)
