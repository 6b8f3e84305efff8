"""Every failure leaves in one shape, and never repeats what was sent.

References
----------
RFC 9457, Problem Details for HTTP APIs: the members ``title``, ``detail`` and ``status``.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from vitruvian.api.answers import JsonAnswer
from vitruvian.base.errors import NotFound, Refused, VitruvianError

log = structlog.get_logger("vitruvian.api")


class Problem(BaseModel):
    """The one error shape."""

    problem: str
    title: str
    detail: str
    status: int
    request_id: str


class MissingHeader(Refused):
    """A change was asked for without the header that only our own page sends."""

    def __init__(self) -> None:
        super().__init__(
            "This request changes something and lacks the header 'X-Vitruvian: 1'. "
            "Send it with every request that is not a GET."
        )


class UnknownHost(Refused):
    """The request names a host this server does not answer for."""

    def __init__(self) -> None:
        super().__init__(
            "This server does not answer for the host named in the request. "
            "Open it by the address printed at its start, or start it with --url or --host."
        )


class NoSuchPage(NotFound):
    """Nothing lives at this address."""

    def __init__(self) -> None:
        super().__init__("Nothing lives at this address. See the reference of the HTTP interface.")


def slug(error: type[VitruvianError]) -> str:
    """The problem's short name: its class name in kebab case.

    Examples
    --------
    >>> slug(MissingHeader)
    'missing-header'
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()


def title(error: type[VitruvianError]) -> str:
    """The first sentence of what the error's class says about itself."""
    return (error.__doc__ or error.__name__).strip().splitlines()[0]


def request_id(request: Request) -> str:
    """The id that the log line of this request carries too."""
    return str(request.scope.get("vitruvian.request_id", ""))


def problem_answer(request: Request, error: VitruvianError) -> Response:
    """One of our own failures as an answer."""
    problem = Problem(
        problem=slug(type(error)),
        title=title(type(error)),
        detail=str(error),
        status=error.status,
        request_id=request_id(request),
    )
    return JsonAnswer(problem.model_dump(), status_code=error.status, headers=wait_of(error))


def wait_of(error: VitruvianError) -> dict[str, str]:
    """How long to wait before asking again, where the failure knows it."""
    seconds = getattr(error, "retry_after", None)
    return {} if seconds is None else {"retry-after": str(seconds)}


def plain_answer(request: Request, *, status: int, name: str, words: tuple[str, str]) -> Response:
    """A failure that is not one of our classes, in the same shape."""
    problem = Problem(
        problem=name,
        title=words[0],
        detail=words[1],
        status=status,
        request_id=request_id(request),
    )
    return JsonAnswer(problem.model_dump(), status_code=status)


def places(error: RequestValidationError) -> str:
    """Which fields were wrong and how, without what stood in them or names of their own."""
    return "; ".join(
        f"{place_of(found)}: {str(found['type']).replace('_', ' ')}" for found in error.errors()[:5]
    )


def place_of(found: Mapping[str, Any]) -> str:
    """The path to a field that was wrong; a field that does not exist is not called by its name."""
    steps = [str(step) for step in found["loc"]]
    return "/".join(steps[:-1] if found["type"] == "extra_forbidden" else steps)


async def on_invalid(request: Request, error: Exception) -> Response:
    """A request whose shape is wrong: names the fields, never their content."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    words = (
        "The request does not have the expected shape",
        f"Expected otherwise at {places(error)}.",
    )
    return plain_answer(request, status=422, name="invalid-request", words=words)


async def on_vitruvian(request: Request, error: Exception) -> Response:
    """One of our own failures."""
    assert isinstance(error, VitruvianError)  # noqa: S101 - registered for this class only
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("failed", request_id=request_id(request), problem=slug(type(error)))
    return problem_answer(request, error)


async def on_http(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: unknown address, wrong method."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == HTTPStatus.NOT_FOUND:
        return problem_answer(request, NoSuchPage())
    words = ("The request cannot be answered", "Wrong method or form for this address.")
    return plain_answer(request, status=status, name=f"http-{status}", words=words)


def frames(error: BaseException) -> list[str]:
    """Where an error passed through: file, line and function, never its words or values."""
    stack = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in stack]


async def on_unforeseen(request: Request, error: Exception) -> Response:
    """A defect of ours; its message could hold patient data, so only its place is logged."""
    log.error(
        "unforeseen",
        request_id=request_id(request),
        error=type(error).__name__,
        frames=frames(error)[-8:],
    )
    words = ("Something went wrong here", "This is a defect of Vitruvian. Report the request id.")
    return plain_answer(request, status=500, name="unforeseen", words=words)


def install_problems(app: FastAPI) -> None:
    """Give every foreseen failure the one shape; the frame catches what nobody foresaw."""
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(VitruvianError, on_vitruvian)
    app.add_exception_handler(HTTPException, on_http)


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The failures a route may answer, for the interface description."""
    return {status: {"model": Problem} for status in statuses}
