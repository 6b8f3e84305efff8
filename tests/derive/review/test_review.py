"""Verdicts on machine-read facts: refusals, what stands afterwards, the queue, agreement."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.derive.lakes import add, facts, note
from vitruvian.derive import derive
from vitruvian.derive.errors import NoSuchNote, NotCorrectable, NotToReview
from vitruvian.derive.review import (
    judge,
    queue,
    read_note_facts,
    review_standing,
)  # fmt: skip
from vitruvian.derive.review.agreement import kappa
from vitruvian.derive.review.doubt import Stratum, routing_curve
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM, Access

TEXT = "No fever 😀. KRAS G12D mutated. Possible pneumonia. Takes metformin 500 mg twice a day."
ONE = Access(who="reader.one", role="operator", purpose="quality")
TWO = Access(who="reader.two", role="operator", purpose="quality")


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.create(tmp_path / "lake", site="test") as lake:
        add(lake, "note", [note(TEXT), note("Cough. BP 128/76.", subject=2)])
        derive(lake, access=SYSTEM, only=["problems", "oncology", "medicines", "measurements"])
        yield lake


def fact(lake: Lake, name: str) -> dict[str, Any]:
    (found,) = [row for row in facts(lake) if row["code_text"] == name]
    return found


def test_judge__of_an_unknown_event_is_refused(lake: Lake) -> None:
    with pytest.raises(NotToReview):
        judge(lake, 12345, "accept", access=ONE)


@pytest.mark.parametrize(
    "answer, said",
    [
        ("correct", {}),
        ("accept", {"polarity": "negated"}),
        ("correct", {"polarity": "maybe"}),
        ("correct", {"subject_id": 3}),
        ("correct", {"numeric_value": "much"}),
        ("correct", {"numeric_value": True}),
    ],
)
def test_judge__of_what_cannot_be_is_refused_and_nothing_is_kept(
    lake: Lake, answer: Any, said: dict[str, Any]
) -> None:
    fever = fact(lake, "Fever")["event_id"]
    with pytest.raises(NotCorrectable):
        judge(lake, fever, answer, access=ONE, said=said)
    assert review_standing(lake, access=SYSTEM).judged == 0


def test_correction__stands_beside_the_machines_fact_with_its_author(lake: Lake) -> None:
    before = fact(lake, "Fever")
    judge(lake, before["event_id"], "correct", access=ONE, said={"polarity": "affirmed"})
    after = fact(lake, "Fever")
    assert (before["polarity"], after["polarity"]) == ("negated", "affirmed")
    assert after["event_id"] != before["event_id"]
    assert after["locator"] == before["locator"]
    assert after["fact_key"] != before["fact_key"]
    assert "reviewed" in after["flags"]
    with lake.read(SYSTEM) as reader:
        made = reader.rows("derivation", where="derivation_id = ?",
                           params=[after["derivation_id"]]).to_pylist()  # fmt: skip
    assert '"reader": "reader.one"' in made[0]["parameters"]


def test_correction__does_not_change_what_was_recorded_before(lake: Lake) -> None:
    before = fact(lake, "Fever")
    judge(lake, before["event_id"], "reject", access=ONE)
    assert not [row for row in facts(lake) if row["code_text"] == "Fever"]
    then = facts(lake, recorded_at=before["recorded_at"])
    assert [row["event_id"] for row in then if row["code_text"] == "Fever"] == [before["event_id"]]


def test_last_verdict__is_the_one_that_stands(lake: Lake) -> None:
    event = fact(lake, "Fever")["event_id"]
    judge(lake, event, "correct", access=ONE, said={"polarity": "affirmed"})
    judge(lake, event, "correct", access=TWO, said={"temporality": "historical"})
    stands = fact(lake, "Fever")
    assert (stands["polarity"], stands["temporality"]) == ("negated", "historical")
    judge(lake, event, "reject", access=ONE)
    assert not [row for row in facts(lake) if row["code_text"] == "Fever"]
    judge(lake, event, "accept", access=TWO)
    assert fact(lake, "Fever")["polarity"] == "negated"
    judge(lake, event, "reject", access=ONE)
    judge(lake, event, "correct", access=ONE, said={"polarity": "affirmed"})
    assert fact(lake, "Fever")["polarity"] == "affirmed"


def test_correction__outlives_a_new_reading_of_the_note(lake: Lake) -> None:
    event = fact(lake, "Fever")["event_id"]
    judge(lake, event, "correct", access=ONE, said={"certainty": "possible"})
    add(lake, "note", [note("Fever today.", version=2)])
    derive(lake, access=SYSTEM, only=["problems"])
    assert sorted(r["certainty"] for r in facts(lake) if r["code_text"] == "Fever") == [
        "certain",
        "possible",
    ]


def test_queue__begins_with_what_would_gain_most_and_leaves_out_what_is_judged(lake: Lake) -> None:
    with lake.read(SYSTEM) as reader:
        found = queue(reader, who="reader.one")
    gains = [one.gain for one in found.items]
    assert gains == sorted(gains, reverse=True)
    assert [one.label for one in found.items[:3]] == ["Pneumonia", "Fever", "KRAS"]
    assert found.facts == len(found.items) == 7
    first = found.items[0]
    judge(lake, int(first.event_id), "accept", access=ONE)
    with lake.read(SYSTEM) as reader:
        again = queue(reader, who="reader.one")
    assert first.event_id not in {one.event_id for one in again.items}
    assert again.mine == again.judged == 1


def test_queue__gives_a_fifth_to_a_second_reader_without_the_first_answer(lake: Lake) -> None:
    for row in facts(lake):
        judge(lake, row["event_id"], "reject", access=ONE)
    with lake.read(SYSTEM) as reader:
        found = queue(reader, who="reader.two")
    expected = {str(r["event_id"]) for r in _all(lake) if r["event_id"] % 5 == 0}
    # A stratum of which nothing stands any more has no place in the queue.
    assert {one.event_id for one in found.items} <= expected
    assert all("reject" not in " ".join(one.why) for one in found.items)


def _all(lake: Lake) -> list[dict[str, Any]]:
    with lake.read(SYSTEM) as reader:
        rows: list[dict[str, Any]] = reader.history("event").to_pylist()
    return rows


def test_doubt__follows_the_verdicts(lake: Lake) -> None:
    with lake.read(SYSTEM) as reader:
        before = {one.event_id: one.doubt for one in queue(reader, who="x").items}
    cough, pneumonia = fact(lake, "Cough"), fact(lake, "Pneumonia")
    judge(lake, cough["event_id"], "reject", access=ONE)
    judge(lake, pneumonia["event_id"], "accept", access=ONE)
    with lake.read(SYSTEM) as reader:
        standing = review_standing(lake, access=SYSTEM)
    assert (standing.judged, standing.wrong, standing.accepted) == (2, 1, 1)
    by_name = {one.name: one for one in standing.groups}
    assert by_name["problems/problem/unsure"].doubt < before[str(pneumonia["event_id"])]


def test_standing__tells_what_each_run_took_the_newest_first(lake: Lake) -> None:
    add(lake, "note", [note("Fever again.", subject=3)])
    derive(lake, access=SYSTEM, only=["problems"])
    newest, first = review_standing(lake, access=SYSTEM).runs
    assert (newest.notes, newest.facts) == (1, 1)
    assert (first.notes, first.facts) == (2, len(facts(lake)) - 1)
    assert newest.at > first.at
    assert first.seconds > 0


def test_agreement__counts_what_two_readers_said_of_the_same_fact(lake: Lake) -> None:
    fever, cough = fact(lake, "Fever")["event_id"], fact(lake, "Cough")["event_id"]
    judge(lake, fever, "accept", access=ONE)
    judge(lake, fever, "accept", access=TWO)
    judge(lake, cough, "accept", access=ONE)
    judge(lake, cough, "reject", access=TWO)
    told = review_standing(lake, access=SYSTEM).agreement
    assert (told.read_twice, told.same, told.apart) == (2, 1, (cough,))


def test_kappa__is_unknown_where_nothing_was_read_twice() -> None:
    assert kappa([]) is None
    assert kappa([("accept", "accept")] * 5) is None


def test_curve__of_doubtful_facts_first_is_never_below_chance_and_ends_at_one() -> None:
    every = [
        Stratum("a", "x", "problem", unsure=False, turned=False, assumed=False, facts=900,
                judged=20, wrong=0),
        Stratum("b", "x", "problem", unsure=True, turned=False, assumed=False, facts=100,
                judged=20, wrong=10),
    ]  # fmt: skip
    points = routing_curve(every)
    assert [round(point.looked_at, 2) for point in points] == [0.0, 0.1, 1.0]
    assert all(point.right >= point.right_at_random - 1e-12 for point in points)
    assert points[-1].right == pytest.approx(1.0)
    assert routing_curve([]) == []


def test_note__comes_with_each_fact_at_its_characters(lake: Lake) -> None:
    with lake.read(SYSTEM) as reader:
        row = fact(lake, "metformin")
        read = read_note_facts(reader, event_id=row["event_id"])
        again = read_note_facts(reader, person_id=1, note_id=int(read.note_id))
    assert read.about is not None
    assert read.text[read.about.start :].startswith("metformin")
    assert {read.text[f.start : f.end].lower() for f in read.facts} >= {"fever", "pneumonia"}
    assert again.facts == read.facts
    assert again.about is None


def test_note__of_somebody_else_is_not_shown(lake: Lake) -> None:
    with lake.read(SYSTEM) as reader:
        other = read_note_facts(reader, event_id=fact(lake, "Cough")["event_id"])
        with pytest.raises(NoSuchNote):
            read_note_facts(reader, person_id=1, note_id=int(other.note_id))
