"""An answer kept from state to state: who is touched by a write, and when it must begin anew."""

from __future__ import annotations

from collections import Counter

from tests.lake.rows import DOCTOR, arrow, event, link, retirement
from vitruvian.lake import Lake, Reader
from vitruvian.lake.kept import following
from vitruvian.lake.kept.links import Links
from vitruvian.trust import SYSTEM, Access

Counted = Counter[int]
STUDENT = Access(who="ana", role="radiologist", purpose="treatment")


class Counting:
    """Counts events by subject, and writes down how it came to know."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.told: list[object] = []

    def ask(self, access: Access = DOCTOR) -> Counted:
        with self.lake.read(access) as reader:
            found = reader.followed(
                "counts",
                make=lambda: self.make(reader),
                follow=lambda kept, touched: self.follow(reader, kept, touched),
                tables=["event"],
            )
            assert found == counted(reader)
            assert reader.noted == set()
        return found

    def make(self, reader: Reader) -> Counted:
        self.told.append("made")
        return counted(reader)

    def follow(self, reader: Reader, kept: Counted, touched: frozenset[int]) -> Counted:
        self.told.append(touched)
        rows = reader.rows("event", subjects=sorted(touched), columns=["subject_id"])
        fresh = Counter(rows.column(0).to_pylist())
        return Counter({**{s: n for s, n in kept.items() if s not in touched}, **fresh})


def counted(reader: Reader) -> Counted:
    return Counter(reader.rows("event", columns=["subject_id"]).column(0).to_pylist())


def test_a_new_row__touches_its_subject_and_nobody_else(lake: Lake) -> None:
    counting = Counting(lake)
    lake.append(DOCTOR, {"event": [event(1), event(2, subject=2)]})
    counting.ask()
    counting.ask()
    lake.append(DOCTOR, {"event": [event(3, subject=2)]})
    assert counting.ask() == {1: 1, 2: 2}
    assert counting.told == ["made", {2}]


def test_a_row_of_another_table__touches_nobody(lake: Lake) -> None:
    counting = Counting(lake)
    lake.append(DOCTOR, {"event": [event(1)]})
    counting.ask()
    lake.append(DOCTOR, {"person_link": [link(1, subject=2, person=1)]})
    counting.ask()
    assert counting.told == ["made"]


def test_a_drain_and_a_compaction__touch_only_those_whose_rows_came_since(lake: Lake) -> None:
    counting = Counting(lake)
    lake.append(DOCTOR, {"event": [event(1), event(2, subject=2)]})
    counting.ask()
    lake.drain(SYSTEM)
    lake.append(DOCTOR, {"event": [event(3, subject=3)]})
    lake.drain(SYSTEM)
    lake.compact(SYSTEM)
    lake.vacuum(SYSTEM)
    assert counting.ask() == {1: 1, 2: 1, 3: 1}
    lake.drain(SYSTEM)
    counting.ask()
    assert counting.told == ["made", {3}]


def test_a_load__touches_those_in_it_also_once_it_was_merged_with_older_rows(lake: Lake) -> None:
    counting = Counting(lake)
    lake.append(DOCTOR, {"event": [event(1), event(2, subject=2)]})
    lake.drain(SYSTEM)
    counting.ask()
    for number in (3, 4):
        with lake.bulk(SYSTEM) as load:
            load.write("event", arrow("event", [event(number, subject=number)]))
        counting.ask()
    with lake.bulk(SYSTEM) as load:
        load.write("event", arrow("event", [event(5, subject=5)]))
    lake.compact(SYSTEM)
    assert counting.ask() == {1: 1, 2: 1, 3: 1, 4: 1, 5: 1}
    assert counting.told == ["made", {3}, {4}, {5}]


def test_what_no_longer_holds__touches_its_subject_or_everybody_where_it_names_nobody(
    lake: Lake,
) -> None:
    counting = Counting(lake)
    lake.append(DOCTOR, {"event": [event(1), event(2), event(3, subject=2)]})
    counting.ask()
    lake.append(DOCTOR, {"retirement": [retirement(1, scope="event", target=1)]})
    assert counting.ask() == {1: 1, 2: 1}
    lake.append(DOCTOR, {"retirement": [retirement(2, scope="event", target=3, subject=None)]})
    counting.ask()
    assert counting.told == ["made", {1}, "made"]


def test_another_policy__has_an_answer_of_its_own(lake: Lake) -> None:
    counting = Counting(lake)
    lake.append(DOCTOR, {"event": [event(1), event(2, category="family")]})
    counting.ask()
    counting.ask(STUDENT)
    counting.ask(SYSTEM)
    assert counting.told == ["made"] * len(counting.told)
    assert len(counting.told) > 1


def test_a_reader_of_an_older_state__is_not_given_a_newer_answer(lake: Lake) -> None:
    counting = Counting(lake)
    lake.append(DOCTOR, {"event": [event(1)]})
    with lake.read(DOCTOR) as older:
        lake.append(DOCTOR, {"event": [event(2)]})
        assert counting.ask() == {1: 2}
        made = older.followed(
            "counts",
            make=lambda: counting.make(older),
            follow=lambda *_: Counter(),
            tables=["event"],
        )
        assert made == {1: 1}
    counting.ask()
    assert counting.told == ["made", "made"]


def test_another_instant__is_worked_out_each_time(lake: Lake) -> None:
    lake.append(DOCTOR, {"event": [event(1)]})
    counting = Counting(lake)
    counting.ask()
    with lake.read(DOCTOR) as reader:
        then = reader.snapshot.published_at
    lake.append(DOCTOR, {"event": [event(2)]})
    with lake.read(DOCTOR, recorded_at=then) as reader:
        found = reader.followed(
            "counts",
            make=lambda: counting.make(reader),
            follow=lambda *_: Counter(),
            tables=["event"],
        )
    assert found == {1: 1}


def test_many_at_once__begin_anew(lake: Lake) -> None:
    counting = Counting(lake)
    lake.append(DOCTOR, {"event": [event(1)]})
    counting.ask()
    many = range(2, following.MOST_SUBJECTS + 4)
    with lake.bulk(SYSTEM) as load:
        load.write("event", arrow("event", [event(one, subject=one) for one in many]))
    counting.ask()
    assert counting.told == ["made", "made"]


def test_links__give_each_person_the_subjects_that_are_it() -> None:
    links = Links({2: 1, 3: 1, 5: 4, 4: 9})
    assert [links.person_of(one) for one in (1, 2, 5, 7)] == [1, 1, 4, 7]
    assert links.subjects_of(1) == (1, 2, 3)
    assert links.subjects_of(7) == (7,)
    assert links.subjects_of(4) == (5,)  # it is another person itself
    assert links.subjects_of(9) == (4, 9)
