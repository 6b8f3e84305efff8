"""The addresses at which something is changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from vitruvian.api.routes.fhir.door import Body, Call, Calling
from vitruvian.api.routes.fhir.json import FhirAnswer
from vitruvian.api.routes.fhir.outcome import (
    FhirRoute,
    NoSuchResource,
    UnknownType,
    WrongMediaType,
    issue,
    outcome,
)
from vitruvian.api.routes.fhir.search.declared import resource_types
from vitruvian.api.routes.fhir.search.request import IGNORED
from vitruvian.api.routes.fhir.serving.bundle import etag
from vitruvian.api.routes.fhir.writing import acting
from vitruvian.api.routes.fhir.writing.bundles import run_bundle
from vitruvian.api.routes.fhir.writing.checking import of_type, read_resource
from vitruvian.api.routes.fhir.writing.writer import Done, Turn

router = APIRouter(route_class=FhirRoute, include_in_schema=False)
JSON_TYPES = {"application/fhir+json", "application/json", "text/json"}
PATCH_TYPE = "application/json-patch+json"


def json_sent(request: Request) -> None:
    """Refuse what is not sent as JSON; forms of other sites could send anything else."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "PATCH":
        if kind != PATCH_TYPE:
            raise WrongMediaType(PATCH_TYPE)
    elif request.method != "DELETE" and kind not in JSON_TYPES:
        raise WrongMediaType("application/fhir+json")


def known_type(resource_type: str) -> str:
    """The type an address names; raises `UnknownType`."""
    if resource_type not in resource_types():
        raise UnknownType
    return resource_type


KnownType = Annotated[str, Depends(known_type)]
Sent = Depends(json_sent)


def bundle(call: Calling, body: Body) -> Response:
    """A batch or transaction."""
    return FhirAnswer(run_bundle(call, read_resource(body)))


@router.post("/{resource_type}", dependencies=[Sent])
def create(resource_type: KnownType, call: Calling, body: Body, request: Request) -> Response:
    """A new resource, unless ``If-None-Exist`` names one that is there."""
    content = of_type(read_resource(body), resource_type)
    # Some clients (fhirpy among them) write the condition into the address of a create.
    said = [name for name, _ in call.said if name not in IGNORED]
    condition = request.headers.get("if-none-exist", request.url.query if said else None)
    return _done(
        call, lambda turn: acting.settle_create(call, turn, content, if_none_exist=condition)
    )


@router.put("/{resource_type}/{resource_id}", dependencies=[Sent])
def update(
    resource_type: KnownType, resource_id: str, call: Calling, body: Body, request: Request
) -> Response:
    """A new version; under a new id, a new resource."""
    name = acting.checked_id(resource_id)
    content = of_type(read_resource(body), resource_type, resource_id=name)
    key, match = f"{resource_type}/{name}", request.headers.get("if-match")
    return _done(call, lambda turn: acting.settle_update(turn, content, key, if_match=match))


@router.put("/{resource_type}", dependencies=[Sent])
def conditional_update(
    resource_type: KnownType, call: Calling, body: Body, request: Request
) -> Response:
    """A new version of the one that the search names."""
    content = of_type(read_resource(body), resource_type)
    match, condition = request.headers.get("if-match"), request.url.query
    return _done(
        call,
        lambda turn: acting.settle_conditional_update(
            call, turn, content, condition, if_match=match
        ),
    )


@router.patch("/{resource_type}/{resource_id}", dependencies=[Sent])
def patch(
    resource_type: KnownType, resource_id: str, call: Calling, body: Body, request: Request
) -> Response:
    """A new version by JSON Patch."""
    key, match = f"{resource_type}/{resource_id}", request.headers.get("if-match")
    return _done(call, lambda turn: acting.settle_patch(turn, key, body, if_match=match))


@router.patch("/{resource_type}", dependencies=[Sent])
def conditional_patch(
    resource_type: KnownType, call: Calling, body: Body, request: Request
) -> Response:
    """A new version, by JSON Patch, of the one that the search names."""
    match, condition = request.headers.get("if-match"), request.url.query

    def settle(turn: Turn) -> acting.Settled:
        there = acting.at_most_one(call, turn, resource_type, condition)
        if there is None:
            raise NoSuchResource(resource_type)
        return acting.settle_patch(turn, there, body, if_match=match)

    return _done(call, settle)


@router.delete("/{resource_type}/{resource_id}")
def delete(resource_type: KnownType, resource_id: str, call: Calling, request: Request) -> Response:
    """The resource is gone from now on; its history stays."""
    key, match = f"{resource_type}/{resource_id}", request.headers.get("if-match")
    return _done(call, lambda turn: acting.settle_delete(turn, key, if_match=match))


@router.delete("/{resource_type}")
def conditional_delete(resource_type: KnownType, call: Calling, request: Request) -> Response:
    """The one that the search names is gone from now on."""
    condition = request.url.query
    return _done(
        call, lambda turn: acting.settle_conditional_delete(call, turn, resource_type, condition)
    )


def _done(call: Call, settle: Callable[[Turn], acting.Settled]) -> Response:
    """Do one change, and answer with what there is afterwards."""
    with call.running.writer.turn(call.access) as turn:
        settled = settle(turn)
        done = acting.stored(turn, [settled])[0]
    return _answer(call, settled.status, done)


def _answer(call: Call, status: int, done: Done | None) -> Response:
    if status == 204 or done is None:  # noqa: PLR2004
        return FhirAnswer(None, status_code=204, headers=_stamp(call, done, status))
    headers = _stamp(call, done, status)
    if "return=minimal" in call.prefer:
        return FhirAnswer(None, status_code=status, headers=headers)
    if "return=operationoutcome" in call.prefer:
        words = issue("Stored.", code="informational", severity="information")
        return FhirAnswer(outcome(words), status_code=status, headers=headers)
    return FhirAnswer(done.stored.resource(), status_code=status, headers=headers)


def _stamp(call: Call, done: Done | None, status: int) -> dict[str, str]:
    """Which version there is now, and where."""
    if done is None:
        return {}
    version = done.stored.version
    headers = {
        "etag": etag(version.number),
        "last-modified": version.recorded_at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
    }
    if status == 201:  # noqa: PLR2004
        headers["location"] = f"{call.base}/{version.key}/_history/{version.number}"
    return headers
