"""A refusal before any route was reached, in the shape of the interface that was asked."""

from __future__ import annotations

from fastapi import Request
from starlette.types import Receive, Scope, Send

from vitruvian.api.problems import problem_answer
from vitruvian.api.routes.fhir.outcome import answer_failure
from vitruvian.base.errors import VitruvianError


async def refuse(error: VitruvianError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request with one of our own failures."""
    inside_fhir = scope["path"] == "/fhir" or scope["path"].startswith("/fhir/")
    answer = answer_failure if inside_fhir else problem_answer
    await answer(Request(scope), error)(scope, receive, send)
