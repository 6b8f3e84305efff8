"""Makes a lake as an older version did: it knew fewer tables and fewer columns.

Run as a process of its own, since it takes tables and columns out of `vitruvian.record` before the
lake is imported. What it writes is what that version would have written.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from vitruvian.record import tables

# A table that did not exist, one that was never written to, and columns that came later.
NO_TABLE = "image"
NO_COLUMN = {"event": ("fact_key", "flags", "codings"), "note": ("url",)}


def forget() -> None:
    """Take out of the description what the older version did not have."""
    del tables.TABLES[NO_TABLE]
    for name, gone in NO_COLUMN.items():
        table = tables.TABLES[name]
        kept = tuple(column for column in table.columns if column.name not in gone)
        tables.TABLES[name] = replace(table, columns=kept)


def main(path: Path, *, stamped: bool, columns: bool) -> None:
    if columns:
        forget()
    else:
        del tables.TABLES[NO_TABLE]
    from tests.lake.rows import arrow, event, retirement  # noqa: PLC0415 - after forgetting
    from vitruvian.lake import Lake  # noqa: PLC0415 - after forgetting
    from vitruvian.trust import SYSTEM  # noqa: PLC0415 - after forgetting

    def old(number: int, **more: int) -> dict[str, object]:
        gone = NO_COLUMN["event"] if columns else ()
        return {k: v for k, v in event(number, **more).items() if k not in gone}

    with Lake.create(path, site="st-elsewhere") as lake:
        with lake.bulk(SYSTEM) as load:
            load.write("event", arrow("event", [old(n, subject=n % 3) for n in range(1, 8)]))
            load.put_blob(b"a scan")
        lake.append(SYSTEM, {"event": [old(10, subject=1)]})
        lake.append(SYSTEM, {"retirement": [retirement(1, scope="event", target=3, subject=0)]})
        lake.drain(SYSTEM)
        lake.append(SYSTEM, {"event": [old(11, subject=2)]})
        if not stamped:
            with lake._store.catalogue.database.writing() as connection:
                connection.execute("DELETE FROM meta WHERE key='columns'")


if __name__ == "__main__":
    main(Path(sys.argv[1]), stamped="stamped" in sys.argv, columns="columns" in sys.argv)
