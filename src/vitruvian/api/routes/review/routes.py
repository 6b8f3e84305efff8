"""Facts that machines read, checked by people: the queue, one fact in its note, verdicts."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, IdText, SignedIn, number
from vitruvian.derive.review import (
    Queue,
    ReadNote,
    ReviewStanding,
    judge,
    queue,
    read_note_facts,
    review_standing,
)
from vitruvian.derive.review.verdicts import Answer

router = APIRouter(prefix="/review", tags=["review"], responses=REFUSALS)


class Verdict(BaseModel):
    """What a reader says of a fact; ``said`` holds the corrected fields."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    answer: Answer
    said: dict[str, str | float] = Field(default_factory=dict, max_length=10)


@router.get("/queue", response_model=Queue)
def read_queue(
    visit: SignedIn,
    limit: Annotated[int, Query(ge=1, le=200)] = 40,
    category: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """The facts this account should look at next, the most rewarding first."""
    who = visit.session.account.name
    with visit.read(visit.now) as reader:
        return JsonAnswer(queue(reader, who=who, limit=limit, category=category))


@router.get("/standing", response_model=ReviewStanding)
def read_standing(visit: SignedIn) -> Response:
    """Progress, yield, what is doubtful, agreement, and the routing curve."""
    return JsonAnswer(review_standing(visit.lake, access=visit.access))


@router.get("/facts/{event_id}", response_model=ReadNote)
def read_fact(event_id: IdText, visit: SignedIn) -> Response:
    """One fact as the machine read it, in its note; what other readers said of it stays hidden."""
    event = number(event_id, kind="fact")
    with visit.read(visit.now) as reader:
        note = read_note_facts(reader, event_id=event)
    about = note.about
    place = about and (about.start, about.end)
    others = tuple(f for f in note.facts if not (f.reviewed and (f.start, f.end) == place))
    return JsonAnswer(replace(note, facts=others))


@router.post("/facts/{event_id}/verdict", status_code=204)
def give_verdict(event_id: IdText, verdict: Verdict, visit: SignedIn) -> Response:
    """Keep a verdict under this account's name; the last one given is the one that stands."""
    event = number(event_id, kind="fact")
    judge(visit.lake, event, verdict.answer, access=visit.access, said=verdict.said)
    return Response(status_code=204)
