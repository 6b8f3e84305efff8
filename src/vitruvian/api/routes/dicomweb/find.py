"""Where studies and instances stand in the lake.

The DICOM adapter keeps a record of each study (``DICOM/Study``, JSON) and each instance
(``DICOM/Instance``, its header in the DICOM JSON model), found by keys made of their UIDs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitruvian.api.deps import NoSuchRecord
from vitruvian.base.ids import stable_id

if TYPE_CHECKING:
    from vitruvian.lake import Reader

_AMONG = "resource_type = ? AND version_id IN (SELECT unnest(?::BIGINT[]))"
_WHOLE = ("subject_id", "content_hash", "bytes", "version_id")
_UIDS = {"Study": "0020000D", "Series": "0020000E", "Instance": "00080018"}


@dataclass(frozen=True)
class Target:
    """What a request names: a study, one of its series, one instance of that."""

    study: str
    series: str | None = None
    instance: str | None = None

    @property
    def kind(self) -> str:
        """The level that is named."""
        return "Instance" if self.instance else "Series" if self.series else "Study"

    @property
    def uid(self) -> str:
        """The UID of that level."""
        return self.instance or self.series or self.study


@dataclass(frozen=True)
class Found:
    """One instance: its header, and the address of its file."""

    header: dict[str, Any]
    sha256: str

    def uid(self, kind: str) -> str:
        """Its study, series or instance UID."""
        return str(self.header[_UIDS[kind]]["Value"][0])


def instances(reader: Reader, target: Target, *, of: Sequence[int] | None = None) -> list[Found]:
    """The instances that a request names, by series and instance number.

    Parameters
    ----------
    reader, target
        Where to look, and what is named.
    of
        Only what belongs to these subjects; None for anybody's.

    Raises
    ------
    NoSuchRecord
        When there is none, or none at the moment asked about.
    """
    keyed = _keyed(reader, f"DICOM/{target.kind}/{target.uid}", "DICOM/Instance")
    if of is not None:
        keyed = [row for row in keyed if row["subject_id"] in of]
    rows = _records(reader, keyed, "DICOM/Instance")
    found = [Found(json.loads(row["bytes"]), row["content_hash"]) for row in rows]
    inside = [each for each in found if _is_inside(each, target)]
    if not inside:
        raise NoSuchRecord("image")
    return sorted(inside, key=_place)


def _is_inside(found: Found, target: Target) -> bool:
    wanted = {"Study": target.study, "Series": target.series, "Instance": target.instance}
    return all(uid is None or found.uid(kind) == uid for kind, uid in wanted.items())


def _place(found: Found) -> tuple[float, str, float, str]:
    numbers = [_number(found.header, tag) for tag in ("00200011", "00200013")]
    return numbers[0], found.uid("Series"), numbers[1], found.uid("Instance")


def _number(header: Mapping[str, Any], tag: str) -> float:
    try:
        return float(header[tag]["Value"][0])
    except (KeyError, IndexError, TypeError, ValueError):
        return float("inf")


def _keyed(reader: Reader, key: str, kind: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = reader.rows(
        "resource_key",
        columns=["subject_id", "version_id"],
        where="key_id = ? AND resource_type = ?",
        params=[stable_id(key), kind],
    ).to_pylist()
    return rows


def _records(
    reader: Reader, keyed: Sequence[Mapping[str, Any]], kind: str, columns: Sequence[str] = _WHOLE
) -> list[dict[str, Any]]:
    subjects = {row["subject_id"] for row in keyed}
    rows: list[dict[str, Any]] = reader.rows(
        "resource",
        subjects=None if None in subjects else sorted(subjects),
        columns=columns,
        where=_AMONG,
        params=[kind, [row["version_id"] for row in keyed]],
    ).to_pylist()
    return rows


def study_versions(reader: Reader, versions: Sequence[Mapping[str, Any]]) -> set[int]:
    """Which of some versions are records of studies."""
    if not versions:
        return set()
    rows = _records(reader, versions, "DICOM/Study", ("version_id",))
    return {row["version_id"] for row in rows}


def studies(reader: Reader, versions: Sequence[Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
    """The records of studies by their version."""
    if not versions:
        return {}
    rows = _records(reader, versions, "DICOM/Study")
    return {row["version_id"]: json.loads(row["bytes"]) for row in rows}
