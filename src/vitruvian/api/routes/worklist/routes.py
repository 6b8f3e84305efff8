"""Whose record to open: the worklist, and the search by name, identifier or birth date."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, SignedIn
from vitruvian.picture import Page, find_patients, worklist
from vitruvian.picture.answers import PatientList

router = APIRouter(tags=["worklist"], responses=REFUSALS)
MOST_PATIENTS = 200


class PatientSearch(BaseModel):
    """What to look for; in the body, because a name does not belong into an address."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    text: str = Field(max_length=200)
    offset: int = Field(default=0, ge=0, le=1_000_000)
    limit: int = Field(default=50, ge=1, le=MOST_PATIENTS)


@router.get("/worklist", response_model=PatientList)
def read_worklist(
    visit: SignedIn,
    limit: Annotated[int, Query(ge=1, le=MOST_PATIENTS)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """Current in-patients first, then those whose record changed most recently."""
    page = Page(limit=limit, offset=offset, last_seen=visit.last_seen)
    with visit.read(visit.now) as reader:
        return JsonAnswer(worklist(reader, moment=visit.now, page=page))


@router.post("/patients/search", response_model=PatientList)
def search_patients(wish: PatientSearch, visit: SignedIn) -> Response:
    """Patients whose names, identifiers or birth date begin with the words given."""
    page = Page(limit=wish.limit, offset=wish.offset, last_seen=visit.last_seen)
    with visit.read(visit.now) as reader:
        return JsonAnswer(find_patients(reader, wish.text, moment=visit.now, page=page))
