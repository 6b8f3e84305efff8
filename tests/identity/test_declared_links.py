"""Links as an authority declares them, and their undoing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.support import SYSTEM, every_version, rows
from vitruvian.base.errors import NotFound
from vitruvian.identity import BadDeclaration, NotDeclared, link, unlink
from vitruvian.identity.declaration import read_declaration
from vitruvian.identity.persons import changes, persons_of
from vitruvian.lake import Lake, Reader
from vitruvian.picture import Moment, build_picture

NOW = Moment(now=datetime(2026, 6, 30, tzinfo=UTC), known_at=None, recorded_at=None)
PAIR = b"left,right,evidence\nPatient/ada,OMOP/person/1,same hospital number\n"
AUTHORITY = b"""
[authority]
name = "the ward's record numbers"
systems = ["urn:omop:person_source_value", "https://ward.example/mrn"]
"""


def subject(lake: Lake, key: str) -> int:
    (row,) = rows(lake, "resource_key", where="key = ?", params=[key])
    found: int = row["subject_id"]
    return found


def persons(lake: Lake) -> dict[int, int]:
    with lake.read(SYSTEM) as reader:
        return reader.persons()


def page(reader: Reader, person: int) -> object:
    """The picture without the word of which state it was drawn from; None for nobody."""
    try:
        picture = build_picture(reader, person, moment=NOW)
    except NotFound:
        return None
    return replace(picture, as_of=None)  # type: ignore[arg-type]  # only to compare


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a,b\n1,2\n",
        b"left,right\nPatient/ada,\n",
        b"left,right\n\xff,1\n",
        b"left,right,known_at\na,b,once\n",
        b"[authority]\nname = 'x'\nsystems = ['one']\n",
        b"[authority]\nname = ",
    ],
)
def test_declaration__of_another_form_links_nothing(lake: Lake, data: bytes) -> None:
    before = len(rows(lake, "resource"))
    with pytest.raises(BadDeclaration, match="Nothing was linked"):
        link(lake, data, access=SYSTEM)
    assert persons(lake) == {}
    assert len(rows(lake, "resource")) == before


def test_unlink__of_what_was_never_declared_is_refused(lake: Lake) -> None:
    with pytest.raises(NotDeclared):
        unlink(lake, PAIR, access=SYSTEM)


def test_key__that_leads_to_nobody_links_nothing_and_its_line_is_told(lake: Lake) -> None:
    report = link(lake, PAIR + b"Patient/ada,Patient/nobody,\n", access=SYSTEM)
    assert report.unresolved == (3,)
    assert report.pairs == 1


def test_identifier__that_two_people_carry_links_nothing_by_pairs(lake: Lake) -> None:
    shared = b"left,right\nOMOP/person/2,Patient?https://ward.example/mrn|M-1\n"
    assert link(lake, shared, access=SYSTEM).unresolved == (2,)
    assert persons(lake) == {}


def test_likeness__alone_never_links_anybody(lake: Lake) -> None:
    assert persons(lake) == {}


# ------------------------------------------------------------------ merging, and undoing it


def test_link__makes_one_person_whose_page_shows_both_sources(lake: Lake) -> None:
    ada, one = subject(lake, "Patient/ada"), subject(lake, "OMOP/person/1")
    report = link(lake, PAIR, access=SYSTEM)
    assert (report.pairs, report.changed) == (1, 1)
    with lake.read(SYSTEM) as reader:
        assert reader.subjects_of(min(ada, one)) == sorted([ada, one])
        assert reader.subjects_of(max(ada, one)) == []
        picture = build_picture(reader, min(ada, one), moment=NOW)
    names = {identifier.value for identifier in picture.banner.identifiers}
    assert names == {"M-1", "1"}


def test_authority__joins_everybody_with_the_same_number_in_its_systems(lake: Lake) -> None:
    report = link(lake, AUTHORITY, access=SYSTEM)
    ada, bea, one = (subject(lake, key) for key in ("Patient/ada", "Patient/bea", "OMOP/person/1"))
    assert report.changed == 2
    assert set(persons(lake).values()) == {min(ada, bea, one)}


def test_link__twice_changes_nothing_the_second_time(lake: Lake) -> None:
    link(lake, PAIR, access=SYSTEM)
    before = every_version(lake, "person_link")
    assert link(lake, PAIR, access=SYSTEM).changed == 0
    assert every_version(lake, "person_link") == before


def test_unlink__gives_every_answer_back_as_it_was(lake: Lake) -> None:
    def answers() -> list[object]:
        with lake.read(SYSTEM) as reader:
            everybody = [row["subject_id"] for row in rows(lake, "patient")]
            return [
                [reader.person_of(each), reader.subjects_of(each), page(reader, each)]
                for each in sorted(set(everybody))
            ]

    before, events = answers(), rows(lake, "event")
    link(lake, PAIR, access=SYSTEM)
    assert answers() != before
    unlink(lake, PAIR, access=SYSTEM)
    assert answers() == before
    assert rows(lake, "event") == events
    assert link(lake, PAIR, access=SYSTEM).changed == 1


def test_unlink__of_one_of_two_declarations_leaves_the_other(lake: Lake) -> None:
    link(lake, PAIR, access=SYSTEM)
    link(lake, AUTHORITY, access=SYSTEM)
    unlink(lake, AUTHORITY, access=SYSTEM)
    ada, one = subject(lake, "Patient/ada"), subject(lake, "OMOP/person/1")
    assert persons(lake) == {max(ada, one): min(ada, one)}


def test_link__known_since_a_day_holds_from_then_on_and_not_before(lake: Lake) -> None:
    dated = b"left,right,known_at\nPatient/ada,OMOP/person/1,2024-03-01\n"
    link(lake, dated, access=SYSTEM)
    for day, linked in ((1, False), (31, True)):
        month = 2 if not linked else 3
        with lake.read(SYSTEM, known_at=datetime(2024, month, day, tzinfo=UTC)) as reader:
            assert bool(reader.persons()) is linked


# ------------------------------------------------------------------ laws

subjects = st.integers(min_value=1, max_value=12)
edges = st.lists(st.tuples(subjects, subjects), max_size=12)


@given(edges, st.randoms(use_true_random=False))
def test_persons__do_not_depend_on_the_order_of_links(
    found: list[tuple[int, int]], chance: object
) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    turned = [(b, a) for a, b in shuffled]
    assert persons_of(found, frozenset()) == persons_of(turned, frozenset())


@given(edges, edges, st.frozensets(subjects, max_size=3))
def test_merge_then_unmerge__writes_back_exactly_what_was(
    standing: list[tuple[int, int]], declared: list[tuple[int, int]], chosen: frozenset[int]
) -> None:
    before = persons_of(standing, chosen)
    after = persons_of([*standing, *declared], chosen)
    state = dict(before)
    for old, new in ((before, after), (after, before)):
        for subject_id, (person, linked) in changes(old, new).items():
            state[subject_id] = person
            if not linked:
                del state[subject_id]
        assert state == new


def test_declaration__known_at_without_zone_is_utc() -> None:
    (pair,) = read_declaration(b"left,right,known_at\na,b,2024-03-01\n").pairs
    assert pair.known_at == datetime(2024, 3, 1, tzinfo=UTC)
