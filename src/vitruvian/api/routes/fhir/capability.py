"""What this interface can do, as it says itself.

References
----------
HL7 FHIR R4 (4.0.1), 5.3 CapabilityStatement.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib.metadata import version

from vitruvian.api.routes.fhir.json import Json
from vitruvian.api.routes.fhir.search.declared import COMMON, Parameter, parameters, resource_types
from vitruvian.api.routes.fhir.serving.stored import instant_text
from vitruvian.api.routes.smart.known import security

SPEC = "http://hl7.org/fhir/SearchParameter"
INTERACTIONS = (
    *("read", "vread", "update", "patch", "delete", "history-instance", "history-type"),
    *("create", "search-type"),
)
SYSTEM = ("transaction", "batch", "history-system")


@cache
def resources() -> tuple[Json, ...]:
    """What is offered for each resource type."""
    return tuple(_resource(name) for name in sorted(resource_types()))


def _resource(name: str) -> Json:
    declared = parameters().get(name, {})
    found: Json = {
        "type": name,
        "interaction": [{"code": code} for code in INTERACTIONS],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": "single",
        "referencePolicy": ["literal", "logical"],
        "searchInclude": ["*", *_references(name)],
        "searchRevInclude": _referring(name),
        "searchParam": [_search_parameter(name, one) for one in {**COMMON, **declared}.values()],
    }
    if name == "Patient":
        found["operation"] = [_operation("everything", "Patient-everything")]
        found["operation"].append(_operation("export", "Patient-export"))
    if name == "Group":
        found["operation"] = [_operation("export", "Group-export")]
    return found


def _references(name: str) -> list[str]:
    """References of this type that may be followed."""
    declared = parameters().get(name, {}).values()
    return [f"{name}:{one.name}" for one in declared if one.type == "reference"]


def _referring(name: str) -> list[str]:
    """References of other types that may lead here."""
    return [
        f"{source}:{one.name}"
        for source, declared in parameters().items()
        for one in declared.values()
        if name in one.targets
    ]


def _search_parameter(resource_type: str, one: Parameter) -> Json:
    owner = "Resource" if one.name in COMMON else resource_type
    definition = f"{SPEC}/{owner}-{one.name.removeprefix('_')}"
    return {"name": one.name, "definition": definition, "type": one.type}


def _operation(name: str, definition: str) -> Json:
    return {"name": name, "definition": f"http://hl7.org/fhir/OperationDefinition/{definition}"}


def capability(base: str, *, now: datetime) -> Json:
    """The CapabilityStatement."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": instant_text(now),
        "kind": "instance",
        "software": {"name": "Vitruvian", "version": version("vitruvian")},
        "implementation": {"description": "Vitruvian FHIR R4 interface", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "patchFormat": ["application/json-patch+json"],
        "rest": [
            {
                "mode": "server",
                "security": security(base.removesuffix("/fhir")),
                "resource": list(resources()),
                "interaction": [{"code": code} for code in SYSTEM],
                "operation": [_operation("export", "export")],
            }
        ],
    }
