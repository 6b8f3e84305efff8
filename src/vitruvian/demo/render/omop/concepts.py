"""Concept numbers of the demo hospital's own: no licensed vocabulary is needed to write them.

Local concepts begin at two thousand million, as the model has it; a number is made of the
code's own words, so it is the same in every extract.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitruvian.demo.life import Concept

FIRST, _ROOM = 2_000_000_000, 147_000_000
NO_MATCH = 0
VOCABULARIES = {
    "http://loinc.org": "LOINC",
    "http://snomed.info/sct": "SNOMED",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://www.whocc.no/atc": "ATC",
    "http://hl7.org/fhir/sid/icd-10": "ICD10",
    "http://human-phenotype-ontology.org": "HPO",
}
COLUMNS = (
    "concept_id", "concept_name", "domain_id", "vocabulary_id", "concept_class_id",
    "standard_concept", "concept_code", "valid_start_date", "valid_end_date", "invalid_reason",
)  # fmt: skip


@dataclass
class Concepts:
    """The concepts an extract has used so far."""

    rows: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def number(self, concept: Concept | None, *, domain: str) -> int:
        """Give the number of a concept's first coding in a vocabulary; 0 when it has none."""
        known = (
            each for each in (concept.codings if concept else ()) if each.system in VOCABULARIES
        )
        coding = next(known, None)
        if coding is None:
            return NO_MATCH
        vocabulary = VOCABULARIES[coding.system]
        number = concept_number(vocabulary, coding.code)
        self.rows.setdefault(
            number,
            (str(number), coding.display, domain, vocabulary, "Undefined", "S", coding.code,
             "19700101", "20991231", ""),
        )  # fmt: skip
        return number

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        """Give the rows of the table CONCEPT."""
        return iter(self.rows.values())


def concept_number(vocabulary: str, code: str) -> int:
    """Give the local number of a code.

    Examples
    --------
    >>> concept_number("LOINC", "2823-3") == concept_number("LOINC", "2823-3") >= 2_000_000_000
    True
    """
    digest = hashlib.md5(f"{vocabulary}//{code}".encode(), usedforsecurity=False).digest()
    return FIRST + int.from_bytes(digest[:8], "big") % _ROOM
