"""What came in and what was wrong with it, the quarantine, and what a record became.

Counts and problems are for those who may read for operations: data stewards, administrators.
A record's content is shown to whoever may see that patient for the purpose they work for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Response

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, IdText, SignedIn, Visit, number
from vitruvian.ingest.arrivals import Arrivals, arrivals
from vitruvian.ingest.became import Became, StoredRecord, became, stored_at
from vitruvian.ingest.quarantine import replay

if TYPE_CHECKING:
    from vitruvian.lake import Reader
    from vitruvian.trust import Access

router = APIRouter(prefix="/ingest", tags=["ingest"], responses=REFUSALS)


@dataclass(frozen=True)
class ReplayAnswer:
    """How many records of the quarantine were tried again, and how many are mapped now."""

    tried: int
    mapped: int


def keeper(visit: Visit) -> Access:
    """Whoever keeps the feeds running asks for operations, whatever else they work for."""
    return replace(visit.access, purpose="operations")


@contextmanager
def kept(visit: Visit) -> Iterator[Reader]:
    """The stored data for operations; roles without that purpose are refused."""
    with visit.lake.read(keeper(visit)) as reader:
        yield reader


@router.get("", response_model=Arrivals)
def list_arrivals(visit: SignedIn) -> Response:
    """Feeds with their counts, problems by kind, throughput, latest sources, the quarantine."""
    with kept(visit) as reader:
        return JsonAnswer(arrivals(reader))


@router.get("/records", response_model=list[StoredRecord])
def find_records(
    visit: SignedIn,
    source_id: Annotated[str, Query(pattern=r"^[A-Za-z0-9._:-]{1,120}$")],
    record: Annotated[int, Query(ge=0, le=2**53)],
) -> Response:
    """The records stored from one place of a source, without their content."""
    with visit.read(visit.now) as reader:
        return JsonAnswer(stored_at(reader, source_id=source_id, record=record))


@router.get("/records/{record_number}", response_model=Became)
def read_became(record_number: IdText, visit: SignedIn) -> Response:
    """A stored record, verbatim, and the events it became."""
    with visit.read(visit.now) as reader:
        return JsonAnswer(became(reader, number(record_number, kind="record")))


@router.post("/quarantine/replay", response_model=ReplayAnswer)
def replay_quarantine(visit: SignedIn) -> Response:
    """Map again whatever waits, after a mapping was mended."""
    done = replay(visit.lake, access=replace(keeper(visit), operation="write"))
    return JsonAnswer(ReplayAnswer(done.tried, done.mapped))
