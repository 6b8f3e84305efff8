"""JSON of FHIR in and out; the digits of a decimal stay as they were sent.

References
----------
HL7 FHIR R4 (4.0.1), 2.24.0.1 decimal: precision has meaning and is kept.
"""

from __future__ import annotations

import json
from typing import Any

import orjson
from fastapi import Response

MEDIA_TYPE = "application/fhir+json; charset=utf-8"
NDJSON = "application/fhir+ndjson"
Json = dict[str, Any]


class NotJson(ValueError):
    """The bytes are no JSON object that could be a resource."""


def parsed(data: bytes | str) -> Any:
    """JSON with the digits of its decimals kept; raises `NotJson`."""
    try:
        return json.loads(data, parse_float=_as_sent, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise NotJson from None


def _as_sent(digits: str) -> orjson.Fragment:
    return orjson.Fragment(digits.encode())


def _no_constant(_: str) -> float:
    # NaN and Infinity are words of Python, not of JSON
    raise NotJson


def written(content: Any) -> bytes:
    """JSON bytes; raises `NotJson` for what cannot be written (half a character, too deep)."""
    try:
        return orjson.dumps(content)
    except orjson.JSONEncodeError:
        raise NotJson from None


class FhirAnswer(Response):
    """An answer in FHIR's JSON, which nobody between may keep."""

    media_type = MEDIA_TYPE

    def __init__(self, content: Any = None, status_code: int = 200, **said: Any) -> None:
        super().__init__(content, status_code, **said)
        self.headers["cache-control"] = "no-store"

    def render(self, content: Any) -> bytes:
        """Write a resource."""
        return b"" if content is None else written(content)
