"""Whom a recording is about, as its header says: EDF+ has fields for it, EDF only words.

References
----------
EDF+ specification 2.1.3.3: code, sex, birth date and name, X where not known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vitruvian.ingest.library.edf.header import Header

_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
_BORN = re.compile(r"(\d\d)-([A-Z]{3})-(\d{4})")
_SEXES = {"F": "female", "M": "male"}
_UNKNOWN = "X"


@dataclass(frozen=True)
class Patient:
    """Code and what else is told; None for what is not known."""

    code: str | None
    sex: str | None = None
    birth_date: str | None = None
    name: str | None = None


def patient_of(header: Header) -> Patient:
    """The patient of a recording.

    In EDF the whole field is the code; in EDF+ it is the first of its parts.
    """
    parts = header.patient.split()
    if not header.kind.startswith("EDF+") or len(parts) < 4:  # noqa: PLR2004  the four fields
        code = header.patient
        return Patient(None if code.upper() in {"", _UNKNOWN} else code)
    told = [None if part == _UNKNOWN else part.replace("_", " ") for part in parts[:4]]
    born = _BORN.fullmatch(told[2] or "")
    day = None
    if born is not None and born[2] in _MONTHS:
        day = f"{born[3]}-{_MONTHS.index(born[2]) + 1:02d}-{born[1]}"
    return Patient(told[0], _SEXES.get(told[1] or ""), day, told[3])
