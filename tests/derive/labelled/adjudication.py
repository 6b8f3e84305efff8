"""The third reading of the English texts, and the labels that stand after adjudication.

How it was done, and the closed list of reasons, stand in docs/reference/derive/labelled-set.md.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from tests.derive.labelled.forms import SETS, Item, Label, Malformed, items, label

REASONS = ("slip of first", "slip of third", "guideline clarified")
# What the third reader labelled.
KINDS = frozenset(
    "tumour stage tnm grade biomarker metastasis performance treatment response recurrence "
    "medicine allergy smoking imaging".split()
)


@dataclass(frozen=True)
class Difference:
    """What two readers say at one place, the reason why they differ, and what stands."""

    id: str
    reason: str
    first: Label | None
    third: Label | None
    stands: Label | None

    @property
    def kind(self) -> str:
        """The kind of fact in question."""
        return next(one.kind for one in (self.first, self.third) if one)


@cache
def adjudicated(language: str, *, root: Path = SETS) -> tuple[Item, ...]:
    """Every text with the labels that stand: the first reader's, with differences settled."""
    settled: dict[str, list[Difference]] = {}
    for one in differences(language, root=root):
        settled.setdefault(one.id, []).append(one)
    return tuple(_settle(item, settled.get(item.id, [])) for item in items(language, root=root))


@cache
def differences(language: str, *, root: Path = SETS) -> tuple[Difference, ...]:
    """Every difference that was adjudicated; none where no third reader was."""
    path = root / language / "adjudicated.toml"
    said = tomllib.loads(path.read_text("utf-8"))["difference"] if path.exists() else ()
    texts = {item.id: item.text for item in items(language, root=root)}
    return tuple(_difference(entry, texts) for entry in said)


def third(language: str, *, root: Path = SETS) -> Iterator[Item]:
    """Every text with the third reader's labels."""
    path = root / language / "third" / "readings.toml"
    read = {one["id"]: one["facts"] for one in tomllib.loads(path.read_text("utf-8"))["reading"]}
    for item in items(language, root=root):
        facts = read.pop(item.id, ())
        yield replace(item, labels=tuple(label(one, item.text, where=item.id) for one in facts))
    if read:
        raise Malformed(min(read), "the third reader read a text that is not there")


def counts(language: str) -> Counter[tuple[str, str, bool]]:
    """How many differences there were: of a kind, for a reason, with the label changed."""
    return Counter((one.kind, one.reason, one.first != one.stands) for one in differences(language))


def _difference(entry: Mapping[str, Any], texts: Mapping[str, str]) -> Difference:
    where, reason = entry["id"], entry["reason"]
    if reason not in REASONS:
        raise Malformed(where, f"reason {reason!r} is none of {', '.join(REASONS)}")
    said = [
        label(entry[name], texts[where], where=where) if name in entry else None
        for name in ("first", "third", "label")
    ]
    return Difference(where, reason, *said)


def _settle(item: Item, differ: list[Difference]) -> Item:
    labels = list(item.labels)
    for one in differ:
        if one.first:
            if one.first not in labels:
                raise Malformed(item.id, f"the first reader has no such {one.kind}")
            labels.remove(one.first)
        if one.stands:
            labels.append(one.stands)
    return replace(item, labels=tuple(labels))
