"""Derive the FHIR R4 element table from two public model packages.

Run once per FHIR release, by hand, with `fhirclient` (element cardinality) and
`fhirpathpy` (exact primitive types) importable:

    python -m vitruvian.views.elements.derive > src/vitruvian/views/elements/r4.csv

The table holds facts of the FHIR R4 (4.0.1) definitions, which HL7 places in the public
domain (CC0): which element a type has, of which types, and whether it repeats.
"""

from __future__ import annotations

import csv
import importlib
import inspect
import json
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_PRIMITIVES = {
    "Base64Binary": "base64Binary",
    "DateTime": "dateTime",
    "PositiveInt": "positiveInt",
    "UnsignedInt": "unsignedInt",
}


def model_classes() -> list[Any]:
    """Every class of `fhirclient` that declares FHIR elements."""
    package = importlib.import_module("fhirclient.models")
    base = importlib.import_module("fhirclient.models.fhirabstractbase").FHIRAbstractBase
    found: list[Any] = []
    for entry in pkgutil.iter_modules(package.__path__):
        if entry.name.endswith("_tests"):
            continue
        module = importlib.import_module(f"fhirclient.models.{entry.name}")
        found += [
            item
            for _, item in inspect.getmembers(module, inspect.isclass)
            if item.__module__ == module.__name__ and issubclass(item, base)
        ]
    return found


def own_elements(model: Any) -> list[tuple[Any, ...]]:  # Any: untyped foreign classes
    """Elements a class declares itself, without those of its parent."""
    parent = model.__mro__[1]
    inherited = set()
    if hasattr(parent, "elementProperties"):
        inherited = {row[1] for row in parent.__new__(parent).elementProperties()}
    rows: list[tuple[Any, ...]] = model.__new__(model).elementProperties()
    return [row for row in rows if row[1] not in inherited]


def primitive_type(suffix: str) -> str:
    """FHIR type named by the suffix of a choice element (`valueDateTime` -> `dateTime`)."""
    if suffix in _PRIMITIVES:
        return _PRIMITIVES[suffix]
    simple = {"Boolean", "Canonical", "Code", "Date", "Decimal", "Id", "Instant", "Integer"}
    simple |= {"Markdown", "Oid", "String", "Time", "Uri", "Url", "Uuid"}
    return suffix.lower() if suffix in simple else suffix


class ElementTable:
    """Walk of all types from their roots; a nested class gets the path it is first met at."""

    def __init__(self, exact: dict[str, str]) -> None:
        self.exact = exact
        self.names: dict[Any, str] = {}
        self.rows: list[tuple[str, str, str, str]] = []

    def add_type(self, model: Any, name: str) -> None:
        """Write the rows of one type, then of the nested types met in it."""
        self.names[model] = name
        parent = model.__mro__[1]
        base = getattr(parent, "resource_type", "")
        if base != name and not base.startswith("FHIRAbstract"):
            self.rows.append((name, "", base, ""))
        choices: dict[str, list[str]] = {}
        for _, key, kind, many, choice, _ in own_elements(model):
            if choice:
                choices.setdefault(choice, []).append(primitive_type(key[len(choice) :]))
            else:
                self.rows.append(
                    (name, key, self.type_of(f"{name}.{key}", kind), "*" if many else "1"),
                )
        self.rows += [(name, key, "|".join(kinds), "1") for key, kinds in choices.items()]

    def type_of(self, path: str, kind: Any) -> str:
        """FHIR type of a plain element; nested backbone types are named by their path."""
        resource_type = getattr(kind, "resource_type", None)
        if resource_type is None or kind.__module__.rsplit(".", 1)[1].startswith("fhir"):
            exact = self.exact.get(path, "")
            if path == "Resource.id":
                return "id"
            return "string" if exact in {"", "System.String"} else exact
        if kind.__name__ == kind.__module__.rsplit(".", 1)[1] or is_public(kind):
            return str(resource_type)
        if kind not in self.names:
            self.add_type(kind, path)
        return self.names[kind]


def is_public(model: Any) -> bool:
    """Whether a class is a type of its own, and not a backbone element of another."""
    return bool(model.__name__.lower() == model.__module__.rsplit(".", 1)[1])


def table() -> Iterator[tuple[str, str, str, str]]:
    """Rows (type, element, FHIR types joined by a bar, cardinality `1` or `*`)."""
    package = importlib.import_module("fhirpathpy")
    model = Path(str(package.__file__)).parent / "models" / "r4" / "path2Type.json"
    elements = ElementTable(json.loads(model.read_text()))
    for item in model_classes():
        if is_public(item) and item.__name__ != "FHIRAbstractBase":
            elements.add_type(item, item.resource_type)
    yield from sorted(set(elements.rows))


if __name__ == "__main__":
    csv.writer(sys.stdout, lineterminator="\n").writerows(table())
