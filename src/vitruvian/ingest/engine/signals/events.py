"""Rows of the timeline that a recording gives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from vitruvian.base.ids import stable_id
from vitruvian.ingest.engine.signals.channels import ChannelWords
from vitruvian.ingest.engine.signals.minutes import MINUTE, Minute
from vitruvian.ingest.engine.signals.origin import Origin, Row

_ONE_A_MINUTE = 1.5
"""Samples a minute up to which a value stands for itself."""


class Told(Protocol):
    """A recording with its place in the lake."""

    @property
    def origin(self) -> Origin:
        """Where it came from."""
        ...

    @property
    def words(self) -> ChannelWords:
        """What its channels mean."""
        ...

    @property
    def version_id(self) -> int:
        """Of its record."""
        ...

    @property
    def lineage(self) -> Row:
        """Columns that every row has."""
        ...

    @property
    def time_as_sent(self) -> str | None:
        """The clock of its header."""
        ...

    def at(self, seconds: float) -> datetime | None:
        """A moment of the recording."""
        ...


class Shown(NamedTuple):
    """A channel: its name, its unit as sent, and its rate in samples a second."""

    name: str
    unit: str
    rate: float


def event_row(told: Told, pointer: str, what: Mapping[str, Any]) -> Row:
    """One event of a recording: ``what`` it says, at its place in the recording."""
    number, received = told.words.derivation.number, told.origin.received_at
    timed = what["time"] is not None
    flags = ["assumed-zone"] if timed and not told.origin.zone_declared else []
    flags += ["clock-corrected"] if timed and told.origin.clock_ahead_seconds else []
    return {
        **told.lineage,
        "event_id": stable_id(str(told.version_id), pointer, str(number), "0"),
        "derivation_id": number,
        "category": "signal",
        "modality": "signal",
        "act": "observed",
        "status": "preliminary" if "numeric_value" in what else "final",
        "polarity": "affirmed",
        "certainty": "certain",
        "temporality": "current",
        "experiencer": "patient",
        "time_as_sent": told.time_as_sent,
        "fact_key": stable_id(told.words.system, str(told.version_id), pointer),
        "flags": flags,
        **what,
        "known_at": min(what.get("end_time") or what["time"] or received, received),
    }


def minute_row(told: Told, place: tuple[int, int], channel: Shown, minute: Minute) -> Row:
    """A minute of a channel: the value itself of numerics, else the mean, lowest to highest."""
    number, at = place
    alone = channel.rate * MINUTE <= _ONE_A_MINUTE
    return event_row(told, f"/{number + 1}/{at}", {
        "code": told.words.code_of(channel.name, channel.unit),
        "code_text": channel.name if alone else f"{channel.name}, mean of a minute",
        "numeric_value": round(minute.mean, 6),
        "value_as_sent": f"{minute.mean:.6g}",
        "unit_as_sent": channel.unit or None,
        "unit": told.words.ucum(channel.unit) or None,
        "text_value": None if alone else f"{minute.low:.4g} to {minute.high:.4g}",
        "time": told.at(at * MINUTE),
        "end_time": None if alone else told.at((at + 1) * MINUTE),
        "method": None if alone else f"mean of {minute.count} samples",
    })  # fmt: skip
