"""How cost grows from a thousand patients to a hundred thousand: a slope for each kind of work.

Patients of ten resources each are loaded, asked for a cohort, written out as flat tables and
backed up; then one day of a hospital is added. Each piece of work at each size is a process of its
own, so that a peak of memory is that of the work named. A slope is the exponent b of
cost = a * patients ** b, fitted by least squares to the logarithms: 1 means that twice the
patients cost twice as much.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from vitruvian.criteria.cohorts import Asked, ask, examples, read_definition
from vitruvian.ingest import Limits, ingest
from vitruvian.lake import Lake
from vitruvian.lake.keeping.backup import Wants, backup
from vitruvian.research.export.tables import Tables, export_tables, usual_views
from vitruvian.research.export.wish import Wish
from vitruvian.risks import scores
from vitruvian.trust import SYSTEM

PATIENTS = {"small": (100, 1_000), "medium": (1_000, 10_000), "large": (1_000, 10_000, 100_000)}
VALUES_OF_EACH, ONE_DAY = 8, 1_000
COHORT = "diabetes_above_target"
FIRST_DAY = datetime(2015, 1, 1, 8, tzinfo=UTC)
MOST_SLOPE = 1.0
CODES = (("4548-4", "%", 6.1), ("2160-0", "mg/dL", 0.9), ("2823-3", "mmol/L", 4.1))
Measured = dict[str, object]
Resource = dict[str, Any]

CHILD = """
import json, sys, time
from pathlib import Path
from bench.growth import WORK
from bench.report.machine import peak_memory_mib
began = time.process_time(), time.perf_counter()
WORK[sys.argv[1]](Path(sys.argv[2]))
took = time.process_time() - began[0], time.perf_counter() - began[1]
print(json.dumps([*took, peak_memory_mib()]))
"""


@dataclass(frozen=True)
class Cost:
    """What one piece of work took: processor seconds, seconds by the clock, MiB at most."""

    busy_seconds: float
    seconds: float
    peak_mib: float


def measure(scale: str) -> list[Measured]:
    """Processor seconds of each piece of work at each size, and their slopes."""
    costs = {patients: costs_of(patients) for patients in PATIENTS[scale]}
    return [row for name in WORK for row in rows_of(name, {n: costs[n][name] for n in costs})]


def costs_of(patients: int) -> Mapping[str, Cost]:
    """Everything that is done with a lake of so many patients, one after another."""
    with tempfile.TemporaryDirectory(prefix="bench-growth-") as folder:
        write(Path(folder) / "load.ndjson", records(range(patients)))
        write(Path(folder) / "day.ndjson", a_day(patients))
        return {name: in_a_process(name, Path(folder)) for name in WORK}


def in_a_process(name: str, folder: Path) -> Cost:
    """Do one piece of work in a process of its own."""
    told = [sys.executable, "-c", CHILD, name, str(folder)]
    done = subprocess.run(told, check=True, capture_output=True, text=True)
    return Cost(*json.loads(done.stdout.splitlines()[-1]))


def load(folder: Path) -> None:
    """A lake of all of them, from NDJSON."""
    limits = Limits()
    memory = f"{limits.engine_bytes >> 20}MiB"
    with Lake.create(folder / "lake", site="bench", memory_limit=memory) as lake:
        ingest([folder / "load.ndjson"], lake, access=SYSTEM, limits=limits)


def cohort(folder: Path) -> None:
    """One of the cohorts that come with Vitruvian, with the people it leaves out at each step."""
    definition = next(each for each in examples() if each.name == COHORT)
    with Lake.open(folder / "lake") as lake, lake.read(SYSTEM) as reader:
        assert ask(read_definition(definition.text), Asked(reader, scores())).members


def flat_tables(folder: Path) -> None:
    """The usual views of every resource, as Parquet."""
    with Lake.open(folder / "lake") as lake:
        export_tables(lake, folder / "tables", Wish(SYSTEM), Tables(usual_views()))


def back_up(folder: Path) -> None:
    """A first backup, of everything."""
    backup(folder / "lake", folder / "backups", Wants(SYSTEM))


def add_a_day(folder: Path) -> None:
    """A thousand results more, of people whom the lake knows."""
    with Lake.open(folder / "lake") as lake:
        ingest([folder / "day.ndjson"], lake, access=SYSTEM)


WORK: Mapping[str, Callable[[Path], None]] = {
    "load": load,
    "a cohort": cohort,
    "flat tables": flat_tables,
    "a backup": back_up,
    f"{ONE_DAY:,} results more": add_a_day,
}


def write(path: Path, given: Iterable[Resource]) -> None:
    """NDJSON, one resource a line."""
    with path.open("wb") as stream:
        stream.writelines(orjson.dumps(one) + b"\n" for one in given)


def records(patients: Iterable[int]) -> Iterator[Resource]:
    """A patient with diabetes and eight results, of each number."""
    for n in patients:
        yield {
            "resourceType": "Patient",
            "id": f"p{n}",
            "gender": ("female", "male")[n % 2],
            "birthDate": f"{1930 + n % 70}-0{1 + n % 9}-11",
        }
        yield {
            "resourceType": "Condition",
            "id": f"c{n}",
            "subject": {"reference": f"Patient/p{n}"},
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": "44054006"}]},
            "onsetDateTime": (FIRST_DAY + timedelta(days=n % 900)).isoformat(),
        }
        for nth in range(VALUES_OF_EACH):
            yield result(f"o{n}-{nth}", n, FIRST_DAY + timedelta(days=n % 900 + 60 * nth), nth)


def result(name: str, patient: int, when: datetime, nth: int) -> Resource:
    """One result of a laboratory."""
    code, unit, middle = CODES[nth % len(CODES)]
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "subject": {"reference": f"Patient/p{patient}"},
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": when.isoformat(),
        "valueQuantity": {"value": round(middle * (1 + patient % 7 / 10), 2), "unit": unit},
    }


def a_day(patients: int) -> Iterator[Resource]:
    """Results of one later day, spread over everybody."""
    for nth in range(ONE_DAY):
        whom = nth * max(patients // ONE_DAY, 1) % patients
        yield result(f"day-{nth}", whom, FIRST_DAY + timedelta(days=2_000, seconds=nth), nth)


def rows_of(name: str, costs: Mapping[int, Cost]) -> Iterator[Measured]:
    """One line a size, and the slope."""
    for patients, cost in costs.items():
        yield {
            "name": f"{name}, {patients:,} patients",
            "value": cost.busy_seconds,
            "unit": "CPU s",
            "note": f"{cost.seconds:.1f} s by the clock, {cost.peak_mib:,.0f} MiB at most",
        }
    sizes, busy = [*costs], [cost.busy_seconds for cost in costs.values()]
    last = slope(sizes[-2:], busy[-2:])
    yield {
        "name": f"{name}, log-log slope from {sizes[0]:,} to {sizes[-1]:,} patients",
        "value": slope(sizes, busy),
        "unit": "",
        "versus": f"at most {MOST_SLOPE:.1f}",
        "note": f"{last:.2f} from {sizes[-2]:,} to {sizes[-1]:,}",
    }


def slope(sizes: Sequence[int], costs: Sequence[float]) -> float:
    """The exponent of a power law through sizes and costs, both above zero."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])
