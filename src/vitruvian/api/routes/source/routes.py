"""Where an event comes from, down to the bytes of its record."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, AsKnownOn, IdText, SignedIn, number
from vitruvian.derive import read_again
from vitruvian.picture import trace_event
from vitruvian.picture.types import Trace

router = APIRouter(prefix="/events/{event_id}", tags=["source"], responses=REFUSALS)


@router.get("/trace", response_model=Trace)
def read_trace(
    event_id: IdText,
    visit: SignedIn,
    moment: AsKnownOn,
    person_id: Annotated[
        str | None, Query(pattern=r"^[0-9]{1,19}$", description="whose it is: answers faster")
    ] = None,
) -> Response:
    """The record an event was read from, verbatim, and each step from there to the value."""
    event = number(event_id, kind="event")
    person = None if person_id is None else number(person_id, kind="patient")
    with visit.read(moment) as reader:
        return JsonAnswer(trace_event(reader, event, person_id=person, read_again=read_again))
