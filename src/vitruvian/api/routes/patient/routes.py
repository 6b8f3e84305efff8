"""One patient's page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, AsKnownOn, IdText, SignedIn, number
from vitruvian.picture import (
    Moment,
    Window,
    build_picture,
    build_timeline,
    document_text,
    read_series,
    search_record,
    whats_new,
)
from vitruvian.picture.answers import FoundFacts, NewFacts, NoteText, Series
from vitruvian.picture.types import Picture, Timeline

router = APIRouter(prefix="/patients/{person_id}", tags=["patient"], responses=REFUSALS)


class RecordSearch(BaseModel):
    """Words to look for in one record, and the moment asked about."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    text: str = Field(max_length=200)
    known_at: AwareDatetime | None = None
    recorded_at: AwareDatetime | None = None


@router.get("/picture", response_model=Picture)
def read_picture(person_id: IdText, visit: SignedIn, moment: AsKnownOn) -> Response:
    """Banner and panels."""
    person = number(person_id, kind="patient")
    with visit.read(moment) as reader:
        return JsonAnswer(build_picture(reader, person, moment=moment))


@router.get("/timeline", response_model=Timeline)
def read_timeline(
    person_id: IdText,
    visit: SignedIn,
    moment: AsKnownOn,
    start: Annotated[AwareDatetime | None, Query(description="of the window shown")] = None,
    end: Annotated[AwareDatetime | None, Query(description="of the window shown")] = None,
    points: Annotated[int, Query(ge=50, le=20_000, description="most items drawn")] = 2000,
) -> Response:
    """The lanes between two instants; dense lanes come binned."""
    person = number(person_id, kind="patient")
    window = Window(start=start, end=end, points=points)
    with visit.read(moment) as reader:
        return JsonAnswer(build_timeline(reader, person, moment=moment, window=window))


@router.post("/search", response_model=FoundFacts)
def search(person_id: IdText, wish: RecordSearch, visit: SignedIn) -> Response:
    """Facts of this record whose label, code, value or note text holds all the words."""
    person = number(person_id, kind="patient")
    moment = Moment(visit.now.now, known_at=wish.known_at, recorded_at=wish.recorded_at)
    with visit.read(moment) as reader:
        return JsonAnswer(search_record(reader, person, wish.text))


@router.get("/new", response_model=NewFacts)
def read_new(person_id: IdText, visit: SignedIn, moment: AsKnownOn) -> Response:
    """What became known since this account last looked."""
    person = number(person_id, kind="patient")
    with visit.read(moment) as reader:
        return JsonAnswer(whats_new(reader, person, since=visit.last_seen(person)))


@router.post("/seen", status_code=204)
def mark_seen(person_id: IdText, visit: SignedIn) -> Response:
    """Remember that this account looked at this patient now."""
    visit.mark_seen(number(person_id, kind="patient"))
    return Response(status_code=204)


@router.get("/notes/{note_id}", response_model=NoteText)
def read_note(person_id: IdText, note_id: IdText, visit: SignedIn, moment: AsKnownOn) -> Response:
    """One document with its text."""
    person, note = number(person_id, kind="patient"), number(note_id, kind="document")
    with visit.read(moment) as reader:
        return JsonAnswer(document_text(reader, person, note))


@router.get("/series", response_model=Series)
def series(
    person_id: IdText,
    visit: SignedIn,
    moment: AsKnownOn,
    code: Annotated[str, Query(max_length=400, description="as SYSTEM//code")],
    unit: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """One analyte in one unit over time."""
    person = number(person_id, kind="patient")
    with visit.read(moment) as reader:
        return JsonAnswer(read_series(reader, person, code=code, unit=unit))
