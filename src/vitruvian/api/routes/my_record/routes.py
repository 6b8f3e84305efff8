"""The patient's own page: what is known about me, who looked, what I agreed to, what left."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import APIRouter, Response

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, IdText, NoSuchRecord, SignedIn, Visit, number
from vitruvian.api.routes.my_record.agreed import agreed, studies
from vitruvian.api.routes.my_record.known import known_of
from vitruvian.api.routes.my_record.looked import Names, looks, went
from vitruvian.api.routes.my_record.types import (
    KnownAboutMe,
    MyRecord,
    MyRecords,
    Relation,
    UseOfMyRecord,
)
from vitruvian.lake.permit.consents import left_of
from vitruvian.picture import build_picture
from vitruvian.trust.own_record import birthday

if TYPE_CHECKING:
    from vitruvian.lake import Reader

router = APIRouter(prefix="/my-record", tags=["my-record"], responses=REFUSALS)


@router.get("", response_model=MyRecords)
def list_my_records(visit: SignedIn) -> Response:
    """The records this account may open as their own or for a child."""
    tied = visit.lake.desk.ties(visit.access.who)
    with visit.read(visit.now) as reader:
        found = {
            person: own
            for subject, own in (*_each(tied.proxy, "proxy"), *_each(tied.own, "self"))
            if reader.reaches(subject)
            for person in (reader.person_of(subject),)
        }
        records = [_record(reader, person, own, visit) for person, own in found.items()]
    return JsonAnswer(MyRecords(tuple(one for one in records if one is not None)))


def _each(subjects: frozenset[int], relation: Relation) -> list[tuple[int, Relation]]:
    return [(one, relation) for one in sorted(subjects)]


def _record(reader: Reader, person: int, relation: Relation, visit: Visit) -> MyRecord | None:
    columns = ("family", "given", "birth_time_min")
    rows = reader.rows("patient", subjects=reader.subjects_of(person), columns=columns).to_pylist()
    if not rows:
        return None
    names = (" ".join(filter(None, (one["given"], one["family"]))) for one in rows)
    births: list[datetime] = [one["birth_time_min"] for one in rows if one["birth_time_min"]]
    years = visit.lake.policy.holding.proxy_until_years
    closes = birthday(min(births), years=years).date() if relation == "proxy" and births else None
    return MyRecord(str(person), relation, next(filter(None, names), "No name recorded"), closes)


@router.get("/{person_id}/known", response_model=KnownAboutMe)
def read_known_about_me(person_id: IdText, visit: SignedIn) -> Response:
    """What is known about me, in plain words."""
    with visit.read(visit.now) as reader:
        person = own_person(reader, person_id, visit)
        return JsonAnswer(known_of(build_picture(reader, person, moment=visit.now)))


@router.get("/{person_id}/use", response_model=UseOfMyRecord)
def read_use_of_my_record(person_id: IdText, visit: SignedIn) -> Response:
    """Who looked, when and why; what I agreed to; my studies; what left and to whom."""
    lake, policy = visit.lake, visit.lake.policy
    with visit.read(visit.now) as reader:
        person = own_person(reader, person_id, visit)
        subjects = reader.subjects_of(person)
        rows = {
            row.seq: row for one in {*subjects, person} for row in lake.audit.rows(subject_id=one)
        }
        accounts = lake.accounts.all()
        shown = (
            {one.name: one.display_name for one in accounts} if policy.holding.names_staff else None
        )
        names = Names(visit.access.who, shown)
        looked, earlier = looks((rows[seq] for seq in sorted(rows)), names)
        answer = UseOfMyRecord(
            person_id=str(person),
            looks=looked,
            earlier=earlier,
            agreed=tuple(agreed(reader, subjects, policy=policy, now=visit.clock())),
            studies=tuple(studies(reader, subjects)),
            left=tuple(
                went(left_of(subjects, lake.audit), {a.name: a.role for a in accounts}, names)
            ),
        )
    return JsonAnswer(answer)


def own_person(reader: Reader, said: str, visit: Visit) -> int:
    """The person of a number, when it is the account's own or a child's; raises `NoSuchRecord`."""
    person = number(said, kind="patient")
    tied = visit.lake.desk.ties(visit.access.who)
    subjects = reader.subjects_of(person)
    mine = {reader.person_of(one) for one in tied.own | tied.proxy}
    if person not in mine or not any(map(reader.reaches, subjects)):
        raise NoSuchRecord("patient")
    return person
