"""Codes, systems and units: pure functions; big tables live in the lake."""

from vitruvian.terms.codes import (
    CodeSystem,
    code_of,
    code_systems,
    fold,
    prefix_of,
    rank_of,
    text_code,
)
from vitruvian.terms.units import Analyte, Conversion, analyte_of, conversion, is_ucum, spell_unit

__all__ = [
    "Analyte",
    "CodeSystem",
    "Conversion",
    "analyte_of",
    "code_of",
    "code_systems",
    "conversion",
    "fold",
    "is_ucum",
    "prefix_of",
    "rank_of",
    "spell_unit",
    "text_code",
]
