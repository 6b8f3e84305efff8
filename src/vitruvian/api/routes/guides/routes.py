"""What guidelines say of one patient, what each is, and how many patients get which answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, AsKnownOn, IdText, SignedIn, number
from vitruvian.api.routes.cohorts.asking import desk_of
from vitruvian.api.routes.guides.counting import Counting, GuidePopulation, Tallies
from vitruvian.guides import guide_named
from vitruvian.guides.cards import GuideCards, cards_for
from vitruvian.guides.page import GuideLine, GuidePage, guide_lines, page_of

router = APIRouter(tags=["guides"], responses=REFUSALS)

GuideName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,59}$", examples=["news2"])]


@router.get("/patients/{person_id}/guides", response_model=GuideCards)
def read_guides(person_id: IdText, visit: SignedIn, moment: AsKnownOn) -> Response:
    """Each guideline's answer, the facts behind it, and what is missing."""
    person = number(person_id, kind="patient")
    instant = moment.known_at or moment.recorded_at or moment.now
    with visit.read(moment) as reader:
        return JsonAnswer(cards_for(reader, person, instant=instant))


@router.get("/guides", response_model=list[GuideLine])
def list_guides(visit: SignedIn) -> Response:
    """Every guideline with its edition, owner, review date and state."""
    return JsonAnswer(guide_lines(visit.clock().date()))


@router.get("/guides/{name}", response_model=GuidePage)
def read_guide_page(name: GuideName, visit: SignedIn) -> Response:
    """One guideline: whom it is for, its criteria, answers, vignettes and editions."""
    return JsonAnswer(page_of(name, visit.clock().date()))


@router.get("/guides/{name}/population", response_model=GuidePopulation)
def count_guide(name: GuideName, request: Request, visit: SignedIn, moment: AsKnownOn) -> Response:
    """How many patients get which answer; counts a little with every request until `finished`."""
    state = request.app.state
    if not hasattr(state, "guide_tallies"):
        state.guide_tallies = Tallies()
    floor = desk_of(request, visit).floor
    counting = Counting(visit, moment, floor, state.guide_tallies)
    return JsonAnswer(counting.population(guide_named(name)))
