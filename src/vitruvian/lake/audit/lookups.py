"""Which rows of the audit are look-ups that somebody should ask about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vitruvian.trust.audit.flags import Around, Flag, Known, flags_of, folded

if TYPE_CHECKING:
    from vitruvian.lake.lake import Lake
    from vitruvian.lake.reader import Reader
    from vitruvian.trust import Access, AuditRow


@dataclass
class Lookups:
    """What is known of persons, read once, and of accounts, looked up as they come.

    Parameters
    ----------
    persons
        The person of every subject that is linked to another one.
    guards, families
        Words of the guards, and folded family names, by person.
    """

    lake: Lake
    persons: Mapping[int, int]
    guards: Mapping[int, frozenset[str]]
    families: Mapping[int, frozenset[str]]
    accounts: dict[str, Around] = field(default_factory=dict)

    def flags(self, row: AuditRow) -> tuple[Flag, ...]:
        """What one row should be asked about."""
        who = row.access.who
        if who not in self.accounts:
            self.accounts[who] = _around(self.lake, who, self.persons, self.families)
        known = Known(self.accounts, self.guards, self.families)
        return flags_of(row, one_person(row, self.persons), known)

    def persons_of(self, row: AuditRow) -> tuple[int, ...]:
        """The persons whose rows were shown, each once."""
        return tuple(dict.fromkeys(self.persons.get(one, one) for one in row.deed.subjects))


def read_lookups(lake: Lake, *, access: Access) -> Lookups:
    """What is known now of everybody.

    Parameters
    ----------
    lake
        Whose audit it is.
    access
        Who asks; names of patients are compared, and none is shown.
    """
    with lake.read(access) as reader, reader.over_many("audit flags"):
        persons = reader.persons()
        return Lookups(lake, persons, _guards(reader, persons), _families(reader, persons))


def flagged(
    lake: Lake, rows: Sequence[AuditRow], *, access: Access
) -> Iterator[tuple[AuditRow, tuple[Flag, ...]]]:
    """Each row with its flags, in the order given.

    Parameters
    ----------
    lake
        Whose audit it is.
    rows
        Rows of that audit.
    access
        Who asks.
    """
    known = read_lookups(lake, access=access)
    for row in rows:
        yield row, known.flags(row)


def one_person(row: AuditRow, persons: Mapping[int, int]) -> int | None:
    """The only person whose rows were shown; None for nobody or for several."""
    found = {persons.get(subject, subject) for subject in row.deed.subjects}
    return found.pop() if len(found) == 1 else None


def _guards(reader: Reader, persons: Mapping[int, int]) -> dict[int, frozenset[str]]:
    found = defaultdict[int, set[str]](set)
    held = reader.rows("grant", columns=["subject_id", "actor"], where="kind = 'guard'")
    for row in held.to_pylist():
        found[persons.get(row["subject_id"], row["subject_id"])].add(row["actor"])
    return {person: frozenset(words) for person, words in found.items()}


def _families(reader: Reader, persons: Mapping[int, int]) -> dict[int, frozenset[str]]:
    found = defaultdict[int, set[str]](set)
    for row in reader.rows("patient", columns=["subject_id", "family"]).to_pylist():
        if row["family"]:
            person = persons.get(row["subject_id"], row["subject_id"])
            found[person].add(folded(row["family"]))
    return {person: frozenset(names) for person, names in found.items()}


def _around(
    lake: Lake, name: str, persons: Mapping[int, int], families: Mapping[int, frozenset[str]]
) -> Around:
    """Whom an account is close to: by its ties, and by its name."""
    ties = lake.desk.ties(name)
    own = frozenset(persons.get(one, one) for one in ties.own)
    kin = frozenset(persons.get(one, one) for one in ties.proxy)
    account = lake.accounts.find(name)
    words = folded(account.display_name).split() if account is not None else []
    # "Dr Anna Núñez Ibarra": whatever stands last may be her family name, or its second half.
    said = {" ".join(words[-count:]) for count in (1, 2) if len(words) > count}
    return Around(own, kin, frozenset(said).union(*(families.get(one, ()) for one in own)))
