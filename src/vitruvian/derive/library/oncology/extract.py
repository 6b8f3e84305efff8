"""Cancer stage, TNM, biomarkers and performance status.

References
----------
Brierley JD, Gospodarowicz MK, Wittekind C, eds. TNM Classification of Malignant Tumours, 8th
edition. UICC, Wiley 2017: categories, prefixes and stage groups.
Oken MM et al. Am J Clin Oncol 1982;5:649-655 (ECOG performance status, 0 to 5).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from vitruvian.derive.engine.extractor import Finding, OfTables
from vitruvian.derive.library.oncology import biomarkers, markers, staging, treatment
from vitruvian.derive.library.oncology.tumours import findings
from vitruvian.derive.library.oncology.tumours.words import words_of
from vitruvian.derive.text import Note, Terms

FOLDER = Path(__file__).parent


class Extractor(OfTables):
    """Reads the core of a tumour's abstract."""

    folder = FOLDER

    def terms(self, language: str) -> tuple[Terms, ...]:
        """Names of biomarkers, tumours, sites, treatments, and words of spread and response."""
        words = words_of(language)
        return (
            *markers.tables(language)[:1],
            treatment.words_of(language).names,
            words.histologies,
            words.sites,
            words.skin,
            words.metastases,
            words.answers,
            words.grades,
        )

    def extract(self, note: Note) -> Iterable[Finding]:
        """One finding a mention; a TNM formula gives one for each of its categories."""
        formulas = list(staging.tnm(note))
        yield from formulas
        if formulas or staging.are_told(note):
            yield from staging.stages(note, formulas)
            yield from staging.performance(note)
        yield from biomarkers.found(note)
        yield from findings.found(note)
        yield from treatment.found(note)
