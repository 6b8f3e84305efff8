"""What nobody could know yet is not shown to who asks what was known before it."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.picture.rows import Row, at, event, table
from vitruvian.picture.facts.events import stamp
from vitruvian.picture.facts.then import events_then, stays_then

BEFORE, THEN, AFTER = at("2024-01-01"), at("2024-02-01"), at("2024-03-01")


def state(said: Row | None = None, *, asked: datetime | None = THEN) -> object:
    """The state of one order as it stood."""
    order = {"category": "medication", "act": "ordered", "time": BEFORE, "state": "completed"}
    row = event("RXNORM//7512", **(order | (said or {})))
    return events_then(table("event", row), known_at=asked).to_pylist()[0]["state"]


def test_order__known_from_its_first_instant_was_not_known_to_be_completed() -> None:
    assert state() is None


@pytest.mark.parametrize(
    "said",
    [{"known_at": THEN}, {"end_time": THEN}, {"act": "administered"}, {"category": "procedure"}],
    ids=str,
)
def test_state__that_could_be_known_is_kept(said: Row) -> None:
    assert state(said) == "completed"


def test_state__of_an_order_in_force_is_kept() -> None:
    assert state({"state": "active"}) == "active"


def test_state__is_kept_where_no_moment_of_knowledge_is_asked() -> None:
    assert state(asked=None) == "completed"


def stay(start: datetime | None, *, status: str | None = "completed") -> Row:
    return {"start_time": None if start is None else stamp(start), "status": status}


def test_stays__that_began_later_are_left_out_unless_foreseen() -> None:
    kept = [stay(BEFORE), stay(THEN), stay(None), stay(AFTER, status="planned")]
    assert stays_then([*kept, stay(AFTER), stay(AFTER, status=None)], known_at=THEN) == kept


def test_stays__are_all_shown_where_no_moment_of_knowledge_is_asked() -> None:
    assert stays_then([stay(AFTER)], known_at=None) == [stay(AFTER)]
