"""The four formats, as their publishers describe them.

References
----------
OHDSI Athena download, OMOP CDM 5.4 vocabulary tables (CONCEPT, CONCEPT_RELATIONSHIP,
CONCEPT_ANCESTOR, VOCABULARY; tab-separated, nothing quoted).
SNOMED International, Release File Specification (RF2), section 4.2: concept, description and
relationship files; 116680003 is "Is a", 900000000000003001 a fully specified name.
Regenstrief Institute, LOINC Users' Guide: Loinc.csv, and ComponentHierarchyBySystem.csv, which was
MultiAxialHierarchy.csv up to LOINC 2.73.
National Library of Medicine, RxNorm Technical Documentation, section 12: RXNCONSO and RXNREL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.terms.releases.release import (
    CONCEPT,
    LINK,
    BadRelease,
    Numbers,
    Places,
    Release,
    bare_batches,
    batches,
    lines,
    numbers_of,
    table,
)

_IS_A, _FULL_NAME, _ACTIVE = 116680003, 900000000000003001, "1"
# As the OMOP adapter writes the codes of a vocabulary: those not named here by their own name.
_ATHENA_PREFIX = {"RxNorm": "RXNORM", "CPT4": "CPT"}


def athena(folder: Path) -> Release:
    """An Athena download; its ancestors are within and across vocabularies."""
    wanted = ("concept_id", "vocabulary_id", "concept_code", "concept_name", "invalid_reason")
    path = folder / "CONCEPT.csv"
    own: list[Numbers] = []
    found: list[pa.Table] = []
    for batch in batches(path, wanted, numbers=["concept_id"]):
        own.append(numbers_of(batch["concept_id"]))
        found.append(_concepts_of_athena(batch))
    places = Places(np.concatenate(own) if own else np.empty(0, np.int64))
    kin, files = _kin(folder, places), ("CONCEPT.csv", *_KIN, "VOCABULARY.csv")
    known = tuple(folder / name for name in files if (folder / name).is_file())
    return Release("athena", _athena_edition(folder), known, _joined(found), kin)


def _concepts_of_athena(batch: pa.Table) -> pa.Table:
    vocabularies = batch["vocabulary_id"].combine_chunks().dictionary_encode()
    told = [_ATHENA_PREFIX.get(each, each) for each in vocabularies.dictionary.to_pylist()]
    prefixes = pa.array(told, pa.string()).take(vocabularies.indices)
    codes = pc.binary_join_element_wise(prefixes, batch["concept_code"].combine_chunks(), "//")
    in_use = pc.equal(batch["invalid_reason"], "")
    return pa.table([codes, batch["concept_name"], in_use], schema=CONCEPT)


def _joined(found: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables(found) if found else CONCEPT.empty_table()


_KIN = ("CONCEPT_ANCESTOR.csv", "CONCEPT_RELATIONSHIP.csv")


def _kin(folder: Path, places: Places) -> Iterator[pa.Table]:
    """Ancestors, or where they were not downloaded the relationships that make them."""
    ancestors, related = (folder / name for name in _KIN)
    if ancestors.is_file():
        columns = ("ancestor_concept_id", "descendant_concept_id")
        for batch in batches(ancestors, columns, numbers=columns):
            yield places.links(*(numbers_of(batch[name]) for name in columns))
    elif related.is_file():
        ids = ("concept_id_2", "concept_id_1")
        named = (*ids, "relationship_id", "invalid_reason")
        for batch in batches(related, named, numbers=ids):
            kind = pc.equal(batch["relationship_id"], "Is a")
            held = batch.filter(pc.and_(kind, pc.equal(batch["invalid_reason"], "")))
            yield places.links(*(numbers_of(held[name]) for name in ids))


def _athena_edition(folder: Path) -> str:
    """The version that Athena gives its own vocabulary: that of the whole download."""
    path = folder / "VOCABULARY.csv"
    if not path.is_file():
        return "not stated"
    columns = ("vocabulary_id", "vocabulary_version")
    told = pa.concat_tables(batches(path, columns)).to_pylist()
    found = {row["vocabulary_id"]: row["vocabulary_version"] for row in told}
    return found.get("None") or "not stated"


def snomed(folder: Path) -> Release:
    """The snapshot of a SNOMED CT release in RF2; display is the fully specified name.

    A national edition may come as several packages, each with files of its own: all are read, and
    of a component that several of them hold, the one that took effect last counts.
    """
    concept, description, related = (
        _all(folder, f"sct2_{kind}_*Snapshot*.txt")
        for kind in ("Concept", "Description", "Relationship")
    )
    held = _newest(concept, ("id", "effectivetime", "active"))
    own = numbers_of(held["id"])
    places = Places(own)
    codes = pc.binary_join_element_wise("SNOMED", held["id"].cast(pa.string()), "//")
    names = pa.array(_full_names(description, places, len(own)), pa.string())
    concepts = pa.table([codes, names, pc.equal(held["active"], _ACTIVE)], schema=CONCEPT)
    dates = re.findall(r"_(\d{8})\.txt", " ".join(path.name for path in concept))
    edition = max(dates, default="not stated")
    files = (*concept, *description, *related)
    return Release("snomed", edition, files, concepts, _is_a(related, places))


def _full_names(paths: Iterable[Path], places: Places, count: int) -> list[str | None]:
    """The active fully specified name of each concept, English before another language."""
    names: list[str | None] = [None] * count
    columns = ("id", "effectivetime", "conceptid", "typeid", "active", "languagecode", "term")
    held = _newest(paths, columns, numbers=("conceptid", "typeid"), type_id=_FULL_NAME)
    held = held.filter(pc.equal(held["active"], _ACTIVE))
    english = pc.equal(held["languagecode"], "en")
    ordered = held.append_column("english", english).sort_by([("english", "ascending")])
    at = places.of(numbers_of(ordered["conceptid"])).tolist()
    for place, term in zip(at, ordered["term"].to_pylist(), strict=True):
        if place >= 0:
            names[place] = term
    return names


def _is_a(paths: Iterable[Path], places: Places) -> Iterator[pa.Table]:
    columns = ("id", "effectivetime", "destinationid", "sourceid", "typeid", "active")
    ids = ("destinationid", "sourceid")
    held = _newest(paths, columns, numbers=(*ids, "typeid"), type_id=_IS_A)
    held = held.filter(pc.equal(held["active"], _ACTIVE))
    yield places.links(*(numbers_of(held[name]) for name in ids))


def _newest(
    paths: Iterable[Path],
    columns: Sequence[str],
    *,
    numbers: Sequence[str] = (),
    type_id: int | None = None,
) -> pa.Table:
    """Components of some files, each once, as the file says it in which it took effect last."""
    parts = [
        batch if type_id is None else batch.filter(pc.equal(batch["typeid"], type_id))
        for path in paths
        for batch in batches(path, columns, numbers=("id", *numbers))
    ]
    if not parts:
        fault = "its files hold no component"
        raise BadRelease(fault)
    held = pa.concat_tables(parts).sort_by([("id", "ascending"), ("effectivetime", "ascending")])
    own = numbers_of(held["id"])
    last = np.append(own[1:] != own[:-1], True) if len(own) else np.empty(0, bool)
    return held.filter(pa.array(last))


def _all(folder: Path, pattern: str) -> tuple[Path, ...]:
    """Files of a name; those nearest to the folder first, since a release may hold a part again."""
    found = sorted(folder.rglob(pattern), key=lambda path: (len(path.parts), path))
    if not found:
        fault = f"no file {pattern} is in it"
        raise BadRelease(fault)
    return tuple(found)


def loinc(folder: Path) -> Release:
    """A LOINC release; the hierarchy, and the parts in it, where it was unpacked with it."""
    (path, *_) = _all(folder, "Loinc.csv")
    wanted = ("loinc_num", "long_common_name", "status", "versionlastchanged")
    rows: dict[str, tuple[object, ...]] = {}
    editions = set()
    for code, name, status, changed in lines(path, delimiter=",", columns=wanted):
        rows[code] = (f"LOINC//{code}", name, status != "DEPRECATED")
        editions.add(changed)
    trees = [tree for name in _TREES for tree in sorted(folder.rglob(name))][:1]
    pairs = []
    for tree in trees:
        columns = ("immediate_parent", "code", "code_text")
        for above, code, text in lines(tree, delimiter=",", columns=columns):
            rows.setdefault(code, (f"LOINC//{code}", text, True))
            pairs.append((above, code))
    at = {code: place for place, code in enumerate(rows)}
    links = ((at[above], at[code]) for above, code in pairs if above in at)
    newest = max(editions, key=_version, default="")
    concepts = table(rows.values(), CONCEPT)
    return Release(
        "loinc", newest or "not stated", (path, *trees), concepts, iter([table(links, LINK)])
    )


_TREES = ("ComponentHierarchyBySystem.csv", "MultiAxialHierarchy.csv")


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


_RXCUI, _SOURCE, _TYPE, _NAME, _SUPPRESS = "0", "11", "12", "14", "16"
# Further names of a concept: synonyms, tall man lettering, prescribable names, entry terms.
_FURTHER = ("SY", "TMSY", "PSN", "ET")
_CUI_1, _CUI_2, _HOW = "0", "4", "7"
# What makes a drug a kind of another, as OMOP's vocabularies have it too: a tablet of metformin
# is a kind of metformin, and so is one with a second ingredient, a brand or a pack of it.
_WIDER = (
    *("isa", "has_ingredient", "has_precise_ingredient", "form_of"),
    *("consists_of", "tradename_of", "contains"),
)


def rxnorm(folder: Path) -> Release:
    """An RxNorm release: concepts of its own names, and what is a kind of what.

    In RXNREL the relation is that of the second concept to the first: RXCUI2 isa RXCUI1.
    """
    (path, *_) = _all(folder, "RXNCONSO.RRF")
    columns = [int(each) for each in (_RXCUI, _SOURCE, _TYPE, _NAME, _SUPPRESS)]
    parts = [
        batch.filter(pc.equal(batch[_SOURCE], "RXNORM"))
        for batch in bare_batches(path, columns, numbers=[int(_RXCUI)])
    ]
    held = _own_names(pa.concat_tables(parts)) if parts else None
    if held is None:
        return Release("rxnorm", "not stated", (path,), CONCEPT.empty_table(), iter(()))
    places = Places(numbers_of(held[_RXCUI]))
    codes = pc.binary_join_element_wise("RXNORM", held[_RXCUI].cast(pa.string()), "//")
    concepts = pa.table([codes, held[_NAME], pc.invert(held["obsolete"])], schema=CONCEPT)
    related = tuple(each for each in [path.with_name("RXNREL.RRF")] if each.is_file())
    return Release(
        "rxnorm", _rxnorm_edition(folder), (path, *related), concepts, _wider(related, places)
    )


def _own_names(named: pa.Table) -> pa.Table:
    """One name a concept: its own before further ones, one in use before one that is obsolete."""
    obsolete = pc.is_in(named[_SUPPRESS], value_set=pa.array(["O", "E"]))
    further = pc.is_in(named[_TYPE], value_set=pa.array(_FURTHER))
    order = [(_RXCUI, "ascending"), ("obsolete", "ascending"), ("further", "ascending")]
    told = named.append_column("obsolete", obsolete).append_column("further", further)
    told = told.sort_by(order)
    own = numbers_of(told[_RXCUI])
    first = np.append(True, own[1:] != own[:-1]) if len(own) else np.empty(0, bool)
    return told.filter(pa.array(first))


def _wider(related: Iterable[Path], places: Places) -> Iterator[pa.Table]:
    columns = [int(each) for each in (_CUI_1, _CUI_2, _HOW)]
    for path in related:
        for batch in bare_batches(path, columns, numbers=columns[:2]):
            kinds = pc.is_in(batch[_HOW], value_set=pa.array(_WIDER))
            # relations between names, not concepts, have no number of a concept
            told = pc.and_(pc.is_valid(batch[_CUI_1]), pc.is_valid(batch[_CUI_2]))
            held = batch.filter(pc.and_(kinds, told))
            yield places.links(numbers_of(held[_CUI_1]), numbers_of(held[_CUI_2]))


def _rxnorm_edition(folder: Path) -> str:
    """The date in the name of the release's own readme, which is all that tells it."""
    for path in sorted(folder.rglob("Readme_Full_*.txt")):
        found = re.search(r"_(\d{8})", path.name)
        if found:
            return found[1]
    return "not stated"
