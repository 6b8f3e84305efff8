"""Names, identifiers and birth dates of everybody, sorted, so that a beginning is found at once."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from vitruvian.lake import Reader
    from vitruvian.lake.kept.links import Links

Numbers = npt.NDArray[np.int64]
COLUMNS = ("subject_id", "family", "given", "birth_date", "search_text")
TABLES = ("patient", "person_link")
# So many changed records are looked at one by one; with more the index is made anew.
MOST_LOOSE = 1_000
Sorting = tuple[bool, str, bool, str, int]


@dataclass(frozen=True)
class Loose:
    """A record that came after the index was made."""

    sorting: Sorting
    subject: int
    person: int
    words: tuple[str, ...]

    def fits(self, words: Sequence[str]) -> bool:
        """Whether each word begins one of its words."""
        return all(any(own.startswith(word) for own in self.words) for word in words)


@dataclass(frozen=True)
class Index:
    """Patient records in the order they are listed in, and where each word stands.

    Parameters
    ----------
    rows
        (n,) `person`, `family`, `given`, sorted by name.
    subjects, persons
        (n,) of the same rows.
    words
        (m,) every word of every row, ascending.
    places
        (m,) the row in which each of those words stands.
    links
        Who is one person.
    changed
        Subjects of whom something came since: their rows do not count.
    loose
        The records they have now.
    """

    rows: pa.Table
    subjects: Numbers
    persons: Numbers
    words: pa.ChunkedArray
    places: Numbers
    links: Links
    changed: frozenset[int] = frozenset()
    loose: Mapping[int, tuple[Loose, ...]] = field(default_factory=dict)

    def search(self, words: Sequence[str]) -> Numbers:
        """(k,) the persons of whom one record holds every word as a beginning, in order."""
        found = self._rows_of(words)
        if self.changed:
            gone = np.array(sorted(self.changed), np.int64)
            found = found[~np.isin(self.subjects[found], gone)]
        persons = self.persons[found]
        extra = [one for some in self.loose.values() for one in some if one.fits(words)]
        if extra:
            extra.sort(key=lambda one: one.sorting)
            where = np.searchsorted(found, [self._place_of(one.sorting) for one in extra])
            persons = np.insert(persons, where, [one.person for one in extra])
        _, firsts = np.unique(persons, return_index=True)
        return persons[np.sort(firsts)]

    def _rows_of(self, words: Sequence[str]) -> Numbers:
        """(k,) ascending: the rows that hold every word."""
        found = None
        for word in words:
            size = len(word)
            first = bisect_left(Texts(self.words), word)
            last = bisect_right(Texts(self.words), word, lo=first, key=lambda text: text[:size])
            rows = np.unique(self.places[first:last])
            found = rows if found is None else np.intersect1d(found, rows, assume_unique=True)
        return np.arange(len(self.persons)) if found is None else found

    def _place_of(self, sorting: Sorting) -> int:
        return bisect_left(Ordered(self.rows), sorting)


class Texts(Sequence[str]):
    """A column of text as a sequence, each value made when it is looked at."""

    def __init__(self, column: Any) -> None:
        self._column = column

    def __len__(self) -> int:
        return len(self._column)

    def __getitem__(self, place: Any) -> Any:
        return self._column[place].as_py()


class Ordered(Sequence[Sorting]):
    """What the rows are sorted by."""

    def __init__(self, rows: pa.Table) -> None:
        self._columns = [rows.column(name) for name in ("family", "given", "person")]

    def __len__(self) -> int:
        return len(self._columns[0])

    def __getitem__(self, place: Any) -> Any:
        family, given, person = (column[place].as_py() for column in self._columns)
        return sorting_of(family, given, person)


def sorting_of(family: str | None, given: str | None, person: int) -> Sorting:
    """By family name, given name and id; who has no name comes last."""
    return (family is None, family or "", given is None, given or "", person)


def index_now(reader: Reader) -> Index:
    """The index of everybody as of the state that is read."""

    def make() -> Index:
        return index_of(reader.rows("patient", columns=COLUMNS), reader.links)

    def follow(kept: Index, touched: frozenset[int]) -> Index:
        changed = kept.changed | touched
        if reader.links != kept.links or len(changed) > MOST_LOOSE:
            return make()
        rows = reader.rows("patient", subjects=sorted(touched), columns=COLUMNS)
        fresh = {subject: tuple(loose_of(rows, subject, kept.links)) for subject in touched}
        same = (kept.rows, kept.subjects, kept.persons, kept.words, kept.places, kept.links)
        return Index(*same, changed=changed, loose={**kept.loose, **fresh})

    return reader.followed("patients", make=make, follow=follow, tables=TABLES)


def loose_of(rows: pa.Table, subject: int, links: Links) -> Iterator[Loose]:
    """The records of one subject."""
    for row in rows.filter(pc.equal(rows.column("subject_id"), subject)).to_pylist():
        person = links.person_of(subject)
        words = (*(row["search_text"] or "").split(" "), row["birth_date"])
        sorting = sorting_of(row["family"], row["given"], person)
        yield Loose(sorting, subject, person, tuple(word for word in words if word))


def index_of(rows: pa.Table, links: Links) -> Index:
    """The index of some patient records."""
    persons = persons_of(rows.column("subject_id"), links.person_of if links.person else None)
    rows = rows.append_column("person", pa.array(persons))
    keys = [(name, "ascending") for name in ("family", "given", "person")]
    rows = rows.take(pc.sort_indices(rows, sort_keys=keys))
    words, places = words_of(rows)
    order = pc.sort_indices(words)
    return Index(
        rows=rows.select(["person", "family", "given"]).combine_chunks(),
        subjects=np.asarray(rows.column("subject_id").to_numpy(), np.int64),
        persons=np.asarray(rows.column("person").to_numpy(), np.int64),
        words=words.take(order),
        places=np.asarray(places.take(order).to_numpy(), np.int64),
        links=links,
    )


def persons_of(subjects: pa.ChunkedArray, person_of: Callable[[int], int] | None) -> Numbers:
    """(n,) the person of each subject."""
    numbers = np.asarray(subjects.to_numpy(), np.int64)
    if person_of is None:
        return numbers
    return np.fromiter(map(person_of, numbers.tolist()), np.int64, len(numbers))


def words_of(rows: pa.Table) -> tuple[pa.Array, pa.Array]:
    """Every word of every row, with the number of the row."""
    texts = pc.split_pattern(pc.fill_null(rows.column("search_text"), ""), " ").combine_chunks()
    births = pc.fill_null(rows.column("birth_date"), "").combine_chunks()
    words = pa.concat_arrays([pc.list_flatten(texts), births])
    numbers = pa.array(np.arange(rows.num_rows))
    places = pa.concat_arrays([pc.list_parent_indices(texts).cast(pa.int64()), numbers])
    some = pc.not_equal(words, "")
    return words.filter(some), places.filter(some)
