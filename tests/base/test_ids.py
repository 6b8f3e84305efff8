"""Stable ids: the same number from Python and from SQL."""

from __future__ import annotations

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.base.ids import stable_id, stable_id_sql

words = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)


@given(site=words, reference=words)
def test_stable_id__python_and_sql_agree(site: str, reference: str) -> None:
    sql = f"select {stable_id_sql('?::varchar', '?::varchar')}"
    row = duckdb.execute(sql, [site, reference]).fetchone()
    assert row == (stable_id(site, reference),)


def test_stable_id__sql_null_part_gives_null() -> None:
    assert duckdb.execute(f"select {stable_id_sql('null::varchar', chr(39) * 2)}").fetchone() == (
        None,
    )


def test_stable_id__is_the_published_number_forever() -> None:
    # Ids are stored for good: a change of this number would orphan every stored row.
    assert stable_id("hospital", "Patient/1") == 5543697694136100812


@given(parts=st.lists(words, min_size=1, max_size=4))
def test_stable_id__fits_a_positive_int64(parts: list[str]) -> None:
    assert 0 <= stable_id(*parts) < 2**63
