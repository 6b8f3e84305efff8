from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from vitruvian.trust import GENESIS, SYSTEM, AuditRow, Deed, chain_breaks, chained


def chain(length: int) -> list[AuditRow]:
    rows: list[AuditRow] = []
    for seq in range(1, length + 1):
        before = rows[-1].hash if rows else GENESIS
        deed = Deed("read", subjects=(seq,), definition="event")
        rows.append(chained(AuditRow(seq, f"2026-01-01T00:00:{seq:02}", SYSTEM, deed, before)))
    return rows


def test_unbroken_chain__has_no_breaks() -> None:
    assert list(chain_breaks(chain(5))) == []


@given(st.integers(1, 5))
def test_changed_row__breaks_the_chain_there(seq: int) -> None:
    rows = chain(5)
    rows[seq - 1] = replace(rows[seq - 1], deed=Deed("read", subjects=()))
    assert next(chain_breaks(rows)) == seq


@given(st.integers(1, 4))
def test_row_changed_and_hashed_again__breaks_the_next_one(seq: int) -> None:
    rows = chain(5)
    rows[seq - 1] = chained(replace(rows[seq - 1], deed=Deed("read", subjects=())))
    assert list(chain_breaks(rows)) == [seq + 1]


@given(st.integers(1, 4))
def test_row_taken_out__breaks_the_chain(seq: int) -> None:
    rows = chain(5)
    del rows[seq - 1]
    assert next(chain_breaks(rows)) == seq


@given(st.integers(1, 5))
def test_line__reads_back_as_the_same_row(seq: int) -> None:
    row = chain(5)[seq - 1]
    assert AuditRow.parse(row.line()) == row
