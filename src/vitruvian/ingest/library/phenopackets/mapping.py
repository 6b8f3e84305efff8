"""mapping.toml as typed words: prefixes, sexes, builds."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from vitruvian import terms
from vitruvian.ingest.engine.storing.derivation import Derivation

_FILE = Path(__file__).with_name("mapping.toml")


@cache
def said() -> Mapping[str, Any]:  # TOML values are of any type; each reader below narrows them
    """The whole file."""
    return tomllib.loads(_FILE.read_text("utf-8"))


@cache
def derivation() -> Derivation:
    """Name and version of this mapping."""
    return Derivation.of(said())


def coding(term: Mapping[str, Any]) -> dict[str, str | None]:
    """An ontology class as a coding: address of its system, code, label.

    Examples
    --------
    >>> coding({"id": "OMIM:614959", "label": "DEE 14"})
    {'system': 'http://omim.org', 'code': '614959', 'display': 'DEE 14'}
    """
    whole = str(term.get("id") or "")
    prefix, _, local = whole.partition(":")
    uri, kept = said()["prefixes"].get(prefix, (prefix if local else None, False))
    return {"system": uri, "code": whole if kept else local or whole, "display": _text(term)}


def _text(term: Mapping[str, Any]) -> str | None:
    label = term.get("label")
    return str(label) if label else None


def code_of(term: Mapping[str, Any]) -> str:
    """An ontology class as SYSTEM//code.

    Examples
    --------
    >>> code_of({"id": "HP:0001250"}), code_of({"id": "LOINC:2823-3"})
    ('HPO//HP:0001250', 'LOINC//2823-3')
    """
    found = coding(term)
    return terms.code_of(found["system"], str(found["code"]))


def build_of(assembly: object) -> str | None:
    """GRCh37 or GRCh38; None for another assembly, or none.

    Examples
    --------
    >>> build_of("hg38"), build_of("GRCh37.p13"), build_of("T2T")
    ('GRCh38', 'GRCh37', None)
    """
    word = str(assembly or "").lower().split(".")[0]
    return next((build for build, words in said()["builds"].items() if word in words), None)
