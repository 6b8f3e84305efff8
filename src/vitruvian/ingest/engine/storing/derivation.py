"""Which mapping, in which version, made an event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.engine.adapter import LoadContext
from vitruvian.ingest.engine.storing.rows import write_rows


@dataclass(frozen=True)
class Derivation:
    """A mapping by its name and its version."""

    name: str
    version: str

    @cached_property
    def number(self) -> int:
        """The id by which events name it."""
        return stable_id(self.name, self.version)

    @staticmethod
    def of(said: Mapping[str, Any]) -> Derivation:
        """As a mapping file tells it under ``[derivation]``."""
        return Derivation(said["derivation"]["name"], said["derivation"]["version"])

    def write(self, context: LoadContext) -> None:
        """Store it, unless it is known."""
        held = context.bulk.reader.history(
            "derivation",
            columns=["derivation_id"],
            where="derivation_id = ?",
            params=[self.number],
        )
        if not held.num_rows:
            write_rows(context.bulk, "derivation", [self._row(context)])

    def _row(self, context: LoadContext) -> dict[str, Any]:
        return {
            "derivation_id": self.number, "site": context.site, "source_id": "mapping",
            "known_at": datetime.fromisoformat(context.received_at), "known_at_basis": "stated",
            "name": self.name, "version": self.version, "parameters": "{}",
        }  # fmt: skip
