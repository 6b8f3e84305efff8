"""Organization, Practitioner and Location: the hospital itself, written once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitruvian.demo.catalogue import hospital

if TYPE_CHECKING:
    from collections.abc import Iterator


def house() -> Iterator[dict[str, Any]]:
    """Write the hospital's organisations, wards and practitioners."""
    demo = hospital()
    for key, name in demo.organizations.items():
        yield _organization(key, name)
    for key, name in demo.wards.items():
        yield {
            "resourceType": "Location",
            "id": key,
            "identifier": [{"system": f"{demo.local_system}/ward", "value": key}],
            "status": "active",
            "name": name,
            "mode": "instance",
            "managingOrganization": {"reference": "Organization/hospital"},
        }
    for key, (family, given, subject) in demo.practitioners.items():
        yield {
            "resourceType": "Practitioner",
            "id": key,
            "identifier": [{"system": f"{demo.local_system}/staff", "value": key}],
            "active": True,
            "name": [{"family": family, "given": [given], "prefix": ["Dr"]}],
            "qualification": [{"code": {"text": subject}}],
        }


def _organization(key: str, name: str) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "resourceType": "Organization",
        "id": key,
        "active": True,
        "name": name,
    }
    if key != "hospital":
        resource["partOf"] = {"reference": "Organization/hospital"}
    return resource
