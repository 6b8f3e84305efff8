"""Which rows of the audit are look-ups that somebody should ask about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from vitruvian.trust.audit_flags import Around, Flag, Known, flags_of, folded

if TYPE_CHECKING:
    from vitruvian.lake.lake import Lake
    from vitruvian.lake.reader import Reader
    from vitruvian.trust import Access, AuditRow


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
        Who asks; names of patients are compared, and none is shown.
    """
    with lake.read(access) as reader, reader.over_many("audit flags"):
        persons = reader.persons()
        whose = [one_person(row, persons) for row in rows]
        known = _known(lake, reader, rows, persons)
    for row, person in zip(rows, whose, strict=True):
        yield row, flags_of(row, person, known)


def one_person(row: AuditRow, persons: Mapping[int, int]) -> int | None:
    """The only person whose rows were shown; None for nobody or for several."""
    found = {persons.get(subject, subject) for subject in row.deed.subjects}
    return found.pop() if len(found) == 1 else None


def _known(
    lake: Lake, reader: Reader, rows: Sequence[AuditRow], persons: Mapping[int, int]
) -> Known:
    families = _families(reader, persons)
    guards = defaultdict[int, set[str]](set)
    held = reader.rows("grant", columns=["subject_id", "actor"], where="kind = 'guard'")
    for row in held.to_pylist():
        guards[persons.get(row["subject_id"], row["subject_id"])].add(row["actor"])
    names = {row.access.who for row in rows}
    return Known(
        accounts={name: _around(lake, name, persons, families) for name in names},
        guards={person: frozenset(words) for person, words in guards.items()},
        families=families,
    )


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
