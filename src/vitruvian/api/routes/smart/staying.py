"""The encounter in context of an app: the one handed over, or the only one that is going on.

References
----------
HL7 SMART App Launch 2.2.0, "Scopes and Launch Context": `encounter` is told with `launch` or
`launch/encounter`, and left out when there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any  # rows of Arrow

from vitruvian.trust.smart import read_scopes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.api.deps import Visit
    from vitruvian.lake import Reader

ASKS_FOR_IT = frozenset({"launch", "launch/encounter"})


def may_know(scopes: str) -> bool:
    """Whether an app with these scopes is told the encounter."""
    return bool(ASKS_FOR_IT & set(read_scopes(scopes)[1]))


def encounter_of(reader: Reader, visit: Visit, person_id: int) -> str | None:
    """What FHIR calls the encounter in context; None when there is none, or more than one.

    Parameters
    ----------
    reader
        The data as the account sees them.
    visit
        Who asks; a session that another system opened may have brought an encounter along.
    person_id
        The patient in context.
    """
    subjects = reader.subjects_of(person_id)
    columns = ("encounter_id", "version_id", "part_of_id", "status")
    rows = reader.rows("encounter", subjects=subjects, columns=columns).to_pylist()
    opening = visit.lake.apps.openings.of(visit.session.token)
    handed = None if opening is None else opening.encounter_id
    chosen = [row for row in rows if row["encounter_id"] == handed] or _going_on(rows)
    if len({row["encounter_id"] for row in chosen}) != 1:
        return None
    versions = {row["version_id"] for row in chosen}
    found = reader.rows(
        "resource",
        subjects=subjects,
        columns=("version_id", "resource_id", "recorded_at"),
        where="resource_type = 'Encounter' AND NOT deleted",
    ).to_pylist()
    named = [row for row in found if row["version_id"] in versions]
    newest = max(named, key=lambda row: (row["recorded_at"], row["resource_id"]), default=None)
    return None if newest is None else str(newest["resource_id"])


def _going_on(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Encounters in progress that are not part of another one in progress."""
    now = [row for row in rows if row["status"] == "in-progress"]
    known = {row["encounter_id"] for row in now}
    return [row for row in now if row["part_of_id"] not in known]
