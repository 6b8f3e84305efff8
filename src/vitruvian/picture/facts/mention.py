"""Which event on the timeline speaks for a row that a panel of its own shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mention:
    """An event and its words."""

    event_id: str
    label: str


@dataclass(frozen=True)
class Mentions:
    """Events by the version of the record they come from, and encounters by their own id.

    A live feed tells one encounter in many messages: its card then leads to the newest event.
    """

    versions: Mapping[int, Mention]
    encounters: Mapping[int, Mention]

    def of(self, row: Mapping[str, Any]) -> Mention | None:
        """The event of an encounter, a note or a series."""
        return self.versions.get(row["version_id"])

    def of_encounter(self, row: Mapping[str, Any]) -> Mention | None:
        """The event of an encounter."""
        return self.of(row) or self.encounters.get(row["encounter_id"])


NOTHING_TOLD = Mentions({}, {})


def event_id_of(mention: Mention | None) -> str | None:
    """The id of an event, if there is one."""
    return None if mention is None else mention.event_id
