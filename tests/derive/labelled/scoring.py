"""How far two readings agree: precision, recall, F1 with intervals, and Cohen's kappa.

References
----------
Hripcsak G, Rothschild AS. Agreement, the F-measure, and reliability in information retrieval.
J Am Med Inform Assoc 2005;12:296-298, doi:10.1197/jamia.M1733.
Cohen J. A coefficient of agreement for nominal scales. Educ Psychol Meas 1960;20:37-46,
doi:10.1177/001316446002000104.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from tests.derive.labelled.forms import AFFIRMED, KINDS, OPTIONAL, Label
from vitruvian.derive.engine.extractor import knowledge, lines_of
from vitruvian.derive.library import allergies, medicines

DRAWS = 1_000


class Count(NamedTuple):
    """Facts that both have, only ours, only the reader's."""

    both: int = 0
    ours: int = 0
    theirs: int = 0

    @property
    def precision(self) -> float:
        return self.both / max(1, self.both + self.ours)

    @property
    def recall(self) -> float:
        return self.both / max(1, self.both + self.theirs)

    @property
    def f1(self) -> float:
        return 2 * self.both / max(1, 2 * self.both + self.ours + self.theirs)


def total(counts: Iterable[Count]) -> Count:
    """The sum."""
    return Count(*(sum(column) for column in zip(*counts, strict=True)))


def pairs(
    theirs: Sequence[Label], ours: Sequence[Label]
) -> list[tuple[Label | None, Label | None]]:
    """Each fact of one with the fact of the other at the same place and of the same kind, if any.

    Among several the one that says the same goes first, then the one that overlaps most.
    """
    left = list(ours)
    matched: list[tuple[Label | None, Label | None]] = []
    near = sorted(
        ((same(t, o), overlap(t, o), -i, -j)
         for i, t in enumerate(theirs) for j, o in enumerate(ours)
         if t.kind == o.kind and overlap(t, o) > 0),
        reverse=True,
    )  # fmt: skip
    used: set[int] = set()
    for _, _, i, j in near:
        if -i not in used and ours[-j] in left:
            used.add(-i)
            left.remove(ours[-j])
            matched.append((theirs[-i], ours[-j]))
    matched += [(label, None) for i, label in enumerate(theirs) if i not in used]
    return matched + [(None, label) for label in left]


def overlap(one: Label, other: Label) -> int:
    """How many characters two facts share."""
    return min(one.end, other.end) - max(one.start, other.start)


def same(theirs: Label, ours: Label) -> bool:
    """Whether our fact says what the reader's says."""
    return not differing(theirs, ours)


def differing(theirs: Label, ours: Label) -> list[str]:
    """The fields in which they differ; an optional one counts only where the reader gave it."""
    return [
        name
        for name in KINDS[theirs.kind]
        if (name in theirs.says or name not in OPTIONAL | {"relation"})
        and not _agree(theirs.kind, name, _said(theirs, name), _said(ours, name))
    ]


# What the guidelines leave open: for a gene, "negative" and "wild-type" are one answer.
_ONE_ANSWER = ({"negative", "wild-type"}, {"positive", "mutated"})


def _agree(kind: str, name: str, one: Any, other: Any) -> bool:
    """Whether two readings of a field are one, however they are written."""
    if kind == "biomarker" and name == "status" and {one, other} in _ONE_ANSWER:
        return True
    if kind == "tnm" and "N" in {str(one)[:1], str(other)[:1]}:
        # An N without a prefix of its own has that of its T.
        return _equal(name, *(str(each).lstrip("acpry") for each in (one, other)))
    if kind == "imaging" and name == "finding":
        # The guidelines name findings by their head: a pleural effusion is an effusion.
        return _plain(str(other)).endswith(_plain(str(one)))
    by_entry = _BY_ENTRY.get((kind, name))
    return _equal(name, one, other) if by_entry is None else by_entry(one) == by_entry(other)


def _filed(name: Any) -> str:
    """A medicine by the name of its entry: aspirin is acetylsalicylic acid."""
    return _entries().get(_letters(str(name)), str(name))


def _course(name: Any) -> frozenset[str]:
    """The medicines of a course, however they are joined."""
    return frozenset(_filed(each) for each in re.split(r"/|, | and ", str(name)) if each)


