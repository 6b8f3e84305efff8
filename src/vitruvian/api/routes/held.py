"""What a patient does not see yet: a clinician looks through it and releases it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, IdText, NoSuchRecord, SignedIn, Visit, number
from vitruvian.base.errors import Refused
from vitruvian.lake.permit.holding import held_back
from vitruvian.picture import expect_patient
from vitruvian.trust import Deed

if TYPE_CHECKING:
    import pyarrow as pa

    from vitruvian.lake import Reader
    from vitruvian.trust.own_record import Key, Why

router = APIRouter(prefix="/patients/{person_id}/held", tags=["held"], responses=REFUSALS)


class MayNotRelease(Refused):
    """The role may not show patients what was held back."""

    def __init__(self) -> None:
        super().__init__(
            "The policy of this hospital does not let your role release records to patients. "
            "A clinician who treats the patient can."
        )


class Releasing(BaseModel):
    """Which records to release, by the ids that the list gives."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    ids: list[str] = Field(min_length=1, max_length=1000)


@dataclass(frozen=True)
class HeldRecord:
    """One record that waits; `ids` are its versions and stand for it in a release."""

    ids: tuple[str, ...]
    type: str | None
    label: str
    time: datetime | None
    why: Literal["genetic", "third-party", "letter", "marked", "refers"]
    event_id: str | None


@dataclass(frozen=True)
class HeldRecords:
    """What waits of one patient, newest first."""

    person_id: str
    records: tuple[HeldRecord, ...]


@router.get("", response_model=HeldRecords)
def list_held(person_id: IdText, visit: SignedIn) -> Response:
    """What the patient does not see yet."""
    person = number(person_id, kind="patient")
    _expect_clinician(visit)
    with visit.read(visit.now) as reader:
        expect_patient(reader, person)
        return JsonAnswer(_held(reader, person, visit))


@router.post("", response_model=HeldRecords)
def release_held(person_id: IdText, wish: Releasing, visit: SignedIn) -> Response:
    """Let the patient see some of it."""
    person = number(person_id, kind="patient")
    _expect_clinician(visit)
    with visit.read(visit.now) as reader:
        expect_patient(reader, person)
        waiting = {one for each in _held(reader, person, visit).records for one in each.ids}
        wanted = set(wish.ids)
        if not wanted <= waiting:
            raise NoSuchRecord(kind="held record")
        subjects = tuple(sorted({person, *reader.subjects_of(person)}))
        keys = [_key(one) for one in sorted(wanted)]
        said = Deed("release", subjects=subjects, definition=f"{len(keys)} records to the patient")
        visit.lake.audit.record(visit.access, said)
        visit.lake.desk.release(keys, subject=person, by=visit.access.who)
        return JsonAnswer(_held(reader, person, visit))


def _expect_clinician(visit: Visit) -> None:
    access = visit.access
    if access.role not in visit.lake.policy.holding.released_by or access.purpose != "treatment":
        raise MayNotRelease


def _held(reader: Reader, person: int, visit: Visit) -> HeldRecords:
    """What waits, as far as the one who asks sees it."""
    subjects = reader.subjects_of(person)
    if not reader.rows("patient", subjects=subjects, columns=["subject_id"]).num_rows:
        raise NoSuchRecord("patient")

    def read(table: str, columns: Sequence[str]) -> pa.Table:
        return reader.history(table, subjects=subjects, columns=columns)

    found = held_back(
        read,
        visit.lake.policy.holding,
        labels=_labels(reader, subjects),
        released=visit.lake.desk.released(),
    )
    return HeldRecords(str(person), tuple(_told(reader, subjects, found.why)))


def _labels(reader: Reader, subjects: Sequence[int]) -> dict[int, frozenset[str]]:
    columns = ("version_id", "label")
    rows = reader.history("sensitive", subjects=subjects, columns=columns).to_pylist()
    found: dict[int, frozenset[str]] = {}
    for row in rows:
        found[row["version_id"]] = found.get(row["version_id"], frozenset()) | {row["label"]}
    return found


def _told(reader: Reader, subjects: Sequence[int], why: Mapping[Key, Why]) -> list[HeldRecord]:
    """Each record once, with all its versions that wait."""
    columns = ("version_id", "resource_type", "resource_id")
    rows = reader.history("resource", subjects=subjects, columns=columns).to_pylist()
    names = {row["version_id"]: (row["resource_type"], row["resource_id"]) for row in rows}
    events = _events(reader, subjects)
    whole: dict[object, list[Key]] = {}
    for key in why:
        whole.setdefault(key if key[1] else names.get(key[0], key), []).append(key)
    found = []
    for keys in whole.values():
        label, time, event = next(
            (events[key] for key in keys if key in events), (None, None, None)
        )
        kind = names.get(keys[-1][0], (None,))[0]
        ids = tuple(f"{ident}/{int(alone)}" for ident, alone in keys)
        found.append(HeldRecord(ids, kind, label or kind or "record", time, why[keys[-1]], event))
    return sorted(found, key=lambda one: one.time.timestamp() if one.time else 0.0, reverse=True)


def _events(
    reader: Reader, subjects: Sequence[int]
) -> dict[Key, tuple[str | None, datetime | None, str]]:
    """What the timeline calls each record: words, time, and the event to look at."""
    columns = ("event_id", "version_id", "code_text", "code", "time")
    rows = reader.rows("event", subjects=subjects, columns=columns).to_pylist()
    found: dict[Key, tuple[str | None, datetime | None, str]] = {}
    for row in rows:
        alone = row["version_id"] is None
        key = (row["event_id"] if alone else row["version_id"], alone)
        found.setdefault(key, (row["code_text"] or row["code"], row["time"], str(row["event_id"])))
    return found


def _key(text: str) -> Key:
    ident, alone = text.split("/")
    return int(ident), alone == "1"
