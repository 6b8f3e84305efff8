"""Short ways to run a view in a test."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from vitruvian.views import parse_view, run_view

Document = Mapping[str, Any]


def rows(view: Document, *resources: Document) -> list[dict[str, Any]]:
    """Rows of a view over resources."""
    lines = [json.dumps(resource) for resource in resources]
    return list(run_view(parse_view(view), lines).to_pylist())


def column(name: str, path: str, **more: Any) -> dict[str, Any]:
    """A column of a view."""
    return {"name": name, "path": path, **more}


def view_of(resource: str, *selects: Document, **more: Any) -> dict[str, Any]:
    """A view of a resource type."""
    return {"resource": resource, "select": list(selects), **more}


def evaluate(path: str, resource: Document, **more: Any) -> Any:
    """Value of one path in a view of one column over one resource."""
    view = view_of(str(resource["resourceType"]), {"column": [column("x", path, **more)]})
    return rows(view, resource)[0]["x"]


def unordered(found: Sequence[Document]) -> list[str]:
    """Rows for a comparison that leaves their order aside."""
    return sorted(json.dumps(row, sort_keys=True, default=str) for row in found)