def _substance(name: Any) -> str:
    """A substance by the name of its entry: eggs are egg, PCN is penicillin."""
    return _substances().get(_letters(str(name)), _filed(name))


# Fields that are compared by their entry in our tables, whatever words a reader chose.
_BY_ENTRY: Mapping[tuple[str, str], Callable[[Any], object]] = {
    ("treatment", "name"): _course,
    ("medicine", "name"): lambda said: _plain(_filed(said)),
    ("allergy", "substance"): lambda said: said and _plain(_substance(said)),
}


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


@cache
def _substances() -> Mapping[str, str]:
    table = knowledge(Path(allergies.__file__).parent, "terms", "en")["substances"]
    cells = [(name, others) for _, name, others in lines_of(table)]
    return {_letters(o): name for name, others in cells for o in (name, *others.split(",")) if o}


@cache
def _entries() -> Mapping[str, str]:
    table = knowledge(Path(medicines.__file__).parent, "terms", "en")["medicines"]
    cells = [(name, others) for _, _, name, others in lines_of(table)]
    return {_letters(o): name for name, others in cells for o in (name, *others.split(",")) if o}


def _said(label: Label, name: str) -> Any:
    return label.says.get(name, AFFIRMED.get(name))


def _equal(name: str, one: Any, other: Any) -> bool:
    if name == "code" and one and other:
        ours, theirs = _category(other), _category(one)
        return ours == theirs or _IN_CM.get(ours) == theirs
    if name in {"route", "often"}:
        # Ours stand in one text with the dose.
        return _plain(str(one)) in _plain(str(other))
    if isinstance(one, str) and isinstance(other, str):
        return _plain(one) == _plain(other)
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= 0.005 * abs(one)
    return bool(one == other)


# Where ICD-10-CM files the same disease in another category than ICD-10 (WHO): diabetes of no told
# type, HIV disease, deep vein thrombosis, septic shock.
_IN_CM = {"E14": "E11", "B24": "B20", "I80": "I82", "R57": "R65"}


def _category(code: str) -> str:
    """ICD-10 codes are compared by their category: E11.9 is E11."""
    return code.removeprefix("ICD10//").split(".")[0]


def _plain(text: str) -> str:
    return "".join(text.lower().split()).rstrip(".")


def count(theirs: Sequence[Label], ours: Sequence[Label], *, strict: bool) -> Count:
    """How many facts both have; ``strict``: and say the same of them."""
    told = Counter[str]()
    for gold, found in pairs(theirs, ours):
        if gold and found and (not strict or same(gold, found)):
            told["both"] += 1
            continue
        told["ours"] += found is not None
        told["theirs"] += gold is not None
    return Count(told["both"], told["ours"], told["theirs"])


def interval(counts: Sequence[Count]) -> tuple[float, float]:
    """95 % percentile bootstrap of F1, over sentences and notes."""
    dice = random.Random(1)
    drawn = sorted(total(dice.choices(counts, k=len(counts))).f1 for _ in range(DRAWS))
    return drawn[DRAWS // 40], drawn[-DRAWS // 40 - 1]


def kappa(answers: Sequence[tuple[str, str]]) -> float:
    """Cohen's kappa of two readers' answers; 1 where both only ever give one and the same.

    Examples
    --------
    >>> round(kappa([("a", "a")] * 20 + [("a", "b")] * 5 + [("b", "a")] * 10 + [("b", "b")] * 15), 2)
    0.4
    """
    number = len(answers)
    agreed = sum(one == other for one, other in answers) / number
    first, second = (Counter(side) for side in zip(*answers, strict=True))
    chance = sum(first[answer] * second[answer] for answer in first) / number**2
    return 1.0 if chance == 1 else (agreed - chance) / (1 - chance)


def answers(one: Sequence[Label], other: Sequence[Label]) -> list[tuple[str, str]]:
    """Two readers' labels of one text as answers to "what stands here", for kappa."""

    def told(label: Label | None) -> str:
        says: Mapping[str, Any] = AFFIRMED if label is None else {**AFFIRMED, **label.says}
        return "-" if label is None else " ".join([label.kind, *(str(says[n]) for n in AFFIRMED)])

    return [(told(a), told(b)) for a, b in pairs(one, other)]
