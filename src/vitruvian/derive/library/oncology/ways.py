"""How each language joins the words of oncology: its patterns, English where it says none."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from vitruvian.derive.engine.extractor import knowledge
from vitruvian.derive.text import Pattern

FOLDER = Path(__file__).parent
ENGLISH = "en"


@cache
def way(name: str, language: str) -> re.Pattern[str]:
    """A pattern for the few words around a mention, from ``[patterns]`` of a language."""
    return re.compile(_said(name, language))


@cache
def search(name: str, language: str) -> Pattern:
    """A pattern for whole notes: answered in linear time."""
    return Pattern(_said(name, language))


def _said(name: str, language: str) -> str:
    own = knowledge(FOLDER, "terms", language).get("patterns", {})
    common = knowledge(FOLDER, "terms", ENGLISH)["patterns"]
    return str(own.get(name, common[name]))
