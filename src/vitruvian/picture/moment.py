"""The moment of knowledge that a picture shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Moment:
    """What was known (`known_at`) or stored (`recorded_at`) then; `now` where neither is asked."""

    now: datetime
    known_at: datetime | None = None
    recorded_at: datetime | None = None

    @property
    def judged_at(self) -> datetime:
        """The instant at which ages, stays and courses of treatment are judged."""
        asked = [instant for instant in (self.known_at, self.recorded_at) if instant is not None]
        return min([*asked, self.now])
