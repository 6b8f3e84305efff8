"""A sheet of three columns that tells whose data these are.

::

    open_mhealth_user,identifier_system,patient_id
    rider-17,https://ward.example/mrn,M-17

The first column is named by the format. Who is named there becomes the one person who has
that number under that system, whichever was loaded first; a name alone links nobody.
The first column may also name a file, by its ``source_id``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from vitruvian.ingest.engine.adapter import LoadContext, Source
from vitruvian.ingest.engine.whose.kept import KeptSheet
from vitruvian.ingest.engine.whose.links import Basis, holders, write_links

_NUMBERS = "SELECT subject_id, source_id, unnest(identifiers) AS i FROM patient WHERE site = ?"


@dataclass(frozen=True)
class Sheet(KeptSheet):
    """The sheet of one format: ``label`` is that of the identifiers its first column speaks of.

    ``basis`` is what its links rest on.
    """

    label: str
    basis: Basis

    @staticmethod
    def of(column: str, label: str, kind: str, basis: Basis | None = None) -> Sheet:
        """By the name of its first column; links are named after its kind unless told."""
        evidence = f"declared by the site's sheet of {column}"
        head = f"{column},identifier_system,patient_id"
        return Sheet(head, kind, label, basis or Basis(kind, "sheet", evidence))

    def declared(self, sheets: Iterable[bytes]) -> dict[str, tuple[str, str]]:
        """System and number of the patient by what the first column says, in all sheets."""
        said = (line for data in sheets for line in self.lines(data) if all(line))
        return {name: (system, number) for name, system, number in said}

    def declared_with(
        self, sheets: Sequence[tuple[Source, bytes]], context: LoadContext
    ) -> dict[str, tuple[str, str]]:
        """What the stored sheets and those at hand say together."""
        return self.declared(self.all_of(sheets, context))

    def link(self, bulk: Any, *, site: str) -> None:
        """Link every subject that is nobody's yet to the one person whom a sheet declares."""
        reader = bulk.reader
        declared = self.declared(self.stored(reader, site=site).values())
        if not declared:
            return
        rows = reader.query(_NUMBERS, tables=["patient"], params=[site]).to_pylist()
        persons = reader.persons()
        numbered = ((row["subject_id"], (row["i"]["system"], row["i"]["value"])) for row in rows)
        held = holders(numbered, persons)
        links: dict[int, int] = {}
        for row in rows:
            if row["i"]["label"] != self.label or row["subject_id"] in persons:
                continue
            whose = declared.get(row["i"]["value"]) or declared.get(row["source_id"])
            found = held.get(whose, set()) if whose else set()
            if len(found) == 1:
                links[row["subject_id"]] = next(iter(found))
        write_links(bulk, links, self.basis, site=site)
