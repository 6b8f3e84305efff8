"""`python -m tests.derive.labelled [en nb fr zh] [--work] [--errors]`: figures of both halves.

`--work` leaves the test half alone; errors are shown of the half to work with only.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence

from tests.derive.labelled.adjudication import adjudicated
from tests.derive.labelled.forms import KINDS, LANGUAGES, Item, items
from tests.derive.labelled.ours import labels
from tests.derive.labelled.scoring import Count, answers, count, differing, interval, kappa, pairs
from tests.derive.labelled.scoring import total as summed


def main(asked: Sequence[str]) -> None:
    """Print what was asked for."""
    for language in [name for name in asked if name in LANGUAGES] or LANGUAGES:
        every = adjudicated(language)
        if every:
            say(f"{language}: {len(every)} texts, {sum(len(i.labels) for i in every)} facts")
            agreement(language)
            for name, is_test in (("work", False), ("test", True))[: 1 if "--work" in asked else 2]:
                figures(name, [item for item in every if item.is_test == is_test])
            if "--errors" in asked:
                errors([item for item in every if not item.is_test])


def agreement(language: str) -> None:
    """Kappa of the first two readers, before adjudication."""
    by_id = {item.id: item for item in items(language)}
    second = items(language, reader="second")
    told = [pair for item in second for pair in answers(by_id[item.id].labels, item.labels)]
    if told:
        say(f"  kappa {kappa(told):.3f} on {len(second)} texts read twice")


def figures(name: str, half: Sequence[Item]) -> None:
    """A line a kind: found, and found with everything right."""
    for kind, (found, right) in sorted(by_kind(half).items()):
        all_found, all_right = summed(found), summed(right)
        low, high = interval(right)
        say(
            f"  {name} {kind:<12} found F1 {all_found.f1:.3f}   right P {all_right.precision:.3f} "
            f"R {all_right.recall:.3f} F1 {all_right.f1:.3f} ({low:.3f} to {high:.3f}), "
            f"{all_found.both + all_found.theirs} labelled"
        )


def by_kind(half: Sequence[Item]) -> dict[str, tuple[list[Count], list[Count]]]:
    """What was counted in each text, for each kind that a reader or we saw."""
    told: dict[str, tuple[list[Count], list[Count]]] = defaultdict(lambda: ([], []))
    for item in half:
        ours = labels(item.text, item.language, item.day)
        for kind in KINDS:
            gold = [one for one in item.labels if one.kind == kind]
            mine = [one for one in ours if one.kind == kind]
            if gold or mine:
                told[kind][0].append(count(gold, mine, strict=False))
                told[kind][1].append(count(gold, mine, strict=True))
    return told


def errors(half: Sequence[Item]) -> None:
    """Every fact missed, invented or read differently."""
    for item in half:
        for gold, mine in pairs(item.labels, labels(item.text, item.language, item.day)):
            seen = gold or mine
            if seen is None:
                continue
            words = item.text[seen.start : seen.end]
            if gold is None or mine is None:
                fault = "missed" if mine is None else "invented"
                say(f"  {item.id} {fault}: {seen.kind} {words!r} {dict(seen.says)}")
            elif differs := differing(gold, mine):
                say(f"  {item.id} {', '.join(differs)}: {seen.kind} {words!r} "
                      f"{dict(gold.says)} / {dict(mine.says)}")  # fmt: skip


def say(line: str) -> None:
    """A line on the terminal."""
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
