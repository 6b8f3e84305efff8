"""A cohort task against es-aces: processor time and peak memory, each in a process of its own.

es-aces wants an older antlr runtime than FHIRPath does, so it cannot stand in the same
environment. Lay it beside: `uv pip install --no-deps --target DIR es-aces==0.7.3 polars
polars-runtime-32 bigtree networkx pytimeparse ruamel-yaml`, and measure with `PYTHONPATH=DIR`;
the tests of strict mode find it there too.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from bench.report.machine import peak_memory_mib

EVENTS = {
    "small": (200_000,),
    "medium": (200_000, 2_000_000),
    "large": (2_000_000, 20_000_000, 100_000_000),
}
BESIDE = 20_000_000
"""Up to so many events es-aces is asked too; it holds about 1 kB an event."""
MOST_GB = 4.0
"""What we may take, at any size."""
ADDRESS_SPACE = 14 * 2**30
"""What es-aces may take, so that a machine with other work on it goes on."""

TASK = """
description: death in hospital, asked one day after admission
predicates:
  admission: {code: {regex: "^HOSPITAL_ADMISSION//.*"}}
  discharge: {code: {regex: "^HOSPITAL_DISCHARGE//.*"}}
  death: {code: MEDS_DEATH}
  discharge_or_death: {expr: "or(discharge, death)"}
trigger: admission
windows:
  input:
    start: null
    end: trigger + 24h
    start_inclusive: true
    end_inclusive: true
    index_timestamp: end
    has:
      _ANY_EVENT: (5, None)
  gap:
    start: trigger
    end: start + 48h
    start_inclusive: false
    end_inclusive: true
    has:
      admission: (None, 0)
      discharge: (None, 0)
      death: (None, 0)
  target:
    start: gap.end
    end: start -> discharge_or_death
    start_inclusive: false
    end_inclusive: true
    label: death
"""


def write_events(path: Path, count: int) -> None:
    """A made-up record of so many events: stays, measurements, some deaths; MEDS columns."""
    import duckdb  # noqa: PLC0415 - the measured processes must not carry it

    per_subject = 200
    with duckdb.connect(config=_bounded(path.parent)) as connection:
        connection.execute("SELECT setseed(0.5)")
        connection.execute(f"""
            COPY (
                SELECT subject_id,
                    TIMESTAMP '2015-01-01' + to_minutes(CAST(minute AS BIGINT)) AS time,
                    CASE WHEN place % 50 = 3 THEN 'HOSPITAL_ADMISSION//' || (subject_id % 4)
                        WHEN place % 50 = 30 AND dice < 0.9 THEN 'HOSPITAL_DISCHARGE//HOME'
                        WHEN place % 50 = 30 THEN 'MEDS_DEATH'
                        ELSE 'LAB//' || CAST(floor(dice * 400) AS INTEGER) END AS code,
                    CAST(dice * 100 AS FLOAT) AS numeric_value
                FROM (
                    SELECT i // {per_subject} AS subject_id, i % {per_subject} AS place,
                        (i % {per_subject}) * 300 + random() * 200 AS minute, random() AS dice
                    FROM range({count}) numbers(i)
                ) ORDER BY subject_id, time
            ) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 122880)""")


def _bounded(folder: Path) -> dict[str, str | bool | int | float | list[str]]:
    """A quarter is left to Python and to what the engine does not count; the rest may spill."""
    return {"memory_limit": f"{MOST_GB * 0.75}GB", "temp_directory": str(folder / "spilled")}


def ours(folder: Path) -> int:
    """Rows that Vitruvian finds."""
    import duckdb  # noqa: PLC0415 - the other process must not carry it

    from vitruvian.criteria import parse_task, run_task  # noqa: PLC0415 - the same

    with duckdb.connect(config=_bounded(folder)) as connection:
        connection.execute(f"CREATE VIEW events AS FROM '{folder / 'events.parquet'}'")
        return int(run_task(parse_task(TASK), connection, source="events").num_rows)


def theirs(folder: Path) -> int:
    """Rows that es-aces finds, in a bounded address space."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    from tests.criteria.oracle import run_aces  # noqa: PLC0415 - the other process must not carry it

    return int(run_aces(folder / "task.yaml", folder / "events.parquet").height)


def nothing(folder: Path) -> int:
    """What starting Python costs."""
    return len(list(folder.iterdir())) * 0


SIDES: dict[str, Callable[[Path], int]] = {"ours": ours, "theirs": theirs, "nothing": nothing}


def alone(side: str, folder: Path) -> dict[str, float] | None:
    """One side in its own process: rows, processor seconds, peak memory in MB; None if it ended."""
    paths = [str(Path(__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", "")]
    found = subprocess.run(
        [sys.executable, "-m", "bench.criteria", side, str(folder)],
        check=side != "theirs",
        capture_output=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
    )
    if found.returncode:
        return None
    answer: dict[str, float] = json.loads(found.stdout.splitlines()[-1])
    return answer


def measure(scale: str) -> list[dict[str, object]]:
    """Processor time and memory at each size of the scale."""
    return [row for count in EVENTS[scale] for row in _at(count)]


def _at(count: int) -> Iterator[dict[str, object]]:
    asked = count <= BESIDE and find_spec("aces") is not None
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "task.yaml").write_text(TASK, "utf-8")
        write_events(folder / "events.parquet", count)
        mine = alone("ours", folder)
        other = alone("theirs", folder) if asked else None
    assert mine is not None
    assert mine["megabytes"] < MOST_GB * 1e9 / 2**20  # the one is GB, the other MiB
    size = f"{count:,} events"
    if other is not None:
        assert mine["rows"] == other["rows"]
        yield _row(f"cohort, processor time, {size}", mine, other, ("seconds", "CPU s"))
        yield _row(f"cohort, peak memory, {size}", mine, other, ("megabytes", "MB"))
        return
    note = f"{mine['rows']:,.0f} rows; {_why(count, asked=asked)}"
    for what, key, unit in (
        ("processor time", "seconds", "CPU s"),
        ("peak memory", "megabytes", "MB"),
    ):
        yield {
            "name": f"cohort, {what}, {size}",
            "value": mine[key],
            "unit": unit,
            "note": note,
        }


def _why(count: int, *, asked: bool) -> str:
    """Why there is no figure beside ours."""
    if asked:
        return f"es-aces did not end within {ADDRESS_SPACE // 2**30} GiB"
    return "es-aces is not installed" if count <= BESIDE else "es-aces is not asked at this size"


def _row(
    name: str, mine: dict[str, float], other: dict[str, float], what: tuple[str, str]
) -> dict[str, object]:
    key, unit = what
    return {
        "name": name,
        "value": mine[key],
        "unit": unit,
        "versus": f"es-aces {other[key]:.3g} {unit}",
        "ratio": other[key] / mine[key],
        "note": f"{mine['rows']:,.0f} rows, equal",
    }


def main(arguments: list[str]) -> None:
    """Measure one side in this process and print what it took, imports included."""
    side, folder = arguments
    rows = SIDES[side](Path(folder))
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds, megabytes = used.ru_utime + used.ru_stime, peak_memory_mib()
    print(json.dumps({"rows": rows, "seconds": seconds, "megabytes": megabytes}))


if __name__ == "__main__":
    main(sys.argv[1:])
