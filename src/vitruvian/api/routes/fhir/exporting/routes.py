"""The addresses of bulk data export."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from vitruvian.api.routes.fhir.door import Call, Calling
from vitruvian.api.routes.fhir.exporting.exports import Job, Wish
from vitruvian.api.routes.fhir.json import NDJSON, FhirAnswer
from vitruvian.api.routes.fhir.outcome import BadRequest, FhirRoute, NoSuchAddress, issue, outcome
from vitruvian.api.routes.fhir.search import dates
from vitruvian.api.routes.fhir.search.declared import resource_types
from vitruvian.api.routes.fhir.search.request import BadControl
from vitruvian.api.routes.fhir.serving.stored import instant_text

router = APIRouter(route_class=FhirRoute, include_in_schema=False)
FORMATS = {"application/fhir+ndjson", "application/ndjson", "ndjson"}
KNOWN = {"_outputFormat", "_since", "_type", "_format"}
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


def _begun(call: Call, *, patients_only: bool) -> Response:
    if "respond-async" not in call.prefer:
        raise NotAsynchronous
    job = call.running.exports.start(call.access, _wish(call, patients_only=patients_only))
    headers = {"content-location": f"{call.base}/$export/{job.token}"}
    words = outcome(issue("The export is being made.", code="informational",
                          severity="information"))  # fmt: skip
    return FhirAnswer(words, status_code=202, headers=headers)


def _wish(call: Call, *, patients_only: bool) -> Wish:
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
    path = "/Patient/$export" if patients_only else "/$export"
    return Wish(
        types=types or tuple(sorted(resource_types())),
        since=None if since is None else dates.span_of(since.replace(" ", "+")).low,
        patients_only=patients_only,
        address=f"{call.base}{path}{'?' + urlencode(kept) if kept else ''}",
    )


@router.get("/$export/{token}")
def status(token: str, call: Calling) -> Response:
    """Whether an export is ready, and where its files are."""
    job = call.running.exports.get(token, who=call.access.who)
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
    call.running.exports.drop(token, who=call.access.who)
    return FhirAnswer(None, status_code=202)


@router.get("/$export/{token}/{name}")
def file(token: str, name: str, call: Calling) -> Response:
    """One file of an export."""
    job = call.running.exports.get(token, who=call.access.who)
    found = _FILE.fullmatch(name)
    if job.state != "done" or found is None or found[1] not in job.counts:
        raise NoSuchAddress
    headers = {"cache-control": "no-store"}
    return FileResponse(job.folder / name, media_type=NDJSON, headers=headers)
