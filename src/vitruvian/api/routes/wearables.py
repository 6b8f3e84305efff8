"""What watches and apps told of a patient, device by device."""

from __future__ import annotations

from fastapi import APIRouter, Response

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, AsKnownOn, IdText, SignedIn, number
from vitruvian.picture import expect_patient
from vitruvian.picture.panels.wearables import Worn, wearables

router = APIRouter(prefix="/patients/{person_id}/wearables", tags=["signals"], responses=REFUSALS)


@router.get("", response_model=list[Worn])
def list_wearables(person_id: IdText, visit: SignedIn, moment: AsKnownOn) -> Response:
    """Steps, sleep, heart rate and more, a day a value, each device by itself."""
    person = number(person_id, kind="patient")
    with visit.read(moment) as reader:
        expect_patient(reader, person)
        return JsonAnswer(wearables(reader, person))
