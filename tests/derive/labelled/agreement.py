"""`python -m tests.derive.labelled.agreement`: how far readers agree, before and after adjudication.

No extractor runs: readers are compared with readers, in the kinds that were adjudicated.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import chain

from tests.derive.labelled.adjudication import KINDS, REASONS, adjudicated, counts, third
from tests.derive.labelled.forms import Item, Label, items
from tests.derive.labelled.scoring import (
    DRAWS,
    Count,
    answers,
    count,
    interval,
    kappa,
    total,
)

ONCOLOGY = KINDS - {"medicine", "allergy", "smoking", "imaging"}
# Fields that the third reader was not asked for.
_NOT_ASKED = {"route", "often", "reaction"}
READERS: dict[str, Callable[[], Iterable[Item]]] = {
    "first": lambda: items("en"),
    "second": lambda: items("en", reader="second"),
    "third": lambda: third("en"),
    "adjudicated": lambda: adjudicated("en"),
}
COMPARED = (
    ("first", "second"), ("first", "third"), ("third", "second"),
    ("adjudicated", "first"), ("adjudicated", "second"), ("adjudicated", "third"),
)  # fmt: skip


def main() -> None:
    """Print the tables of the page."""
    _say("| readers | texts | kappa | 95 % interval | right F1 | 95 % interval |")
    _say("| --- | --- | --- | --- | --- | --- |")
    for one, other in COMPARED:
        both = _both(one, other)
        told = [answers(mine, theirs) for mine, theirs in both]
        agreed = kappa([*chain.from_iterable(told)])
        right = [count(mine, theirs, strict=True) for mine, theirs in both]
        _say(
            f"| {one} and {other} | {len(both)} | {agreed:.3f} | "
            f"{_ends(_kappas(told))} | {total(right).f1:.3f} | {_ends(interval(right))} |"
        )
    _by_kind()


def _by_kind() -> None:
    differ = counts("en")
    _say(f"\n| kind | labelled | {' | '.join(REASONS)} | changed | first and third | interval | "
         "adjudicated and first | adjudicated and third |")  # fmt: skip
    _say("| --- " * 10 + "|")
    for kind in sorted(KINDS):
        _row(kind, {kind}, differ)
    _row("ten kinds of oncology", ONCOLOGY, differ)
    _row("all", KINDS, differ)


def _row(name: str, kinds: AbstractSet[str], differ: Counter[tuple[str, str, bool]]) -> None:
    of = {key: number for key, number in differ.items() if key[0] in kinds}
    why = [sum(n for (_, told, _), n in of.items() if told == reason) for reason in REASONS]
    changed = sum(n for (_, _, changed), n in of.items() if changed)
    labelled = sum(one.kind in kinds for item in adjudicated("en") for one in asked(item))
    shown = [_right(*compared, kinds) for compared in COMPARED if "second" not in compared]
    cells = [f"{total(right).f1:.3f}" for right in shown]
    cells.insert(1, _ends(interval(shown[0])))
    _say(f"| {name} | {labelled} | {' | '.join(map(str, [*why, changed, *cells]))} |")


def asked(item: Item) -> tuple[Label, ...]:
    """The labels that every reader was asked for, in the kinds that were adjudicated."""
    return tuple(
        replace(one, says={k: v for k, v in one.says.items() if k not in _NOT_ASKED})
        for one in item.labels
        if one.kind in KINDS
    )


def _both(one: str, other: str) -> list[tuple[Sequence[Label], Sequence[Label]]]:
    theirs = {item.id: asked(item) for item in READERS[other]()}
    return [(asked(item), theirs[item.id]) for item in READERS[one]() if item.id in theirs]


def _right(one: str, other: str, kinds: AbstractSet[str]) -> list[Count]:
    def of(labels: Sequence[Label]) -> list[Label]:
        return [label for label in labels if label.kind in kinds]

    told = [(of(mine), of(theirs)) for mine, theirs in _both(one, other)]
    return [count(mine, theirs, strict=True) for mine, theirs in told if mine or theirs]


def _kappas(told: Sequence[list[tuple[str, str]]]) -> tuple[float, float]:
    """95 % percentile bootstrap of kappa, over texts."""
    dice = random.Random(1)
    drawn = sorted(
        kappa([*chain.from_iterable(dice.choices(told, k=len(told)))]) for _ in range(DRAWS)
    )
    return drawn[DRAWS // 40], drawn[-DRAWS // 40 - 1]


def _ends(ends: tuple[float, float]) -> str:
    return f"{ends[0]:.3f} to {ends[1]:.3f}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
