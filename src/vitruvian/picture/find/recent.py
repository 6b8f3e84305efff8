"""What happened last to some subjects, and how much of it somebody has not seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.picture.facts.events import SET_ASIDE
from vitruvian.picture.record import rows_of

LAST_COLUMNS = ["subject_id", "time", "code", "code_text"]


def that_count(events: pa.Table) -> pa.Table:
    """Events but for those set aside: entered in error, of another patient, cancelled."""
    aside = pc.is_in(events.column("status"), pa.array(sorted(SET_ASIDE)))
    return events.filter(pc.invert(aside))


def last_of(events: pa.Table, *, at: datetime) -> dict[int, Mapping[str, Any]]:
    """The newest event of each subject that has happened by then; facts without a lane aside.

    Parameters
    ----------
    events
        Of some subjects, with the columns ``LAST_COLUMNS`` and `category`.
    at
        The moment judged from; what is planned for later has not happened.
    """
    times = events.column("time")
    happened = pc.less_equal(times, pa.scalar(at, times.type))
    named = pc.not_equal(events.column("category"), "other")
    found = events.select(LAST_COLUMNS).filter(pc.and_(happened, named)).combine_chunks()
    if not found.num_rows:
        return {}
    order = [(name, "ascending") for name in ("subject_id", "time", "code")]
    found = found.take(pc.sort_indices(found, sort_keys=order))
    whose = found.column("subject_id").combine_chunks()
    last_of_each = pc.subtract(pc.run_end_encode(whose).run_ends, 1)
    return {row["subject_id"]: row for row in rows_of(found.take(last_of_each))}


def unseen_of(events: pa.Table, *, marks: Mapping[int, datetime]) -> dict[int, int]:
    """How many facts of each subject became known or were recorded after a mark.

    Parameters
    ----------
    events
        Of some subjects, with `fact_key`, `event_id`, `known_at`, `recorded_at`.
    marks
        When its reader last looked at each subject.
    """
    whose = events.column("subject_id")
    found = {}
    for subject, mark in marks.items():
        own = events.filter(pc.equal(whose, pa.scalar(subject, pa.int64())))
        at = pa.scalar(mark, own.schema.field("known_at").type)
        later = [pc.greater(own.column(name), at) for name in ("recorded_at", "known_at")]
        fresh = own.filter(pc.or_kleene(*later))
        facts = pc.coalesce(fresh.column("fact_key"), fresh.column("event_id"))
        found[subject] = len(facts.unique())
    return found
