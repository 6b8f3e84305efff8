"""Tables of counts and rows: small cells, differencing, k-anonymity and l-diversity."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as some

from vitruvian.research.airlock.counts import (
    CountTable,
    given_away,
    hidden_but_told,
    small_cells,
    tables_of,
    told_together,
)
from vitruvian.research.airlock.privacy import likeness

# Machanavajjhala et al. 2007, figures 1 and 2: the inpatient table, its 4-anonymous version.
INPATIENTS = [
    *({"zip": "130**", "age": "<30", "nation": "*", "ill": ill} for ill in
      ("heart disease", "heart disease", "viral infection", "viral infection")),
    *({"zip": "1485*", "age": ">=40", "nation": "*", "ill": ill} for ill in
      ("cancer", "heart disease", "viral infection", "viral infection")),
    *({"zip": "130**", "age": "3*", "nation": "*", "ill": ill} for ill in ("cancer",) * 4),
]  # fmt: skip
# The same paper, figure 3: the 3-diverse version.
DIVERSE = [
    *({"zip": "1305*", "age": "<=40", "ill": ill} for ill in
      ("heart disease", "viral infection", "cancer", "cancer")),
    *({"zip": "1485*", "age": ">40", "ill": ill} for ill in
      ("cancer", "heart disease", "viral infection", "viral infection")),
    *({"zip": "1306*", "age": "<=40", "ill": ill} for ill in
      ("heart disease", "viral infection", "cancer", "cancer")),
]  # fmt: skip


def test_published_table__is_4_anonymous_and_gives_away_the_cancer_of_its_last_group() -> None:
    found = likeness(INPATIENTS, quasi=["zip", "age", "nation"], sensitive=["ill"], floor=4)
    assert (found.rows, found.classes, found.k, found.alone) == (12, 3, 4, 0)
    assert (found.distinct_l, found.entropy_l) == (1, 1.0)


def test_published_diverse_table__is_3_diverse_and_less_by_entropy() -> None:
    found = likeness(DIVERSE, quasi=["zip", "age"], sensitive=["ill"], floor=4)
    assert (found.k, found.distinct_l) == (4, 3)
    assert found.entropy_l is not None
    # Of shares 1/4, 1/4, 1/2: 4^(1/4) * 4^(1/4) * 2^(1/2), by hand.
    assert math.isclose(found.entropy_l, 2 * math.sqrt(2))


def test_empty_table__hides_nobody() -> None:
    found = likeness([], quasi=["age"], sensitive=["ill"])
    assert (found.k, found.distinct_l, found.entropy_l) == (0, None, None)


def test_small_cell__is_one_to_below_the_floor_and_a_zero_is_none() -> None:
    rows = [
        {"age": age, "n": n} for age, n in zip("abcde", ("0", "1", "9", "10", "<10"), strict=True)
    ]
    (table,) = tables_of(rows, counts=["n"])
    assert small_cells(table, floor=10) == 2


def test_small_cell__is_found_as_a_program_of_statistics_writes_it() -> None:
    # pandas writes whole numbers as fractions where a cell of the column is missing.
    rows = [
        {"age": age, "n": n} for age, n in zip("abcd", ("3.0", "120.0", "", "nan"), strict=True)
    ]
    (table,) = tables_of(rows, counts=["n"])
    assert table.cells == {("a",): 3, ("b",): 120}
    assert small_cells(table, floor=10) == 1


def test_total__gives_away_the_cell_that_was_left_out() -> None:
    rows = [("f", "12"), ("m", "<10"), ("Total", "15")]
    (table,) = tables_of([{"sex": sex, "n": n} for sex, n in rows], counts=["n"])
    assert small_cells(table, floor=10) == 0
    assert hidden_but_told(table, floor=10) == 1


@given(
    cells=some.dictionaries(some.sampled_from("abcd"), some.integers(20, 99), min_size=1),
    less=some.integers(1, 19),
    floor=some.integers(2, 12),
)
def test_difference__is_found_exactly_where_it_is_small(
    cells: dict[str, int], less: int, floor: int
) -> None:
    where = min(cells)
    new = CountTable(("group",), {(name,): n for name, n in cells.items()})
    old = CountTable(("group",), {**new.cells, (where,): cells[where] - less})
    assert given_away(new, new, floor=floor) == 0
    assert given_away(new, old, floor=floor) == given_away(old, new, floor=floor) == (less < floor)


def test_difference__is_found_across_other_dimensions_too() -> None:
    by_sex = CountTable(("sex",), {("f",): 30, ("m",): 41})
    by_both = CountTable(
        ("age", "sex"), {("<50", "f"): 12, ("50+", "f"): 18, ("<50", "m"): 20, ("50+", "m"): 19}
    )
    assert given_away(by_sex, by_both, floor=10) == 1
    whole = CountTable((), {(): 70})
    assert given_away(whole, by_sex, floor=10) == 1


@given(
    ages=some.dictionaries(some.sampled_from("abcdef"), some.integers(20, 99), min_size=2),
    less=some.integers(0, 19),
    floor=some.integers(2, 12),
    at=some.integers(0, 6),
)
def test_parts_that_left_one_by_one__give_away_what_the_whole_table_would(
    ages: dict[str, int], less: int, floor: int, at: int
) -> None:
    whole = CountTable(("sex",), {("f",): sum(ages.values()) + less})
    parts = [CountTable(("sex", "age"), {("f", age): count}) for age, count in ages.items()]
    tables = [*parts[:at], whole, *parts[at:]]
    told = told_together(tables[-1:], tables[:-1], floor=floor)
    assert told == given_away(whole, CountTable(("age",), {(a,): n for a, n in ages.items()}),
                              floor=floor) == (0 < less < floor)  # fmt: skip


def test_parts__that_are_not_all_give_nothing_away_and_no_old_difference_is_told_again() -> None:
    whole = CountTable(("sex",), {("f",): 21})
    parts = [CountTable(("sex", "age"), {("f", age): 10}) for age in ("<50", "50+")]
    assert told_together(parts[:1], [whole], floor=5) == 0
    other = CountTable(("ward",), {("east",): 50})
    assert told_together([other], [whole, *parts], floor=5) == 0


def test_two_counts_of_the_same_groups__are_not_put_together() -> None:
    patients = CountTable(("sex", "age"), {("f", "<50"): 10, ("f", "50+"): 11})
    visits = CountTable(("sex", "age"), {("f", "<50"): 30, ("f", "50+"): 43})
    assert told_together([visits], [patients, CountTable(("sex",), {("f",): 60})], floor=5) == 0
