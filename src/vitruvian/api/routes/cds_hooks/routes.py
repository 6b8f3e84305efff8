"""CDS Hooks 2.0: discovery, the services, and feedback."""

# ruff: noqa: TRY003 - one class of complaint, whose sentence names the fault

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import Said, access_by, access_of
from vitruvian.api.problems import request_id
from vitruvian.api.routes.alerts.shelf import shelf_of
from vitruvian.api.routes.cds_hooks.answering import Asking, answer
from vitruvian.api.routes.cds_hooks.clients import Client, declared_clients, verified
from vitruvian.api.routes.cds_hooks.errors import BadHookRequest, UnknownClient
from vitruvian.api.routes.cds_hooks.memory import Feedback, memory_of
from vitruvian.api.routes.cds_hooks.services import (
    FeedbackRequest,
    HookRequest,
    checked,
    discovery,
    service_named,
)
from vitruvian.api.routes.smart.bearer import holder_of
from vitruvian.trust.smart import expect_scope

if TYPE_CHECKING:
    from vitruvian.lake import Lake
    from vitruvian.trust import Access

# Described by its standard and by discovery, not in our own description.
router = APIRouter(prefix="/cds-services", include_in_schema=False)
OUTCOMES = frozenset({"accepted", "overridden"})


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _client(request: Request) -> Client:
    """Who calls, proven by a token that is used once."""
    lake: Lake = request.app.state.lake
    now = request.app.state.clock()
    token = verified(
        request.headers.get("authorization", ""),
        clients=declared_clients(lake.path),
        audience=_base(request) + request.url.path,
        now=now,
    )
    memory = memory_of(request.app)
    memory.use_token(token.client.iss, token.jti, expires=token.expires, now=now)
    return token.client


def _caller(request: Request) -> tuple[str, Access]:
    """Who calls, and what the door is told of them: an app by its token, else a declared system."""
    lake: Lake = request.app.state.lake
    holder = holder_of(request)
    if holder is not None:
        access = access_by(lake, holder, request_id=request_id(request))
        expect_scope(access, "r", "Patient")
        return f"app:{holder.app.name}", access
    client = _client(request)
    account = lake.accounts.find(client.account)
    if account is None:
        raise UnknownClient("the account it acts for does not exist")
    said = Said("treatment", None)
    return client.iss, access_of(lake, account, said=said, request_id=request_id(request))


@router.get("")
def list_services() -> Response:
    """The services that there are."""
    return JsonAnswer(discovery())


@router.post("/{service_id}")
def call_service(service_id: str, body: HookRequest, request: Request) -> Response:
    """What the guidelines say of one patient at this moment of the workflow."""
    service = service_named(service_id)
    iss, access = _caller(request)
    lake: Lake = request.app.state.lake
    asked = checked(service, body)
    now = request.app.state.clock()
    asking = Asking(
        iss=iss,
        base=_base(request),
        site=lake.site,
        now=now,
        memory=memory_of(request.app),
        alerts=shelf_of(request.app).speaking(),
    )
    with lake.read(access, known_at=now) as reader:
        return JsonAnswer(answer(reader, asked, asking=asking))


@router.post("/{service_id}/feedback")
def take_feedback(service_id: str, body: FeedbackRequest, request: Request) -> Response:
    """Keep what users did with cards."""
    service = service_named(service_id)
    _caller(request)
    told = [_feedback(each, service=service.id) for each in body.feedback]
    known = memory_of(request.app).take(told, now=request.app.state.clock())
    return JsonAnswer({"kept": len(told), "known": known})


# Any: one entry as a caller sent it
def _feedback(said: dict[str, Any], *, service: str) -> Feedback:
    card, outcome, at = (said.get(key) for key in ("card", "outcome", "outcomeTimestamp"))
    if not isinstance(card, str) or outcome not in OUTCOMES or not isinstance(at, str):
        raise BadHookRequest(
            "an entry is not complete", expected="card, outcome and outcomeTimestamp"
        )
    override = said.get("overrideReason") or {}
    accepted = [str(each.get("id")) for each in said.get("acceptedSuggestions") or []]
    if outcome == "accepted" and not accepted:
        raise BadHookRequest(
            "an accepted card names no suggestion", expected="acceptedSuggestions with ids"
        )
    return Feedback(
        card=card,
        service=service,
        outcome=str(outcome),
        reason=str((override.get("reason") or {}).get("code") or ""),
        comment=str(override.get("userComment") or ""),
        suggestions=",".join(accepted),
        outcome_at=at,
    )
