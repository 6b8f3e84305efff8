"""The torture patient: one record that holds every oddity FHIR R4 allows, written by hand.

Every status, act, comparator, date form, value type, way of referring, kind of attachment,
with the declared truth of what each must become on the timeline (``expected.toml``).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

FILES = ("patient.json", "history.json")


@dataclass(frozen=True, slots=True)
class Expected:
    """What one record must become: its events, each with the columns that are judged.

    `events` hold values as TOML gives them; the head of ``expected.toml`` explains the
    keys that are not columns of the timeline.
    """

    record: str
    say: str
    events: tuple[dict[str, Any], ...]


def write_torture(out: Path) -> tuple[Path, ...]:
    """Write the torture patient's two Bundles into a folder, byte for byte, and give them.

    The first is a transaction, the second the history of two observations: one corrected,
    one deleted.
    """
    out.mkdir(parents=True, exist_ok=True)
    paths = tuple(out / name for name in FILES)
    for path in paths:
        path.write_bytes(_bytes_of(path.name))
    return paths


def expected() -> dict[str, Expected]:
    """Give what each record (``Type/id``) must become.

    Examples
    --------
    >>> [event["polarity"] for event in expected()["Condition/torture-condition-refuted"].events]
    ['negated']
    """
    listed = tomllib.loads(_bytes_of("expected.toml").decode())
    return {
        record: Expected(record, row["say"], tuple(row.get("events", ())))
        for record, row in listed.items()
    }


def _bytes_of(name: str) -> bytes:
    return resources.files("vitruvian.demo.torture").joinpath(name).read_bytes()
