"""The addresses of the FHIR interface.

References
----------
HL7 FHIR R4 (4.0.1), 3.1.0 RESTful API.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request, Response

from vitruvian.api.routes.fhir.capability import capability
from vitruvian.api.routes.fhir.door import Body, Call, Calling, check_format
from vitruvian.api.routes.fhir.exporting.routes import router as exporting
from vitruvian.api.routes.fhir.json import FhirAnswer
from vitruvian.api.routes.fhir.outcome import FhirRoute, NoSuchAddress, UnknownType
from vitruvian.api.routes.fhir.search.declared import resource_types
from vitruvian.api.routes.fhir.search.request import BadControl
from vitruvian.api.routes.fhir.search.words import BadValue
from vitruvian.api.routes.fhir.serving import asking
from vitruvian.api.routes.fhir.serving.bundle import etag
from vitruvian.api.routes.fhir.serving.stored import Stored, read_current, read_version
from vitruvian.api.routes.fhir.writing.routes import Sent, bundle
from vitruvian.api.routes.fhir.writing.routes import router as writing

router = APIRouter(prefix="/fhir", route_class=FhirRoute, include_in_schema=False)
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def known_type(resource_type: str) -> str:
    """The type an address names; raises `UnknownType`."""
    if resource_type not in resource_types():
        raise UnknownType
    return resource_type


KnownType = Annotated[str, Depends(known_type)]


@router.get("/metadata")
def metadata(request: Request) -> Response:
    """What this interface can do; for everybody, it tells of no patient."""
    check_format(request, request.query_params.get("_format", ""))
    base = f"{str(request.base_url).rstrip('/')}/fhir"
    return FhirAnswer(capability(base, now=request.app.state.clock()))


@router.get("")
def page_of_all(call: Calling) -> Response:
    """Another page of an answer over all types."""
    said = call.one("_page")
    if said is None:
        raise BadControl("_page", "one of a link given before; a search names a type")
    return FhirAnswer(asking.page(call, said))


@router.get("/_history")
def history_of_all(call: Calling) -> Response:
    """Every version of everything, newest first."""
    return FhirAnswer(asking.history(call))


router.include_router(exporting)
router.include_router(writing)
router.post("", dependencies=[Sent])(bundle)


@router.get("/{resource_type}")
def search(resource_type: KnownType, call: Calling) -> Response:
    """Resources that fit, or another page of them."""
    said = call.one("_page")
    if said is not None:
        return FhirAnswer(asking.page(call, said))
    return FhirAnswer(asking.search(call, resource_type, call.said))


@router.post("/{resource_type}/_search")
def search_by_form(
    resource_type: KnownType, call: Calling, body: Body, request: Request
) -> Response:
    """The same with the parameters in the body, where no proxy logs them."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind not in {"application/x-www-form-urlencoded", ""}:
        raise BadValue("form", expected="application/x-www-form-urlencoded")
    try:
        said = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=1_000)
    except ValueError:
        raise BadValue("form", expected="application/x-www-form-urlencoded in UTF-8") from None
    return FhirAnswer(asking.search(call, resource_type, [*call.said, *said]))


@router.get("/{resource_type}/_history")
def history_of_type(resource_type: KnownType, call: Calling) -> Response:
    """Every version of every resource of a type, newest first."""
    return FhirAnswer(asking.history(call, resource_type=resource_type))


@router.get("/Patient/{resource_id}/$everything")
def everything(resource_id: str, call: Calling) -> Response:
    """A patient with everything about them."""
    return FhirAnswer(asking.everything(call, resource_id))


@router.get("/{resource_type}/{resource_id}")
def read(resource_type: KnownType, resource_id: str, call: Calling, request: Request) -> Response:
    """The current version of a resource."""
    call.expect("r", resource_type)
    with call.finder() as finder:
        found = read_current(finder.reader, f"{resource_type}/{resource_id}")
    if request.headers.get("if-none-match", "").strip() == etag(found.version.number):
        return FhirAnswer(None, status_code=304, headers=stamped(found))
    return shown(call, found)


@router.get("/{resource_type}/{resource_id}/_history")
def history_of_one(resource_type: KnownType, resource_id: str, call: Calling) -> Response:
    """Every version of one resource, newest first."""
    return FhirAnswer(asking.history(call, key=f"{resource_type}/{resource_id}"))


@router.get("/{resource_type}/{resource_id}/_history/{version}")
def vread(resource_type: KnownType, resource_id: str, version: str, call: Calling) -> Response:
    """One version of a resource, for ever the same."""
    call.expect("r", resource_type)
    with call.finder() as finder:
        found = read_version(finder.reader, f"{resource_type}/{resource_id}", version)
    return shown(call, found)


@router.api_route("/{rest:path}", methods=METHODS)
def nothing(rest: str) -> Response:
    """Any other address."""
    del rest
    raise NoSuchAddress


def stamped(found: Stored) -> dict[str, str]:
    """The headers that say which version an answer is."""
    at = found.version.recorded_at
    return {
        "etag": etag(found.version.number),
        "last-modified": at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
    }


def shown(call: Call, found: Stored) -> Response:
    """A resource with the headers that say which version it is."""
    del call
    return FhirAnswer(found.resource(), headers=stamped(found))
