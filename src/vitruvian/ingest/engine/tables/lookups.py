"""Tables that other tables look words up in: concepts, wards, specialities."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any

import pyarrow as pa

from vitruvian.ingest.engine.limits import Limits
from vitruvian.ingest.engine.tables.language.words import Scope
from vitruvian.ingest.engine.tables.reading.texts import header_of, read_text
from vitruvian.ingest.engine.tables.stage import Stage
from vitruvian.ingest.report import Problems

_PLACE = "tab_kept"


def relation_of(stage: Stage, table: str) -> str:
    """The temporary table that a look-up in this mapping reads."""
    return f"tab_lookup_{stage.declared.digest[:8]}_{table}"


def prepare_lookups(connection: Any, reader: Any, stages: list[Stage], *, site: str) -> None:
    """Fill the look-ups of one mapping: from the rows staged now, and from those stored before.

    Of stored rows only those are read that the staged rows ask for.
    """
    asking: dict[str, list[tuple[Stage, str]]] = {}
    for stage in stages:
        for table, column in stage.rule.lookup_keys:
            asking.setdefault(table, []).append((stage, column))
    held = {stage.rule.name: stage for stage in stages}
    for table, askers in asking.items():
        name = relation_of(askers[0][0], table)
        rule = askers[0][0].declared.tables[table]
        stage = held.get(table) or Stage(0, askers[0][0].declared, rule, site)
        _create(connection, name, stage, filled=table in held)
        wanted = _wanted(connection, name, askers)
        if wanted:
            _add_stored(connection, reader, name, stage, wanted)


def _columns(stage: Stage) -> str:
    scope = Scope()
    own = "".join(f', {scope.sql(words)} AS "{name}"' for name, words in stage.rule.lookup.items())
    return f'trim(t."{stage.rule.key[0]}") AS "_key"{own}'


def _create(connection: Any, name: str, stage: Stage, *, filled: bool) -> None:
    if filled:
        connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE {name} AS SELECT {_columns(stage)} FROM {stage.place} t
        QUALIFY row_number() OVER (PARTITION BY "_key" ORDER BY _seq DESC) = 1
        """)
        return
    own = "".join(f', "{each}" VARCHAR' for each in stage.rule.lookup)
    connection.execute(f'CREATE OR REPLACE TEMP TABLE {name} ("_key" VARCHAR{own})')


def _wanted(connection: Any, name: str, askers: Iterable[tuple[Stage, str]]) -> list[str]:
    asked = " UNION ".join(
        f"SELECT nullif(trim(\"{column}\"), '') AS key FROM {stage.place}"
        for stage, column in askers
    )
    rows = connection.execute(f"""
    SELECT key FROM ({asked}) WHERE key IS NOT NULL AND key NOT IN (SELECT "_key" FROM {name})
    """).fetchall()
    return [row[0] for row in rows]


def _add_stored(connection: Any, reader: Any, name: str, stage: Stage, wanted: list[str]) -> None:
    rows = reader.rows(
        "resource",
        columns=["resource_id", "bytes"],
        where="site = ? AND resource_type = ? AND resource_id IN (SELECT unnest(?::VARCHAR[]))",
        params=[stage.site, stage.resource_type, wanted],
    )
    for fields in fields_of(rows.column("bytes").to_pylist()):
        connection.register(_PLACE, _completed(fields, stage.rule.named))
        connection.execute(f"INSERT INTO {name} SELECT {_columns(stage)} FROM {_PLACE} t")
        connection.unregister(_PLACE)


def _completed(fields: pa.Table, names: Iterable[str]) -> pa.Table:
    """The fields, with an empty column for each that this delivery did not have."""
    for name in sorted(set(names) - set(fields.column_names)):
        fields = fields.append_column(name, pa.nulls(fields.num_rows, pa.string()))
    return fields


def fields_of(records: Iterable[bytes]) -> list[pa.Table]:
    """The fields of kept rows, as text; one table for each header among them, order kept within."""
    texts: dict[bytes, list[bytes]] = {}
    objects: list[Mapping[str, str]] = []
    for data in records:
        if data.startswith(b"{"):
            objects.append(json.loads(data))
            continue
        header, _, row = data.partition(b"\n")
        texts.setdefault(header, []).append(row)
    tables = [_of_text(header, rows) for header, rows in texts.items()]
    return [*tables, _of_objects(objects)] if objects else tables


def _of_objects(objects: list[Mapping[str, str]]) -> pa.Table:
    names = sorted({name for each in objects for name in each})
    return pa.table({n: pa.array([each.get(n) for each in objects], pa.string()) for n in names})


def _of_text(line: bytes, rows: list[bytes]) -> pa.Table:
    text = b"\n".join([line, *rows, b""])
    header = header_of(text)
    if header is None:  # it was one when the row was taken in
        return pa.table({})
    found = read_text(BytesIO(text), header, Limits(), Problems())
    return pa.concat_tables([each.fields for each in found])
