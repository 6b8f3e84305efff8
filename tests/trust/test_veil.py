"""What the door hides is hidden alike by SQL and by Arrow, however long the lists are."""

from __future__ import annotations

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.lake.engines.veil import Veil, veiled, veiled_sql, within
from vitruvian.record import table_named
from vitruvian.trust.reach import Subjects

RESOURCE = table_named("resource")
TYPES = ("Observation", "Organization", "Condition")
ids = st.integers(0, 40)
some = st.frozensets(ids, max_size=30)
rows = st.lists(
    st.tuples(st.none() | ids, st.none() | ids, st.sampled_from(TYPES)), min_size=0, max_size=25
)


def table_of(said: list[tuple[int | None, int | None, str]]) -> pa.Table:
    subjects, versions, types = zip(*said, strict=True) if said else ((), (), ())
    return pa.table(
        {
            "subject_id": pa.array(subjects, pa.int64()),
            "version_id": pa.array(versions, pa.int64()),
            "resource_type": pa.array(types, pa.string()),
        }
    )


def by_sql(stored: pa.Table, veil: Veil) -> list[tuple[object, ...]]:
    connection = duckdb.connect()
    connection.register("stored", stored)

    def register(more: pa.Table) -> str:
        name = f"list_{connection.execute('SELECT nextval(?)', ['n']).fetchall()[0][0]}"
        connection.register(name, more)
        return name

    connection.execute("CREATE SEQUENCE n")
    lets = veil.of(RESOURCE)
    sql = veiled_sql(
        "SELECT * FROM stored", table=RESOURCE, veil=veil, lets=lets, register=register
    )
    return sorted(connection.execute(sql).fetchall(), key=repr)


def by_hand(stored: pa.Table, veil: Veil) -> list[tuple[object, ...]]:
    """As the sentences of the policy have it, row by row."""
    lets, kept = veil.of(RESOURCE), []
    for row in stored.to_pylist():
        subject, kind = row["subject_id"], row["resource_type"]
        nobody = subject is None and (lets.only is None or kind == "Organization")
        reached = nobody or (subject is not None and lets.lets(subject))
        if reached and row["version_id"] not in veil.versions:
            kept.append(tuple(row.values()))
    return sorted(kept, key=repr)


PATIENT = table_named("patient")


def test_version_hidden_for_its_time__shows_who_it_is_about_and_nothing_else() -> None:
    stored = table_of([(1, 5, "Patient"), (1, 6, "Patient"), (1, 7, "Patient")])
    veil = Veil(versions=frozenset({5, 6}), faces=frozenset({6}))
    connection = duckdb.connect()
    connection.register("stored", stored)
    for table, expected in ((PATIENT, [6, 7]), (RESOURCE, [7])):
        near = veiled(stored, table=table, veil=veil)
        assert near.column("version_id").to_pylist() == expected
        lets, register = veil.of(table), lambda _: ""
        sql = veiled_sql(
            "SELECT * FROM stored", table=table, veil=veil, lets=lets, register=register
        )
        found = connection.execute(sql).fetchall()
        assert sorted(row[1] for row in found) == expected
    assert veil.digest() != Veil(versions=frozenset({5, 6})).digest()


@settings(max_examples=60, deadline=None)
@given(rows, some, some, st.none() | some)
def test_hidden_rows__are_the_same_by_sql_by_arrow_and_by_hand(
    said: list[tuple[int | None, int | None, str]],
    versions: frozenset[int],
    never: frozenset[int],
    only: frozenset[int] | None,
) -> None:
    stored = table_of(said)
    veil = Veil(subjects={"resource": Subjects(only, never)}, versions=versions)
    near = veiled(within(stored, table=RESOURCE, veil=veil), table=RESOURCE, veil=veil)
    expected = by_hand(stored, veil)
    assert sorted((tuple(row.values()) for row in near.to_pylist()), key=repr) == expected
    assert by_sql(stored, veil) == expected
