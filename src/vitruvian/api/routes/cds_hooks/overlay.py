"""A reader of the lake on which the facts of a request lie as a second layer; none is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa

from vitruvian.api.routes.cds_hooks.told import Event

if TYPE_CHECKING:
    from vitruvian.lake import Reader

# Any: pyarrow ships no types.
Arrow: TypeAlias = Any


@dataclass(frozen=True)
class Overlay:
    """One person's record with more facts; `subjects` are all that the lake knows of them."""

    reader: Reader
    subjects: tuple[int, ...]
    events: Sequence[Event]

    def subjects_of(self, person_id: int) -> list[int]:
        """The subjects of the person asked about."""
        del person_id
        return list(self.subjects)

    def rows(self, table: str, *, subjects: Sequence[int], columns: Sequence[str]) -> Arrow:
        """The rows of some subjects, with those of the request."""
        found = self.reader.rows(table, subjects=subjects, columns=columns)
        if table != "event" or not self.events:
            return found
        more = [{name: event.get(name) for name in columns} for event in self.events]
        plain = pa.schema([(field.name, _plain(field.type)) for field in found.schema])
        return pa.concat_tables([found.cast(plain), pa.Table.from_pylist(more, schema=plain)])

    def query(
        self, sql: str, *, tables: Sequence[str], subjects: Sequence[int] | None = None
    ) -> Arrow:
        """SQL sees the lake alone; every guideline of the library does without it (tested)."""
        return self.reader.query(sql, tables=tables, subjects=subjects)


def _plain(kind: Arrow) -> Arrow:
    return kind.value_type if pa.types.is_dictionary(kind) else kind
