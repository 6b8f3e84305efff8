"""Who is who: the pairs of records that wait, one pair side by side, and a person's verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, IdText, SignedIn, Visit, number
from vitruvian.api.problems import described
from vitruvian.identity.review import (
    Answer,
    Decided,
    PairQueue,
    SideBySide,
    decide,
    side_by_side,
    waiting,
)
from vitruvian.identity.review.decide import expect_decider
from vitruvian.identity.review.queue import Show
from vitruvian.trust import Access

router = APIRouter(prefix="/identity", tags=["identity"], responses=REFUSALS)


class PairVerdict(BaseModel):
    """What a person says of a pair of records."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    answer: Answer


def _keeping(visit: Visit) -> Access:
    """Keeping the record is what this page is for, unless the request names another purpose."""
    access = visit.access if visit.said.purpose else replace(visit.access, purpose="operations")
    expect_decider(access)
    return access


@router.get("/pairs", response_model=PairQueue)
def read_pairs(
    visit: SignedIn,
    show: Show = "waiting",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """The pairs of records that wait for a person, those held back, or those decided."""
    with visit.lake.read(_keeping(visit)) as reader:
        return JsonAnswer(waiting(reader, show=show, limit=limit))


@router.get("/pairs/{pair_id}", response_model=SideBySide)
def read_pair(pair_id: IdText, visit: SignedIn) -> Response:
    """Two records side by side: what agrees, what differs, and what was said of them."""
    pair = number(pair_id, kind="pair")
    with visit.lake.read(_keeping(visit)) as reader:
        return JsonAnswer(side_by_side(reader, pair))


@router.post("/pairs/{pair_id}/verdict", response_model=Decided, responses=described(409))
def give_pair_verdict(pair_id: IdText, verdict: PairVerdict, visit: SignedIn) -> Response:
    """Keep a verdict under this account's name; "same" links the two, anything else unlinks."""
    pair = number(pair_id, kind="pair")
    access = _keeping(visit)
    return JsonAnswer(decide(visit.lake, pair, verdict.answer, access=access, clock=visit.clock))
