"""Units of measure: one spelling each (UCUM), and one stored unit per analyte.

References
----------
UCUM, The Unified Code for Units of Measure, version 2.1, https://ucum.org/ucum.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_UNITS = Path(__file__).with_name("units.toml")
_MASS, _AMOUNT = "mass concentration", "amount concentration"


@dataclass(frozen=True)
class Analyte:
    """What one LOINC code is stored in, and what its substance weighs."""

    unit: str
    molar_mass_g_per_mol: float | None
    valence: int | None


@dataclass(frozen=True)
class Conversion:
    """How a number as sent becomes the number stored: ``sent * factor + offset``.

    ``flag`` is ``unit-unknown`` when the unit is no UCUM unit that we know,
    ``unit-unexpected`` when it cannot become the analyte's own unit;
    the number and the unit are then kept as sent.
    """

    unit: str | None
    factor: float = 1.0
    offset: float = 0.0
    flag: str | None = None


@cache
def _said() -> dict[str, Any]:  # TOML values are of any type; each reader below narrows them
    return tomllib.loads(_UNITS.read_text("utf-8"))


@cache
def _spellings() -> dict[str, str]:
    exact = {unit: unit for unit in (*_said()["sizes"], *_said()["spellings"])}
    for unit, others in _said()["spellings"].items():
        exact.update(dict.fromkeys(others, unit))
    return exact


@cache
def _loose_spellings() -> dict[str, str | None]:
    """Spellings without case and spaces; None where two units would become one."""
    loose: dict[str, str | None] = {}
    for spelling, unit in _spellings().items():
        key = _loosen(spelling)
        loose[key] = unit if loose.get(key, unit) == unit else None
    return loose


def _loosen(unit: str) -> str:
    return unit.casefold().replace(" ", "")


@cache
def _parser() -> Any:  # ucumvert ships no types
    from ucumvert import get_ucum_parser  # noqa: PLC0415  0.3 s, needed for rare spellings only

    return get_ucum_parser()


def is_ucum(unit: str) -> bool:
    """Whether a text is a valid UCUM code.

    Examples
    --------
    >>> is_ucum("10*6/L"), is_ucum("furlong-ish")
    (True, False)
    """
    try:
        _parser().parse(unit)
    except Exception:  # noqa: BLE001  the parser's own errors share no public base class
        return False
    return True


@cache
def spell_unit(unit: str) -> str | None:
    """The UCUM code of a unit as people write it; None when it is not known.

    Examples
    --------
    >>> spell_unit("mmHg"), spell_unit("MG/DL"), spell_unit("spoonfuls of joy")
    ('mm[Hg]', 'mg/dL', None)
    """
    plain = unit.strip()
    if found := _spellings().get(plain):
        return found
    if is_ucum(plain):
        return plain
    return _loose_spellings().get(_loosen(plain))


@cache
def _analytes() -> dict[str, Analyte]:
    return {
        f"LOINC//{code}": Analyte(entry["unit"], entry.get("molar_mass"), entry.get("valence"))
        for entry in _said()["analytes"]
        for code in entry["codes"]
    }


def analyte_of(code: str) -> Analyte | None:
    """The stored unit of an analyte (``LOINC//...``); None when none is fixed."""
    return _analytes().get(code)


def conversion(code: str, unit: str | None) -> Conversion:
    """How a number of this code and unit is stored.

    Parameters
    ----------
    code
        ``SYSTEM//code`` of what was measured.
    unit
        As sent; None when none was sent, and then nothing is assumed.

    Examples
    --------
    >>> conversion("LOINC//2345-7", "mg/dL")
    Conversion(unit='mmol/L', factor=0.0555..., offset=0.0, flag=None)
    """
    if unit is None or not unit.strip():
        return Conversion(unit=None)
    known = spell_unit(unit)
    if known is None:
        return Conversion(unit=unit, flag="unit-unknown")
    analyte = analyte_of(code)
    if analyte is None or analyte.unit == known:
        return Conversion(unit=known)
    found = _convert(known, analyte)
    return found or Conversion(unit=known, flag="unit-unexpected")


def _convert(unit: str, analyte: Analyte) -> Conversion | None:
    if (unit, analyte.unit) == ("[degF]", "Cel"):
        return Conversion(unit="Cel", factor=5 / 9, offset=-160 / 9)
    if (unit, analyte.unit) == ("K", "Cel"):
        return Conversion(unit="Cel", offset=-273.15)
    if unit == "meq/L" and analyte.valence and analyte.unit == "mmol/L":
        return Conversion(unit="mmol/L", factor=1 / analyte.valence)
    factor = _factor(unit, analyte)
    return None if factor is None else Conversion(unit=analyte.unit, factor=factor)


def _factor(unit: str, analyte: Analyte) -> float | None:
    sizes: dict[str, tuple[str, float]] = _said()["sizes"]
    if unit not in sizes or analyte.unit not in sizes:
        return None
    (from_kind, from_size), (to_kind, to_size) = sizes[unit], sizes[analyte.unit]
    if from_kind == to_kind:
        return from_size / to_size
    if (from_kind, to_kind) == (_MASS, _AMOUNT) and analyte.molar_mass_g_per_mol:
        return from_size / analyte.molar_mass_g_per_mol / to_size
    return None
