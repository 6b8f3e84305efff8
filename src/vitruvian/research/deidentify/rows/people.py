"""What must be known of everybody before the first row is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from vitruvian.derive.text.terms import Terms
from vitruvian.lake import Reader
from vitruvian.research.deidentify.notes import known_terms
from vitruvian.research.deidentify.notes.found import Kind
from vitruvian.research.deidentify.replace import Person, Project

# Of each subject alone: what is born in one record may be seen last in another.
_LIVES_SQL = """
    SELECT subject_id, min(born) AS born, max(seen) AS seen FROM (
        SELECT subject_id, birth_time_min AS born, NULL AS seen FROM patient
        UNION ALL
        SELECT subject_id, CASE WHEN code = 'MEDS_BIRTH' THEN time END, time FROM event)
    GROUP BY 1"""
# HIPAA Privacy Rule, 45 CFR 164.514(b)(2)(i)(C): ages over 89, and what tells of such an age.
_OLD = timedelta(days=90 * 365.25)
_SHORTEST_KNOWN = 3


@dataclass
class People:
    """Everybody of a lake as the project knows them.

    Parameters
    ----------
    project
        Whose pseudonyms.
    person_of
        Person of each subject that is linked; the rest are their own.
    facts
        What the record says of each person: names and numbers, for the notes.
    old
        Persons with a record from an age over 89.
    """

    project: Project
    person_of: Mapping[int, int]
    facts: Mapping[int, set[tuple[str, Kind]]]
    old: frozenset[int]
    _persons: dict[int, Person] = field(default_factory=dict)
    _terms: dict[int, Terms] = field(default_factory=dict)

    def who(self, subject: int) -> int:
        """The person that a subject is."""
        return self.person_of.get(subject, subject)

    def person(self, subject: int) -> Person:
        """The secrets of that person."""
        who = self.who(subject)
        if who not in self._persons:
            self._persons[who] = self.project.person(who)
        return self._persons[who]

    def known(self, subject: int) -> Terms | None:
        """What to look for in this person's notes in any case."""
        who = self.who(subject)
        if who not in self._terms:
            self._terms[who] = known_terms(sorted(self.facts.get(who, ())))
        return self._terms[who]


def people_of(reader: Reader, project: Project) -> People:
    """Read who is there."""
    person_of = dict(reader.persons())
    rows = reader.rows("patient", columns=["subject_id", "family", "given", "identifiers"])
    facts: dict[int, set[tuple[str, Kind]]] = {}
    for row in rows.to_pylist():
        who = person_of.get(row["subject_id"], row["subject_id"])
        facts.setdefault(who, set()).update(_facts(row))
    return People(project, person_of, facts, _old(reader, person_of))


def _old(reader: Reader, person_of: Mapping[int, int]) -> frozenset[int]:
    """Persons with a record from an age over 89."""
    born: dict[int, datetime] = {}
    seen: dict[int, datetime] = {}
    for row in reader.query(_LIVES_SQL, tables=["patient", "event"]).to_pylist():
        who = person_of.get(row["subject_id"], row["subject_id"])
        if row["born"] is not None:
            born[who] = min(born.get(who, row["born"]), row["born"])
        if row["seen"] is not None:
            seen[who] = max(seen.get(who, row["seen"]), row["seen"])
    return frozenset(who for who in born.keys() & seen.keys() if seen[who] - born[who] >= _OLD)


def _facts(row: Mapping[str, Any]) -> Iterable[tuple[str, Kind]]:
    for name in (row["family"], row["given"]):
        if name:
            yield name, "patient"
            for word in name.split():
                if len(word) >= _SHORTEST_KNOWN:
                    yield word, "patient"
    for one in row["identifiers"] or ():
        if one["value"]:
            yield one["value"], "record"
