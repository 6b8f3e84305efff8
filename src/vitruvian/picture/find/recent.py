"""What happened last to some subjects, and when each fact of theirs was told last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.picture.facts.events import SET_ASIDE
from vitruvian.picture.record import rows_of

Numbers = npt.NDArray[np.int64]
LAST_COLUMNS = ["subject_id", "time", "code", "code_text"]
COUNTED_COLUMNS = [*LAST_COLUMNS, "category", "fact_key", "event_id", "known_at", "recorded_at"]


def that_count(events: pa.Table) -> pa.Table:
    """Events but for those set aside: entered in error, of another patient, cancelled."""
    aside = pc.is_in(events.column("status"), pa.array(sorted(SET_ASIDE)))
    return events.select(COUNTED_COLUMNS).filter(pc.invert(aside))


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
    # Of each only the newest are put in order: to compare all codes with one another takes longer.
    instants = _numbers(found.column("time").cast(pa.int64()))
    subjects, place = np.unique(_numbers(found.column("subject_id")), return_inverse=True)
    latest = np.full(len(subjects), np.iinfo(np.int64).min)
    np.maximum.at(latest, place, instants)
    found = found.filter(pa.array(instants == latest[place]))
    order = [(name, "ascending") for name in ("subject_id", "time", "code")]
    found = found.take(pc.sort_indices(found, sort_keys=order))
    whose = found.column("subject_id").combine_chunks()
    last_of_each = pc.subtract(pc.run_end_encode(whose).run_ends, 1)
    return {row["subject_id"]: row for row in rows_of(found.take(last_of_each))}


def news_of(events: pa.Table) -> dict[int, Numbers]:
    """By subject, when each fact was told last: became known or was recorded, whichever came later.

    Parameters
    ----------
    events
        Of some subjects, with `fact_key`, `event_id`, `known_at`, `recorded_at`.

    Returns
    -------
    dict
        By subject (n,) microseconds since 1970, one for each fact.
    """
    if not events.num_rows:
        return {}
    instants = (events.column(name).cast(pa.int64()) for name in ("known_at", "recorded_at"))
    told = pc.max_element_wise(*instants)
    facts = pc.coalesce(events.column("fact_key"), events.column("event_id"))
    whose, fact = (_numbers(column) for column in (events.column("subject_id"), facts))
    times = _numbers(told)
    order = np.lexsort((times, fact, whose))
    whose, fact, times = whose[order], fact[order], times[order]
    # The last row of each fact is its newest.
    last = np.append((whose[1:] != whose[:-1]) | (fact[1:] != fact[:-1]), [True])
    whose, times = whose[last], times[last]
    starts = np.flatnonzero(np.append([True], whose[1:] != whose[:-1]))
    return dict(zip(whose[starts].tolist(), np.split(times, starts[1:]), strict=True))


def _numbers(column: Any) -> Numbers:
    return np.asarray(column.to_numpy(), np.int64)
