"""What a new edition of concept sets changes before it goes live: whose answers, by which codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vitruvian.criteria.errors import CriteriaError
from vitruvian.criteria.language.document import read_document
from vitruvian.guides.changes import Change, PeopleReader, Progress, changes
from vitruvian.guides.engine.library import LIBRARY, guide_named, manifests
from vitruvian.guides.engine.read import (
    ConceptSets,
    lists_of,
    own_sets,
    read_criteria,
    read_guide,
)
from vitruvian.guides.errors import BadConcepts


@dataclass(frozen=True)
class SetChange:
    """One concept set: the codes that came in, and those that went."""

    name: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class ConceptChange:
    """One patient whose answer changes.

    Parameters
    ----------
    person_id
        Whom.
    old, new
        The answers, or what keeps them open.
    why
        The criteria that decide otherwise.
    codes
        The codes that came in or went and that this patient's record holds.
    """

    person_id: int
    old: str
    new: str
    why: tuple[str, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True)
class GuideChange:
    """What changes for one guideline: its sets, of how many it was asked, and for whom it does."""

    guide: str
    sets: tuple[SetChange, ...]
    asked: int
    found: tuple[ConceptChange, ...]


def read_concepts(path: Path) -> ConceptSets:
    """The concept sets of a file.

    Raises
    ------
    BadConcepts
        When it does not hold lists of codes by name.
    """
    try:
        said: object = read_document(path.read_text("utf-8")).value
    except (OSError, UnicodeDecodeError, CriteriaError):
        fault = "the file is no YAML that can be read"
        raise BadConcepts(fault) from None
    sets = said.get("concept_sets") if isinstance(said, dict) else None
    if not isinstance(sets, dict) or not sets:
        fault = "the file names none"
        raise BadConcepts(fault)
    for codes in sets.values():
        if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
            fault = "one of them is no list of codes"
            raise BadConcepts(fault)
    return {str(name): tuple(codes) for name, codes in sets.items()}


def sets_of(guide: str) -> dict[str, tuple[str, ...]]:
    """The concept sets that a guideline brings, by name."""
    folder = LIBRARY / guide
    document = read_criteria(folder)
    return own_sets(document, lists_of(folder, document))


def guides_with(sets: Iterable[str]) -> tuple[str, ...]:
    """The guidelines in use that have a concept set of one of these names."""
    wanted = set(sets)
    live = (name for name, each in manifests().items() if each.status != "retired")
    return tuple(name for name in live if wanted & sets_of(name).keys())


def concept_changes(
    guide: str,
    new: ConceptSets,
    reader: PeopleReader,
    *,
    instant: datetime,
    progress: Progress | None = None,
) -> GuideChange:
    """Which patients' answers of one guideline differ with other concept sets, and by which codes.

    Parameters
    ----------
    guide
        Its name.
    new
        The new editions, by the names of the guideline's own sets; other names are left alone.
    reader
        A reader of the lake, opened with `known_at=instant`.
    instant
        When the question is asked.
    progress
        Told how many patients are done, of how many.
    """
    own = sets_of(guide)
    known = {name: tuple(codes) for name, codes in new.items() if name in own}
    told = tuple(_set_changes(own, known))
    if not told:
        return GuideChange(guide, (), 0, ())
    edition = read_guide(LIBRARY / guide, sets=known)
    found = changes(guide_named(guide), edition, reader, instant=instant, progress=progress)
    turned = {code for each in told for code in (*each.added, *each.removed)}
    listed = tuple(_change(each, turned, reader) for each in found.found)
    return GuideChange(guide, told, found.asked, listed)


def _set_changes(
    own: Mapping[str, Sequence[str]], new: Mapping[str, Sequence[str]]
) -> Iterator[SetChange]:
    for name, codes in new.items():
        added = tuple(code for code in codes if code not in own[name])
        removed = tuple(code for code in own[name] if code not in codes)
        if added or removed:
            yield SetChange(name, added, removed)


def _change(change: Change, turned: set[str], reader: PeopleReader) -> ConceptChange:
    members = reader.subjects_of(change.person_id)
    held = reader.rows("event", subjects=members, columns=("code",))["code"].unique().to_pylist()
    return ConceptChange(
        person_id=change.person_id,
        old=change.old.answer,
        new=change.new.answer,
        why=change.why,
        codes=tuple(sorted(turned & set(held))),
    )
