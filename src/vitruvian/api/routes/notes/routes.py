"""One note with the facts read in it."""

from __future__ import annotations

from fastapi import APIRouter, Response

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, AsKnownOn, IdText, SignedIn, number
from vitruvian.derive.review import ReadNote, read_note_facts

router = APIRouter(prefix="/patients/{person_id}", tags=["notes"], responses=REFUSALS)


@router.get("/notes/{note_id}/facts", response_model=ReadNote)
def note_facts(person_id: IdText, note_id: IdText, visit: SignedIn, moment: AsKnownOn) -> Response:
    """The text of a note, and each fact with the characters it was read in."""
    person, note = number(person_id, kind="patient"), number(note_id, kind="document")
    with visit.read(moment) as reader:
        return JsonAnswer(read_note_facts(reader, person_id=person, note_id=note))
