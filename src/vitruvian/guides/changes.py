"""What changes between two editions of a guideline: which patients' answers, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from vitruvian.criteria.language.predicates import Derived
from vitruvian.guides.engine.asked import AskedAt, PersonReader
from vitruvian.guides.engine.decide import Decision, decide_all
from vitruvian.guides.engine.guide import Guide, Seen

Progress = Callable[[int, int], None]


class PeopleReader(PersonReader, Protocol):
    """What a reader of the lake can do for us."""

    def person_of(self, subject_id: int) -> int:
        """The person a subject is."""


@dataclass(frozen=True)
class Said:
    """What one edition says of a patient: its answer or status, and the criteria behind."""

    answer: str
    because: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """One patient whose answer is another one in the new edition.

    `why` holds the criteria that only one of the editions asks for, or judges otherwise, among
    those that decide.
    """

    person_id: int
    old: Said
    new: Said
    why: tuple[str, ...]


@dataclass(frozen=True)
class Changes:
    """Everything that a new edition changes.

    `asked` patients hold a fact that either population names; the others are answered alike: it is
    not made for them.
    """

    old: str
    new: str
    instant: datetime
    asked: int
    found: tuple[Change, ...]


def changes(
    old: Guide,
    new: Guide,
    reader: PeopleReader,
    *,
    instant: datetime,
    progress: Progress | None = None,
) -> Changes:
    """Which patients' answers differ between two guidelines, by what was known at an instant.

    Parameters
    ----------
    old, new
        Two editions, as `guide_named` gives them; a retired one may be asked too.
    reader
        A reader of the lake, opened with `known_at=instant`.
    instant
        When the question is asked.
    progress
        Told how many patients are done, of how many.
    """
    people = people_for((old, new), reader)
    found = []
    for count, person in enumerate(people, start=1):
        pair = decide_all((old, new), AskedAt(reader, person, instant), today=_last_day(old, new))
        change = _change(person, (old, new), pair)
        found += [change] if change else []
        if progress is not None:
            progress(count, len(people))
    return Changes(old.name, new.name, instant, len(people), tuple(found))


def _last_day(old: Guide, new: Guide) -> Any:
    """A day on which both still speak: an edition past its review is compared all the same."""
    return min(old.card.review_by, new.card.review_by)


def people_for(asked_of: Sequence[Guide], reader: PeopleReader) -> list[int]:
    """The patients who hold a fact that one of the populations names; all, where one names none."""
    codes = [_codes(guide) for guide in asked_of]
    if all(codes):
        listed = ", ".join(f"'{code}'" for code in sorted(set().union(*codes)))
        where = f"WHERE code IN ({listed})"
    else:
        where = ""
    sql = f"SELECT DISTINCT subject_id FROM event {where}"  # noqa: S608 - codes of our own files
    subjects = reader.query(sql, tables=["event"])["subject_id"].to_pylist()
    return sorted({reader.person_of(one) for one in subjects})


def _codes(guide: Guide) -> set[str]:
    """The codes that the first condition of entry looks for; none where none looks for any."""
    for name in guide.population:
        asks = guide.criteria[name].asks
        if isinstance(asks, Seen):
            return _behind(asks.predicate, guide)
    return set()


def _behind(predicate: str, guide: Guide) -> set[str]:
    """The codes of a predicate, or of the parts it is joined of; none where a pattern is among."""
    found = guide.task.predicates[predicate]
    if isinstance(found, Derived):
        parts = [_behind(part, guide) for part in found.parts]
        return set().union(*parts) if all(parts) else set()
    return set() if found.codes.kind == "regex" else set(found.codes.values)


def _change(
    person: int, editions: tuple[Guide, Guide], pair: tuple[Decision, ...]
) -> Change | None:
    old, new = (_said(guide, each) for guide, each in zip(editions, pair, strict=True))
    if old.answer == new.answer:
        return None
    why = tuple(each for each in (*old.because, *new.because) if not _in_both(each, old, new))
    return Change(person, old, new, why or (*old.because, *new.because))


def _in_both(sentence: str, old: Said, new: Said) -> bool:
    return sentence in old.because and sentence in new.because


def _said(guide: Guide, decision: Decision) -> Said:
    if decision.status != "answered":
        sure = decision.status if decision.status != "unknown" else ""
        words = sure or "open: " + ", ".join(decision.possible)
        return Said(words, tuple(_told(decision, decision.because)), decision.missing)
    row = next(row for row in guide.rows if row.answer == decision.answer)
    earlier = [each for row_ in _before(guide, decision) for each in row_.criteria]
    names = row.criteria or tuple(earlier)
    return Said(str(decision.answer), tuple(_told(decision, names)), ())


def _before(guide: Guide, decision: Decision) -> Iterator[Any]:
    """The rows before the one that answered: none of them holds."""
    for row in guide.rows:
        if row.answer == decision.answer:
            return
        yield row


def _told(decision: Decision, names: Iterable[str]) -> list[str]:
    """Each criterion's sentence with its verdict, each once."""
    words = {True: "yes", False: "no", None: "unknown"}
    verdicts = decision.trace or {}
    found = (f"{verdicts[n].criterion.says}: {words[verdicts[n].holds]}" for n in names)
    return list(dict.fromkeys(found))
