"""Which subjects are one person, as the links of one state say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

LINK_COLUMNS = ("subject_id", "person_id", "linked", "recorded_at")


@dataclass(frozen=True)
class Links:
    """The person of every subject that is linked to another one."""

    person: Mapping[int, int] = field(default_factory=dict)

    @cached_property
    def members(self) -> Mapping[int, tuple[int, ...]]:
        """The subjects linked to each person; ascending."""
        found: dict[int, list[int]] = {}
        for subject, person in self.person.items():
            found.setdefault(person, []).append(subject)
        return {person: tuple(sorted(some)) for person, some in found.items()}

    def person_of(self, subject: int) -> int:
        """The person a subject is; itself when nobody linked it."""
        return self.person.get(subject, subject)

    def subjects_of(self, person: int) -> tuple[int, ...]:
        """The subjects that are this person; ascending."""
        linked = self.members.get(person, ())
        # A subject nobody linked is its own person.
        own = self.person.get(person, person) == person
        return tuple(sorted({*linked, person})) if own else linked


def links_of(rows: pa.Table) -> Links:
    """The newest link of each subject, where it links; rows with the columns `LINK_COLUMNS`."""
    columns = (rows.column(name).to_pylist() for name in LINK_COLUMNS)
    told = sorted(zip(*columns, strict=True), key=lambda row: row[3])
    latest = {subject: (person, linked) for subject, person, linked, _ in told}
    return Links({subject: person for subject, (person, linked) in latest.items() if linked})
