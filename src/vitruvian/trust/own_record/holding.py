"""Which records wait for a clinician before their patient sees them. Pure.

A genetic result is first gone through together; a record about somebody else in the family is
that person's secret as well. Both wait until a clinician releases them, version by version: a
corrected result waits again. Free text may name anybody, so letters wait too, unless the policy
of the hospital takes them off the list.

References
----------
HL7 v3 ActCode (HL7 Terminology 6.5), RefrainPolicy: NOPAT, no disclosure to patient, family or
caregivers without attending provider's authorization. HL7 v2.9 table 0074, GE: genetics.
Regulation (EU) 2016/679 (GDPR), article 15(4): a copy shall not adversely affect the rights of
others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Why = Literal["genetic", "third-party", "letter", "marked", "refers"]
Key = tuple[int, bool]  # a record version, or an event without one (true)
GENETIC_LANE = "genomics"
FAMILY_LANE = "family"
LETTERS = frozenset({"DocumentReference"})
RELATIVES = frozenset({"FamilyMemberHistory"})
# An episode is referred to by nearly everything, so it passes no hold on, and waits for nothing.
PASSES_NOTHING_ON = frozenset({"Patient", "Encounter", "EpisodeOfCare", "Consent"})


@dataclass(frozen=True)
class Holding:
    """What a hospital holds back until it is released, and who may release it.

    Parameters
    ----------
    types
        FHIR types that wait.
    labels
        Kinds of sensitive records that wait, as the policy calls them.
    security
        Codes of `meta.security` that make a record wait.
    codes
        Beginnings of codes on the timeline, or whole codes, that make their record wait.
    released_by
        Roles that may release.
    proxy_until_years
        The age at which nobody speaks for a patient any more.
    names_staff
        Whether a patient reads the names of those who looked, or their roles only.
    """

    types: frozenset[str]
    labels: frozenset[str]
    security: frozenset[str]
    codes: tuple[str, ...]
    released_by: frozenset[str]
    proxy_until_years: int
    names_staff: bool


# What holds where a policy says nothing of it.
# LOINC 2.80, by its own names: 51969-4 genetic analysis report, 51968-6 genetic analysis overall
# interpretation, 51967-8 genetic disease assessed, 81247-9 master HL7 genetic variant reporting
# panel, 69548-6 genetic variant assessment, 81252-9 discrete genetic variant, 47998-0 variant
# display name, 84413-4 genotype display name, 53037-8 genetic variation clinical significance,
# 48018-6 gene studied, 81290-9 genomic DNA change (g.HGVS), 48004-6 DNA change (c.HGVS), 48005-3
# amino acid change (p.HGVS). ICD-10-CM 2025: Z14 genetic carrier, Z15 genetic susceptibility to
# disease; the ICD-10 of the WHO has neither.
DEFAULT = Holding(
    types=frozenset({"MolecularSequence", "FamilyMemberHistory", "DocumentReference"}),
    labels=frozenset({"genetic"}),
    security=frozenset({"NOPAT"}),
    codes=(
        *("LOINC//51969-4", "LOINC//51968-6", "LOINC//51967-8", "LOINC//81247-9"),
        *("LOINC//69548-6", "LOINC//81252-9", "LOINC//47998-0", "LOINC//84413-4"),
        *("LOINC//53037-8", "LOINC//48018-6", "LOINC//81290-9", "LOINC//48004-6"),
        *("LOINC//48005-3", "ICD10CM//Z14", "ICD10CM//Z15"),
    ),
    released_by=frozenset({"clinician", "geneticist"}),
    proxy_until_years=18,
    names_staff=True,
)


@dataclass(frozen=True)
class Piece:
    """One version of a record, or one event without a record, as holding looks at it.

    Parameters
    ----------
    key
        Its number, and whether it is an event without a record.
    type
        Its FHIR type; None where only the timeline tells.
    names
        How others refer to it: Observation/17, urn:uuid:17.
    labels, security
        What is sensitive about it, as the policy and as the record say it.
    codes, lanes
        Of its events on the timeline.
    genetics
        Whether the record calls itself a genetic one.
    about_others
        Whether an event of it is about a relative.
    refers
        What it refers to.
    """

    key: Key
    type: str | None = None
    names: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    security: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    lanes: frozenset[str] = frozenset()
    genetics: bool = False
    about_others: bool = False
    refers: frozenset[str] = frozenset()


def held(
    holding: Holding, pieces: Iterable[Piece], *, released: frozenset[Key] = frozenset()
) -> dict[Key, Why]:
    """What waits, and why.

    Parameters
    ----------
    holding
        The rule of the hospital.
    pieces
        Every version of every record of one person.
    released
        What a clinician has released.

    Examples
    --------
    >>> held(DEFAULT, [Piece((1, False), "FamilyMemberHistory"), Piece((2, False), "Condition")])
    {(1, False): 'third-party'}
    """
    open_still = [piece for piece in pieces if piece.key not in released]
    found: dict[Key, Why] = {}
    for piece in open_still:
        why = _why(holding, piece)
        if why is not None:
            found[piece.key] = why
    return found | _referring(open_still, found)


def _why(holding: Holding, piece: Piece) -> Why | None:
    if piece.security & holding.security:
        return "marked"
    if _genetic(holding, piece):
        return "genetic"
    if piece.about_others or piece.type in RELATIVES & holding.types or FAMILY_LANE in piece.lanes:
        return "third-party"
    if piece.type in holding.types:
        return "letter" if piece.type in LETTERS else "marked"
    return "marked" if piece.labels & holding.labels else None


def _genetic(holding: Holding, piece: Piece) -> bool:
    if "genetic" not in holding.labels:
        return False
    coded = any(code.startswith(holding.codes) for code in piece.codes)
    said = "genetic" in piece.labels or piece.genetics or piece.type == "MolecularSequence"
    return said or coded or GENETIC_LANE in piece.lanes


def _referring(pieces: list[Piece], first: Mapping[Key, Why]) -> dict[Key, Why]:
    """What refers to something held, however far: its words often repeat the result."""
    found: dict[Key, Why] = {}
    waiting = [one for one in pieces if one.refers and one.type not in PASSES_NOTHING_ON]
    names = _names(pieces, first)
    while True:
        more = [one for one in waiting if one.refers & names and one.key not in {**first, **found}]
        if not more:
            return found
        found |= dict.fromkeys((one.key for one in more), "refers")
        names = names.union(*(one.names for one in more))


def _names(pieces: list[Piece], first: Mapping[Key, Why]) -> frozenset[str]:
    passing = (one for one in pieces if one.key in first and one.type not in PASSES_NOTHING_ON)
    return frozenset(name for one in passing for name in one.names)
