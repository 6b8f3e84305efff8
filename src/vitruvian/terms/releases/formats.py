"""The four formats, as their publishers describe them.

References
----------
OHDSI Athena download, OMOP CDM 5.4 vocabulary tables (CONCEPT, CONCEPT_RELATIONSHIP,
CONCEPT_ANCESTOR, VOCABULARY; tab-separated).
SNOMED International, Release File Specification (RF2), sections 4.2: concept, description and
relationship files; 116680003 is "Is a", 900000000000003001 a fully specified name.
Regenstrief Institute, LOINC Users' Guide: Loinc.csv and ComponentHierarchyBySystem.csv.
National Library of Medicine, RxNorm Technical Documentation, section 12: RXNCONSO and RXNREL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from vitruvian.terms.releases.release import CONCEPT, EDGE, BadRelease, Release, lines, table

_IS_A, _FULL_NAME, _ACTIVE = "116680003", "900000000000003001", "1"
_ATHENA_PREFIX = {
    "SNOMED": "SNOMED", "LOINC": "LOINC", "RxNorm": "RXNORM",
    "RxNorm Extension": "RXNORM-EXTENSION",
    "ICD10CM": "ICD10CM", "ICD10": "ICD10", "ICD9CM": "ICD9CM", "ICD10PCS": "ICD10PCS",
    "ATC": "ATC", "NDC": "NDC", "CVX": "CVX", "CPT4": "CPT", "HCPCS": "HCPCS", "UCUM": "UCUM",
}  # fmt: skip


def athena(folder: Path) -> Release:
    """An Athena download; its ancestors are within and across vocabularies."""
    code_of: dict[str, str] = {}
    rows: list[tuple[object, ...]] = []
    wanted = ("concept_id", "vocabulary_id", "concept_code", "concept_name", "invalid_reason")
    for number, vocabulary, code, name, invalid in lines(
        folder / "CONCEPT.csv", delimiter="\t", columns=wanted
    ):
        prefix = _ATHENA_PREFIX.get(vocabulary, vocabulary.upper().replace(" ", "-"))
        code_of[number] = f"{prefix}//{code}"
        rows.append((code_of[number], name, not invalid))
    concepts = table(rows, CONCEPT)
    return Release("athena", _athena_edition(folder), concepts, table(_kin(folder, code_of), EDGE))


def _kin(folder: Path, code_of: Mapping[str, str]) -> Iterator[tuple[object, ...]]:
    """Ancestors, or where they were not downloaded the relationships that make them."""
    ancestors, related = folder / "CONCEPT_ANCESTOR.csv", folder / "CONCEPT_RELATIONSHIP.csv"
    if ancestors.is_file():
        columns = ("ancestor_concept_id", "descendant_concept_id")
        for above, below in lines(ancestors, delimiter="\t", columns=columns):
            if above != below and above in code_of and below in code_of:
                yield code_of[above], code_of[below]
    elif related.is_file():
        names = ("concept_id_1", "concept_id_2", "relationship_id", "invalid_reason")
        for one, other, kind, invalid in lines(related, delimiter="\t", columns=names):
            if kind == "Is a" and not invalid and one in code_of and other in code_of:
                yield code_of[other], code_of[one]


def _athena_edition(folder: Path) -> str:
    """The version that Athena gives its own vocabulary: that of the whole download."""
    path = folder / "VOCABULARY.csv"
    if not path.is_file():
        return "not stated"
    columns = ("vocabulary_id", "vocabulary_version")
    found = dict(_pairs(path, columns))
    return found.get("None") or "not stated"


def snomed(folder: Path) -> Release:
    """The snapshot of a SNOMED CT release in RF2; display is the fully specified name."""
    concept, description, related = (
        _one(folder, f"sct2_{kind}_*Snapshot*.txt")
        for kind in ("Concept", "Description", "Relationship")
    )
    active = dict(_pairs(concept, ("id", "active")))
    columns = ("conceptid", "typeid", "active", "term")
    names = {
        number: term
        for number, kind, state, term in lines(description, delimiter="\t", columns=columns)
        if kind == _FULL_NAME and state == _ACTIVE
    }
    edges = (
        (f"SNOMED//{above}", f"SNOMED//{below}")
        for below, above, kind, state in lines(
            related, delimiter="\t", columns=("sourceid", "destinationid", "typeid", "active")
        )
        if kind == _IS_A and state == _ACTIVE
    )
    rows = ((f"SNOMED//{n}", names.get(n), state == _ACTIVE) for n, state in active.items())
    edition = re.search(r"_(\d{8})\.txt$", concept.name)
    told = edition[1] if edition else "not stated"
    return Release("snomed", told, table(rows, CONCEPT), table(edges, EDGE))


def _pairs(path: Path, columns: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """Two columns of a table with tabs."""
    return ((line[0], line[1]) for line in lines(path, delimiter="\t", columns=columns))


def _one(folder: Path, pattern: str) -> Path:
    found = sorted(folder.rglob(pattern))
    if not found:
        fault = f"no file {pattern} is in it"
        raise BadRelease(fault)
    return found[0]


def loinc(folder: Path) -> Release:
    """A LOINC release; the hierarchy is read where it was unpacked with it."""
    path = _one(folder, "Loinc.csv")
    wanted = ("loinc_num", "long_common_name", "status", "versionlastchanged")
    rows, editions = [], set()
    for code, name, status, changed in lines(path, delimiter=",", columns=wanted, quoted=True):
        rows.append((f"LOINC//{code}", name, status != "DEPRECATED"))
        editions.add(changed)
    edges: list[tuple[object, ...]] = []
    for tree in sorted(folder.rglob("ComponentHierarchyBySystem.csv")):
        columns = ("immediate_parent", "code")
        edges += [
            (f"LOINC//{above}", f"LOINC//{below}")
            for above, below in lines(tree, delimiter=",", columns=columns, quoted=True)
            if above
        ]
    newest = max(editions, key=_version, default="")
    return Release("loinc", newest or "not stated", table(rows, CONCEPT), table(edges, EDGE))


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


_RXCUI, _SOURCE, _TYPE, _NAME, _SUPPRESS = 0, 11, 12, 14, 16
# Further names of a concept: synonyms, tall man lettering, prescribable names, entry terms.
_FURTHER = frozenset({"SY", "TMSY", "PSN", "ET"})
_CUI_1, _CUI_2, _HOW = 0, 4, 7


def rxnorm(folder: Path) -> Release:
    """An RxNorm release: concepts of its own names, and what is a kind of what.

    In RXNREL the relation is that of the second concept to the first: RXCUI2 isa RXCUI1.
    """
    found: dict[str, tuple[bool, bool, str]] = {}
    for line in _rrf(_one(folder, "RXNCONSO.RRF"), _SUPPRESS):
        if line[_SOURCE] == "RXNORM":
            code = f"RXNORM//{line[_RXCUI]}"
            named = (line[_SUPPRESS] in ("O", "E"), line[_TYPE] in _FURTHER, line[_NAME])
            # its own name before further ones, one in use before one that is obsolete
            if code not in found or named[:2] < found[code][:2]:
                found[code] = named
    rows = [(code, name, not obsolete) for code, (obsolete, _, name) in found.items()]
    edges = (
        (f"RXNORM//{line[_CUI_1]}", f"RXNORM//{line[_CUI_2]}")
        for path in sorted(folder.rglob("RXNREL.RRF"))
        for line in _rrf(path, _HOW)
        if line[_HOW] == "isa" and line[_CUI_1] and line[_CUI_2]
    )
    return Release("rxnorm", _rxnorm_edition(folder), table(rows, CONCEPT), table(edges, EDGE))


def _rrf(path: Path, last: int) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", errors="strict", newline="\n") as stream:
        try:
            for line in stream:
                cells = line.rstrip("\r\n").split("|")
                if len(cells) <= last:
                    fault = f"{path.name} is cut short or has a line with too few columns"
                    raise BadRelease(fault)
                yield cells
        except UnicodeDecodeError:
            fault = f"{path.name} is no table of text"
            raise BadRelease(fault) from None


def _rxnorm_edition(folder: Path) -> str:
    """The date in the name of the release's own readme, which is all that tells it."""
    for path in sorted(folder.rglob("Readme_Full_*.txt")):
        found = re.search(r"_(\d{8})", path.name)
        if found:
            return found[1]
    return "not stated"
