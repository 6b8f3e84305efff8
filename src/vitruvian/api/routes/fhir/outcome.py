"""Failures of this interface, and their one shape here: OperationOutcome.

References
----------
HL7 FHIR R4 (4.0.1), 2.21.0.2 HTTP Status Codes; 2.40 OperationOutcome, value set issue-type.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, ClassVar

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from vitruvian.api.problems import frames, places, request_id, slug, wait_of
from vitruvian.api.routes.fhir.json import FhirAnswer, Json
from vitruvian.base.errors import BadInput, Conflict, NotFound, TooMany, VitruvianError

log = structlog.get_logger("vitruvian.fhir")
CODES = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    409: "conflict",
    410: "deleted",
    412: "conflict",
    413: "too-long",
    415: "not-supported",
    422: "processing",
    429: "throttled",
    503: "transient",
}


class BadRequest(BadInput):
    """A FHIR request cannot be understood."""

    status = 400
    code: ClassVar[str] = "invalid"


class UnknownType(NotFound):
    """The address names no resource type of FHIR R4."""

    def __init__(self) -> None:
        super().__init__(
            "The address names no resource type of FHIR R4. Expected one that the "
            "CapabilityStatement at /fhir/metadata lists."
        )


class NoSuchResource(NotFound):
    """There is no such resource, or none you may see."""

    def __init__(self, resource_type: str) -> None:
        super().__init__(
            f"There is no {resource_type} under that id, or none you may see. "
            "Search for it, or ask for its history."
        )


class ResourceGone(NotFound):
    """The resource was deleted."""

    status = 410

    def __init__(self, resource_type: str) -> None:
        super().__init__(f"That {resource_type} was deleted. Its history still tells what it was.")


class PageGone(NotFound):
    """The page belongs to a search that is no longer kept."""

    status = 410

    def __init__(self) -> None:
        super().__init__(
            "This page belongs to a search that is no longer kept. Search again from the start."
        )


class VersionMismatch(Conflict):
    """The resource has moved on from the version named in If-Match."""

    status = 412

    def __init__(self, resource_type: str) -> None:
        super().__init__(
            f"The {resource_type} is not at the version named in If-Match. "
            "Read it again, and change what is there now."
        )


class SeveralMatch(Conflict):
    """A condition that must name one resource names several."""

    status = 412

    def __init__(self, resource_type: str) -> None:
        super().__init__(
            f"The condition fits several {resource_type} resources; expected one at most. "
            "Make it narrower."
        )


class TooLarge(BadInput):
    """What was sent is larger than this server takes in one request."""

    status = 413

    def __init__(self, *, most: int) -> None:
        super().__init__(
            f"The request is larger than {most // 2**20} MiB. Send less at once, "
            "or load it with 'vitruvian ingest'."
        )


class WrongMediaType(BadInput):
    """What was sent is not of a media type this address takes."""

    status = 415

    def __init__(self, expected: str) -> None:
        super().__init__(f"The media type of the request is not one taken here. Send {expected}.")


class TooManyExports(TooMany):
    """As many exports as this server makes at once are being made."""

    def __init__(self) -> None:
        super().__init__(
            "As many exports are being made as this server makes at once. "
            "Wait for one to end, or delete one."
        )


class ExportOver(NotFound):
    """What may be exported is no more what it was when the files were made."""

    status = 410

    def __init__(self) -> None:
        super().__init__(
            "What may be exported has changed since these files were made, so they were removed. "
            "Ask for the export anew."
        )


class NoSuchAddress(NotFound):
    """Nothing of this interface lives at this address."""

    def __init__(self) -> None:
        super().__init__("Nothing of the FHIR interface lives at this address. See /fhir/metadata.")


def issue(words: str, *, code: str, severity: str = "error") -> Json:
    """One issue."""
    return {"severity": severity, "code": code, "diagnostics": words}


def outcome(*issues: Json) -> Json:
    """The OperationOutcome of some issues."""
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


def outcome_of(error: VitruvianError) -> Json:
    """The OperationOutcome of one of our own failures."""
    code = getattr(error, "code", None) or CODES.get(error.status, "exception")
    found = issue(str(error), code=code)
    found["details"] = {"text": slug(type(error))}
    return outcome(found)


def answer_failure(request: Request, error: Exception) -> Response:
    """Any failure as an answer; it never repeats what was sent."""
    if isinstance(error, VitruvianError):
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("failed", request_id=request_id(request), problem=slug(type(error)))
        # A client's browser must not be invited to send a password along by itself.
        headers = {"www-authenticate": 'Bearer realm="FHIR"'} if error.status == 401 else {}  # noqa: PLR2004
        headers |= wait_of(error)
        return FhirAnswer(outcome_of(error), status_code=error.status, headers=headers)
    if isinstance(error, RequestValidationError):
        words = f"The request does not have the expected shape at {places(error)}."
        return FhirAnswer(outcome(issue(words, code="invalid")), status_code=400)
    if isinstance(error, HTTPException):
        words = "The request cannot be answered: wrong method or form for this address."
        code = CODES.get(error.status_code, "exception")
        return FhirAnswer(outcome(issue(words, code=code)), status_code=error.status_code)
    return _unforeseen(request, error)


def _unforeseen(request: Request, error: Exception) -> Response:
    """A defect of ours; its words could hold patient data, so only its place is logged."""
    log.error(
        "unforeseen",
        request_id=request_id(request),
        error=type(error).__name__,
        frames=frames(error)[-8:],
    )
    words = f"This is a defect of Vitruvian. Report the request id {request_id(request)}."
    return FhirAnswer(outcome(issue(words, code="exception", severity="fatal")), status_code=500)


class FhirRoute(APIRoute):
    """A route whose every failure leaves as an OperationOutcome."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with our failures around it."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as error:  # noqa: BLE001 - the net of this interface
                return answer_failure(request, error)

        return guarded
