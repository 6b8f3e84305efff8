"""What callers did to one resource at once, and whether any single order explains it.

A resource is a register whose writes are numbered. The numbers give the order; it must agree with
what every caller was told, and with real time: what had returned before something else began lies
before it.

References
----------
Herlihy and Wing, "Linearizability: A Correctness Condition for Concurrent Objects", ACM TOPLAS
12(3), 1990, 463-492. https://doi.org/10.1145/78969.78972
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["write", "delete", "read"]
GONE = None
NOTHING_YET = 0


@dataclass(frozen=True)
class Deed:
    """One thing a caller did.

    Parameters
    ----------
    kind
        What it was.
    began, ended
        When it was sent and when its answer came; infinity when none came.
    value
        What was written, or what a read showed; None for a resource that is not there.
    number
        The version the answer named; None when it named none.
    expected
        The version a write insisted on; None for any.
    refused
        Whether the write was refused because another version held.
    """

    kind: Kind
    began: float
    ended: float = math.inf
    value: str | None = None
    number: int | None = None
    expected: int | None = None
    refused: bool = False

    @property
    def answered(self) -> bool:
        """Whether the caller knows what became of it."""
        return self.ended < math.inf


def faults(deeds: Sequence[Deed], versions: Mapping[int, str | None]) -> Iterator[str]:
    """What no single order explains; nothing when one does.

    Parameters
    ----------
    deeds
        Everything that was done to one resource; no two writes wrote the same.
    versions
        In the end, what each version holds by its number; None for a deletion.
    """
    if sorted(versions) != list(range(1, len(versions) + 1)):
        yield f"versions are not dense: {sorted(versions)}"
        return
    values = [value for value in versions.values() if value is not GONE]
    if len(values) != len(set(values)):
        yield "something was written twice"
    sent = {deed.value for deed in deeds if deed.kind == "write" and not deed.refused}
    if not set(values) <= sent:
        yield "something is stored that nobody wrote, or that was refused"
    deletes = sum(deed.kind == "delete" for deed in deeds)
    if len(versions) - len(values) > deletes:
        yield "there are more deletions than anybody asked for"
    placed = _placed(deeds, versions)
    for deed in placed:
        if deed.answered:
            yield from _faults_of(deed, placed, versions)


def _placed(deeds: Sequence[Deed], versions: Mapping[int, str | None]) -> list[Deed]:
    """The same, with the numbers of writes whose answers never came."""
    numbers = {value: number for number, value in versions.items() if value is not GONE}
    found = []
    for deed in deeds:
        lost = deed.kind == "write" and not deed.answered
        number = numbers.get(deed.value or "") if lost else deed.number
        found.append(Deed(**{**deed.__dict__, "number": number}))
    return found


def _faults_of(
    deed: Deed, deeds: Sequence[Deed], versions: Mapping[int, str | None]
) -> Iterator[str]:
    """What is wrong with one answer."""
    least = max(
        (one.number for one in deeds if one.number is not None and one.ended < deed.began),
        default=NOTHING_YET,
    )
    most = min(
        (
            one.number - 1
            for one in deeds
            if one.kind == "write" and one.number is not None and one.began > deed.ended
        ),
        default=len(versions),
    )
    # The versions that may have held while this one was under way.
    held = range(least, most + 1)
    if deed.kind == "write" and not deed.refused:
        yield from _faults_of_write(deed, held, versions)
    elif deed.refused:
        if all(number == deed.expected for number in held):
            yield f"a write that expected version {deed.expected} was refused, and only that held"
    elif deed.number is not None:
        if deed.number not in held or versions.get(deed.number) != deed.value:
            yield f"a {deed.kind} told of version {deed.number}, and none of {held} was that"
    elif not any(versions.get(number) is GONE for number in held):
        yield f"a {deed.kind} found nothing, or left nothing, and something held throughout {held}"


def _faults_of_write(deed: Deed, held: range, versions: Mapping[int, str | None]) -> Iterator[str]:
    number = deed.number
    if number is None or versions.get(number) != deed.value:
        yield f"an acknowledged write is lost: version {number}"
        return
    if number <= held.start or number not in held:
        yield f"version {number} was written, where only one after {held} can be"
    if deed.expected is not None and number != deed.expected + 1:
        yield f"version {number} took the place of another version than {deed.expected}"
