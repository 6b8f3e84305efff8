"""Which services there are, and what a request to one of them must hold.

References
----------
CDS Hooks 2.0, Discovery; hooks patient-view 1.0, encounter-start 1.0, order-select 1.0,
order-sign 1.0.
"""

# ruff: noqa: TRY003 - one class of complaint, whose sentence names the fault

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from vitruvian.api.routes.cds_hooks.errors import BadHookRequest, NoSuchService

PREFETCH = {
    "patient": "Patient/{{context.patientId}}",
    "conditions": "Condition?patient={{context.patientId}}",
    "observations": "Observation?patient={{context.patientId}}&_sort=-date&_count=200",
}


@dataclass(frozen=True)
class Service:
    """One service: the hook it listens to, and whether it speaks of orders not yet signed."""

    id: str
    hook: str
    title: str
    description: str
    on_orders: bool = False
    needs: tuple[str, ...] = ("userId", "patientId")


SERVICES = {
    each.id: each
    for each in (
        Service(
            "guidelines-patient-view",
            "patient-view",
            "Guidelines for this patient",
            "What the active guidelines say of the patient whose record was opened.",
        ),
        Service(
            "guidelines-encounter-start",
            "encounter-start",
            "Guidelines at the start of an encounter",
            "What the active guidelines say of a patient whose encounter begins.",
            needs=("userId", "patientId", "encounterId"),
        ),
        Service(
            "guidelines-order-select",
            "order-select",
            "Guidelines on selected orders",
            "What the active guidelines would say if the draft orders were signed.",
            on_orders=True,
            needs=("userId", "patientId", "selections", "draftOrders"),
        ),
        Service(
            "guidelines-order-sign",
            "order-sign",
            "Guidelines on orders to be signed",
            "What the active guidelines would say if the draft orders were signed.",
            on_orders=True,
            needs=("userId", "patientId", "draftOrders"),
        ),
    )
}


class HookRequest(BaseModel):
    """The body of a call. Any: FHIR resources of the caller, looked at element by element."""

    model_config = ConfigDict(extra="ignore")

    hook: str
    hookInstance: str = Field(min_length=1)  # noqa: N815 - the specification's own name
    context: dict[str, Any]
    prefetch: dict[str, Any] | None = None


class FeedbackRequest(BaseModel):
    """What users did with cards."""

    model_config = ConfigDict(extra="ignore")

    feedback: list[dict[str, Any]] = Field(min_length=1, max_length=1000)


@dataclass(frozen=True)
class Asked:
    """A request, checked against the service it was sent to."""

    service: Service
    user: str
    patient: str
    prefetch: Mapping[str, Any]
    drafts: tuple[Mapping[str, Any], ...] = field(default=())


def service_named(service_id: str) -> Service:
    """The service of that id; raises `NoSuchService`."""
    if service_id not in SERVICES:
        raise NoSuchService
    return SERVICES[service_id]


def checked(service: Service, request: HookRequest) -> Asked:
    """What is asked; raises `BadHookRequest` where the hook's context lacks something."""
    if request.hook != service.hook:
        raise BadHookRequest("its hook is another one", expected=f"hook {service.hook!r}")
    context = request.context
    for name in service.needs:
        if not context.get(name):
            raise BadHookRequest(f"its context lacks {name}", expected=", ".join(service.needs))
    if not isinstance(context["patientId"], str) or not isinstance(context["userId"], str):
        raise BadHookRequest("an id is not a text", expected="patientId and userId as texts")
    return Asked(
        service=service,
        user=context["userId"],
        patient=context["patientId"].removeprefix("Patient/"),
        prefetch=request.prefetch or {},
        drafts=_drafts(context.get("draftOrders")) if service.on_orders else (),
    )


def _drafts(bundle: object) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(bundle, Mapping) or bundle.get("resourceType") != "Bundle":
        raise BadHookRequest("draftOrders is no Bundle", expected="a Bundle of draft orders")
    entries = bundle.get("entry") or []
    found = (entry.get("resource") for entry in entries if isinstance(entry, Mapping))
    return tuple(each for each in found if isinstance(each, Mapping))


def discovery() -> dict[str, list[dict[str, object]]]:
    """The services, as a caller discovers them."""
    return {
        "services": [
            {
                "hook": each.hook,
                "title": each.title,
                "description": each.description,
                "id": each.id,
                "prefetch": PREFETCH,
                "usageRequirements": (
                    "The caller must be declared here with its public keys. Without prefetch the "
                    "stored record answers alone."
                ),
            }
            for each in SERVICES.values()
        ]
    }
