"""What guidelines say of one patient, and the facts behind."""

from __future__ import annotations

from fastapi import APIRouter, Response

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, AsKnownOn, IdText, SignedIn, number
from vitruvian.guides.cards import GuideCards, cards_for

router = APIRouter(prefix="/patients/{person_id}", tags=["guides"], responses=REFUSALS)


@router.get("/guides", response_model=GuideCards)
def read_guides(person_id: IdText, visit: SignedIn, moment: AsKnownOn) -> Response:
    """Each guideline's answer, the facts behind it, and what is missing."""
    person = number(person_id, kind="patient")
    instant = moment.known_at or moment.recorded_at or moment.now
    with visit.read(moment) as reader:
        return JsonAnswer(cards_for(reader, person, instant=instant))
