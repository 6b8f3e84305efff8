"""Nothing is updated in place: what no longer holds is hidden from then on, and only then."""

from __future__ import annotations

import pytest

from tests.lake.rows import DAY, DOCTOR, START, arrow, event, ids, resource, retirement
from vitruvian.lake import Lake
from vitruvian.lake.engines.scan import SHORT_LIST
from vitruvian.trust import SYSTEM

EVENTS = [
    event(1, version_id=11, derivation_id=21),
    event(2, version_id=12, derivation_id=21),
    event(3, version_id=None, derivation_id=None),
]


def everywhere(lake: Lake, *, subjects: list[int] | None) -> list[list[int]]:
    """The events seen by `rows` and by `query`: they must never differ."""
    with lake.read(DOCTOR) as reader:
        by_rows = ids(reader.rows("event", subjects=subjects))
        by_where = ids(reader.rows("event", subjects=subjects, where="true"))
        by_query = ids(reader.query("SELECT * FROM event", tables=["event"], subjects=subjects))
    return [by_rows, by_where, by_query]


WAYS = [None, [1], [1, 2], list(range(1000))]


@pytest.mark.parametrize("subjects", WAYS)
@pytest.mark.parametrize("drained", [False, True])
@pytest.mark.parametrize(
    "case", [("event", 1, [2, 3]), ("version", 12, [1, 3]), ("derivation", 21, [3])]
)
def test_retired_event__is_hidden_by_every_scope(
    lake: Lake, *, case: tuple[str, int, list[int]], drained: bool, subjects: list[int] | None
) -> None:
    scope, target, left = case
    subject = None if scope == "derivation" else 1
    lake.append(SYSTEM, {"event": EVENTS})
    gone = retirement(9, scope=scope, target=target, subject=subject)
    lake.append(SYSTEM, {"retirement": [gone]})
    if drained:
        lake.drain(SYSTEM)
    assert everywhere(lake, subjects=subjects) == [left] * 3


@pytest.mark.parametrize("subjects", WAYS)
def test_thousands_retired__are_hidden_set_wise(lake: Lake, subjects: list[int] | None) -> None:
    many = range(2 * SHORT_LIST)
    with lake.bulk(SYSTEM) as load:
        load.write("event", arrow("event", [event(n) for n in [*many, 10_000]]))
        gone = [retirement(n, scope="event", target=n) for n in many]
        load.write("retirement", arrow("retirement", gone))
    assert everywhere(lake, subjects=subjects) == [[10_000]] * 3


def test_history__shows_what_no_longer_holds(lake: Lake) -> None:
    lake.append(SYSTEM, {"event": EVENTS, "retirement": [retirement(9, scope="event", target=1)]})
    with lake.read(DOCTOR) as reader:
        assert ids(reader.history("event")) == [1, 2, 3]
        assert ids(reader.history("event", subjects=[1])) == [1, 2, 3]


def test_retired_version__hides_the_resource_itself(lake: Lake) -> None:
    gone = retirement(9, scope="version", target=1, subject=None)
    lake.append(
        SYSTEM, {"resource": [resource(1, subject=None), resource(2)], "retirement": [gone]}
    )
    with lake.read(DOCTOR) as reader:
        assert ids(reader.rows("resource"), column="version_id") == [2]


@pytest.mark.parametrize("subjects", [None, [1]])
def test_earlier_answers__still_show_what_was_retired_later(
    lake: Lake, subjects: list[int] | None
) -> None:
    before = lake.append(SYSTEM, {"event": [event(1)]})
    after = lake.append(
        SYSTEM, {"retirement": [retirement(9, scope="event", target=1, known_day=5)]}
    )
    seen = {}
    for name, recorded_at, known_at in (
        ("recorded before", before, None),
        ("recorded after", after, None),
        ("known before", None, START + 4 * DAY),
        ("known after", None, START + 5 * DAY),
        ("before there was anything", None, START - DAY),
    ):
        with lake.read(DOCTOR, recorded_at=recorded_at, known_at=known_at) as reader:
            seen[name] = ids(reader.rows("event", subjects=subjects))
    assert seen == {
        "recorded before": [1],
        "recorded after": [],
        "known before": [1],
        "known after": [],
        "before there was anything": [],
    }


def test_compaction__keeps_what_an_earlier_answer_needs(lake: Lake) -> None:
    before = lake.append(SYSTEM, {"event": [event(1)]})
    lake.drain(SYSTEM)
    lake.append(
        SYSTEM, {"event": [event(2)], "retirement": [retirement(9, scope="event", target=1)]}
    )
    lake.drain(SYSTEM)
    assert lake.compact(SYSTEM) == 1
    lake.vacuum(SYSTEM)
    with lake.read(DOCTOR, recorded_at=before) as reader:
        assert ids(reader.rows("event")) == [1]
    with lake.read(DOCTOR) as reader:
        assert ids(reader.rows("event")) == [2]
