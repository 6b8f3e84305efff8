"""Units as people read them; the web application prints by the same table.

The table is JSON and its patterns are plain, so that both read it alike.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("printed_units.json")


@cache
def _said() -> tuple[list[tuple[re.Pattern[str], str]], str]:
    table = json.loads(_TABLE.read_text("utf-8"))
    spellings = [(re.compile(found, re.ASCII), printed) for found, printed in table["spellings"]]
    return spellings, table["raised"]


@cache
def printed_unit(ucum: str | None) -> str:
    """A UCUM code as a laboratory prints it; only the spelling changes, never the number.

    Examples
    --------
    >>> [printed_unit(ucum) for ucum in ("mm[Hg]", "10*9/L", "{units}/d", "1")]
    ['mmHg', '10⁹/L', 'units a day', '']
    """
    if not ucum or ucum == "1":
        return ""
    spellings, raised = _said()
    printed = ucum
    for found, words in spellings:
        printed = found.sub(words, printed)
    digits = str.maketrans("0123456789", raised)
    return re.sub(r"\b10\*(\d+)", lambda it: "10" + it[1].translate(digits), printed).strip()


def printed_quantity(text: str) -> str:
    """A number with its unit, the unit as people read it; other words stay.

    Examples
    --------
    >>> printed_quantity("<0.20 umol/L"), printed_quantity("Allergy to penicillin")
    ('<0.20 µmol/L', 'Allergy to penicillin')
    """
    parts = re.fullmatch(r"([<>≤≥=]*\s*-?[\d.,]+)\s+(\S+)", text)
    return f"{parts[1]} {printed_unit(parts[2])}".strip() if parts else text
