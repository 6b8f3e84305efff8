"""Whom and what of another system is known here: its user, its patient, its encounter.

Everything is read as the account that was vouched for, so that a launch opens nothing that its
account may not see. A patient is found by the agreed identifier alone, and must be one person.
"""

# ruff: noqa: TRY003 - one class of complaint, whose sentence names the fault

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from vitruvian.api.routes.launch.asking import Heard
from vitruvian.api.routes.launch.declared import Ehr
from vitruvian.api.routes.launch.errors import ContradictoryContext, UnknownPatient, UnknownUser
from vitruvian.base.ids import stable_id
from vitruvian.lake.errors import RecordClosed
from vitruvian.trust import SYSTEM, Access

if TYPE_CHECKING:
    from vitruvian.lake import Lake, Reader
    from vitruvian.lake.accounts import Account

_BY_IDENTIFIER = """SELECT DISTINCT subject_id FROM patient WHERE len(list_filter(identifiers,
    x -> x.system = ? AND list_contains(?::VARCHAR[], x.value))) > 0"""


def account_of(lake: Lake, ehr: Ehr, user: str) -> Account:
    """The one account of a user of another system; raises `UnknownUser`."""
    names = lake.desk.tied_to(user, kind="practitioner") if ehr.by_ties else [user]
    found = [account for account in map(lake.accounts.find, names) if account is not None]
    if len(found) != 1:
        raise UnknownUser
    return found[0]


def person_of(lake: Lake, access: Access, ehr: Ehr, values: Iterable[str]) -> int:
    """The one person with that identifier; a closed record is found, and stays closed.

    Raises
    ------
    UnknownPatient
        When there is none, or none that the account could ever open.
    ContradictoryContext
        When the identifiers are those of several people.
    """
    wanted = sorted(values)
    if not wanted:
        raise UnknownPatient
    with lake.read(access) as reader:
        seen = _persons(reader, ehr.patient_system, wanted)
        reader.note(sorted(seen))
    if len(seen) > 1:
        raise ContradictoryContext("the patient's identifiers are those of two people here")
    return seen.pop() if seen else _closed(lake, access, ehr, wanted)


def _closed(lake: Lake, access: Access, ehr: Ehr, wanted: list[str]) -> int:
    """The person whose record the account may only open by breaking the glass."""
    with lake.read(SYSTEM) as reader, reader.over_many("the patient in another system's context"):
        found = _persons(reader, ehr.patient_system, wanted)
    if len(found) != 1:
        raise UnknownPatient
    (person,) = found
    with lake.read(access) as reader:
        try:
            rows = reader.rows("patient", subjects=reader.subjects_of(person), columns=["site"])
        except RecordClosed:
            return person
    if not rows.num_rows:
        raise UnknownPatient
    return person


def _persons(reader: Reader, system: str, wanted: list[str]) -> set[int]:
    found = reader.query(_BY_IDENTIFIER, tables=["patient"], params=[system, wanted])
    return {reader.person_of(one) for one in found.column(0).to_pylist()}


def encounter_of(lake: Lake, access: Access, ehr: Ehr, said: tuple[Heard, int]) -> int | None:
    """The encounter in context as it is known here; None when it is not.

    Raises
    ------
    ContradictoryContext
        When it is an encounter of somebody else.
    """
    what, person = said
    keys = [f"Encounter?{ehr.encounter_system}|{one}" for one in sorted(what.encounters)]
    if not keys or ehr.encounter_system is None:
        return None
    with lake.read(access) as reader:
        columns = ("key", "subject_id", "version_id")
        ids = [stable_id(key) for key in keys]
        rows = reader.look_up("resource_key", keys=ids, columns=columns).to_pylist()
        rows = [row for row in rows if row["key"] in keys and row["subject_id"] is not None]
        if any(reader.person_of(row["subject_id"]) != person for row in rows):
            raise ContradictoryContext("the encounter in context is another patient's here")
        return _encounter(reader, rows)


def _encounter(reader: Reader, keys: list[dict[str, int]]) -> int | None:
    """The newest version that some keys lead to."""
    if not keys:
        return None
    try:
        found = reader.rows(
            "encounter",
            subjects=sorted({row["subject_id"] for row in keys}),
            columns=("encounter_id", "recorded_at"),
            where=f"version_id IN ({', '.join(str(int(row['version_id'])) for row in keys)})",
        ).to_pylist()
    except RecordClosed:
        return None
    newest = max(found, key=lambda row: (row["recorded_at"], row["encounter_id"]), default=None)
    return None if newest is None else int(newest["encounter_id"])
