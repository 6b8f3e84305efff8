"""Answers as JSON bytes, written once and straight from the frozen dataclasses."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import Response


class JsonAnswer(Response):
    """A JSON answer: instants end in Z, numbers that are not numbers become null."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Write dataclasses, instants and plain values as JSON."""
        return orjson.dumps(content, option=orjson.OPT_UTC_Z)
