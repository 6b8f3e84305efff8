"""Whose record: the worklist, and the search by name, identifier or birth date."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from vitruvian.picture.answers import PatientList
from vitruvian.picture.find.index import index_now
from vitruvian.picture.find.lines import lines_of
from vitruvian.picture.find.order import order_at
from vitruvian.picture.moment import Moment
from vitruvian.terms import fold

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from vitruvian.lake import Reader


@dataclass(frozen=True)
class Page:
    """Which part of a list, and when its reader last looked at a person."""

    limit: int = 50
    offset: int = 0
    last_seen: Callable[[int], datetime | None] = lambda _: None


def worklist(reader: Reader, *, moment: Moment, page: Page) -> PatientList:
    """Everybody: in-patients first, then by the latest encounter."""
    order = order_at(reader, at=moment.judged_at)
    return listed(reader, order.persons, moment=moment, page=page)


def find_patients(reader: Reader, text: str, *, moment: Moment, page: Page) -> PatientList:
    """Those of whom every word begins a name, an identifier or the birth date, in one record.

    They come in the order of the first of those records: by family name, then by given name.
    """
    words = fold(text).split()
    if not words:
        return worklist(reader, moment=moment, page=page)
    found = index_now(reader).search(words)
    return listed(reader, found, moment=moment, page=page)


def listed(
    reader: Reader, found: npt.NDArray[np.int64], *, moment: Moment, page: Page
) -> PatientList:
    """One page of the persons found."""
    persons: Sequence[int] = found[page.offset : page.offset + page.limit].tolist()
    lines = lines_of(reader, persons, at=moment.judged_at, last_seen=page.last_seen)
    return PatientList(len(found), lines)
