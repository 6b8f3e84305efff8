"""Facts from notes: the full English pipeline on one core, and a whole run into a lake.

The notes are MTSamples (3,499 transcriptions) when `VITRUVIAN_REAL_DATA` names the folder that
holds them, and notes of the demo hospital joined to the same length otherwise.
The baselines: what a note costs when every extractor's patterns and names are looked for with
the standard library's `re`, without any context: less work, done the usual way; and medspaCy's
default pipeline where `MEDSPACY_PYTHON` names an interpreter that has it (see `beside.py`).
"""

from __future__ import annotations

import csv
import json
import lzma
import os
import re
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from vitruvian.base.ids import stable_id
from vitruvian.derive import Pace, derive
from vitruvian.derive.engine.library import LIBRARY, extractors
from vitruvian.derive.engine.notes import AS_READ
from vitruvian.derive.engine.reading import read_batch
from vitruvian.derive.engine.rows import derivation_of
from vitruvian.lake import Lake
from vitruvian.record import table_named
from vitruvian.trust import SYSTEM

CORPUS = "clinical/clinical-notes/mtsamples.csv.xz"
MADE_UP = Path(__file__).resolve().parents[2] / "src/vitruvian/demo/data/notes.toml"
NOTES = {"small": 300, "medium": 1_500, "large": 3_000}
LAKE_NOTES = {"small": 2_000, "medium": 10_000, "large": 50_000}
# Records of oncology, as many as an archive holds; 300,000 are to take three minutes.
RECORDS = {"small": 6_000, "medium": 30_000, "large": 300_000}
RECORDS_GOAL = 300_000 / 180
AT_ONCE = 20_000
LENGTH = 3_000
BASELINE_NOTES = 40
GOAL = 1_500.0
MEDSPACY_GOAL = 100.0
# The least of several is what it costs undisturbed; on a shared machine three are too few.
ROUNDS = 10
# Starting processes pays only for many notes.
WORKERS = {"small": 1, "medium": 2, "large": 2}
RECORD_WORKERS = 2
# What a record of oncology speaks of.
ABOUT_CANCER = re.compile(r"(?i)carcinoma|chemotherapy|metasta|tumou?r board|oncolog")
SEEN = datetime(2024, 1, 1, tzinfo=UTC)
Measured = dict[str, object]


def measure(scale: str) -> list[Measured]:
    """Notes a second on one core, beside `re`, and into a lake."""
    texts, corpus = notes()
    records = [text for text in texts if ABOUT_CANCER.search(text)]
    texts = texts[: NOTES[scale]]
    ours = per_second(texts, read_all)
    usual = per_second(texts[:BASELINE_NOTES], search_all, rounds=1)
    return [
        {
            "name": f"full English pipeline, {corpus}, one core",
            "value": ours,
            "unit": "notes/s",
            "versus": f"goal {GOAL:.0f} notes/s",
            "ratio": ours / GOAL,
            "note": f"{len(texts)} notes of {mean_length(texts):.0f} characters, CPU time, "
            f"best of {ROUNDS}; {len(extractors())} extractors, context and rows included",
        },
        {
            "name": "the same names searched with re, no context",
            "value": usual,
            "unit": "notes/s",
            "versus": "full pipeline",
            "ratio": ours / usual,
            "note": f"{BASELINE_NOTES} of the notes",
        },
        *beside_medspacy(texts[:BASELINE_NOTES]),
        into_a_lake(texts, LAKE_NOTES[scale], workers=WORKERS[scale]),
        of_oncology(records, scale),
    ]


def beside_medspacy(texts: Sequence[str]) -> list[Measured]:
    """The default pipeline of medspaCy and ours over the same notes; nothing where it is absent."""
    python = os.environ.get("MEDSPACY_PYTHON")
    if not python:
        print("notes: no row of medspaCy: MEDSPACY_PYTHON names no interpreter that has it")
        return []
    found = subprocess.run(
        [python, "-I", str(Path(__file__).with_name("beside.py"))],
        input=json.dumps(texts), capture_output=True, check=True, text=True,
    )  # fmt: skip
    theirs = json.loads(found.stdout.splitlines()[-1])
    ours = per_second(texts, read_all)
    ratio = ours / theirs["notes_a_second"]
    return [
        {
            "name": "medspaCy's default pipeline, one core",
            "value": theirs["notes_a_second"],
            "unit": "notes/s",
            "versus": f"full pipeline; goal {MEDSPACY_GOAL:.0f}x",
            "ratio": ratio,
            "note": f"{len(texts)} of the notes, ours {ours:.0f} notes/s on them, CPU time, best "
            f"of {ROUNDS}; {', '.join(theirs['steps'])}, no targets of its own",
        }
    ]


def of_oncology(records: Sequence[str], scale: str) -> Measured:
    """Records of oncology, read and stored."""
    run = into_a_lake(records, RECORDS[scale], workers=RECORD_WORKERS)
    return {
        **run,
        "name": f"{RECORDS[scale]:,} records of oncology out of a lake, facts into it",
        "versus": f"goal {RECORDS_GOAL:.0f} records/s: 300,000 in three minutes",
        "ratio": float(str(run["value"])) / RECORDS_GOAL,
    }


def notes() -> tuple[list[str], str]:
    """The notes and what they are called."""
    folder = os.environ.get("VITRUVIAN_REAL_DATA")
    if folder and (path := Path(folder) / CORPUS).is_file():
        csv.field_size_limit(10**9)
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            rows = [row["transcription"] for row in csv.DictReader(lines)]
        return list(dict.fromkeys(text for text in rows if text)), "MTSamples"
    made_up = [entry["text"] for entry in tomllib.loads(MADE_UP.read_text("utf-8")).values()]
    joined = "\n".join(made_up)
    starts = range(NOTES["large"])
    return [(joined[s * 97 % len(joined) :] + joined)[:LENGTH] for s in starts], "demo notes"


def mean_length(texts: Sequence[str]) -> float:
    """Characters a note."""
    return sum(map(len, texts)) / len(texts)


def per_second(
    texts: Sequence[str], work: Callable[[Sequence[str]], int], *, rounds: int = ROUNDS
) -> float:
    """Notes a second of CPU time, best round; the first note warms up."""
    work(texts[:1])
    best = 0.0
    for _ in range(rounds):
        began = time.process_time()
        assert work(texts) > 0
        best = max(best, len(texts) / (time.process_time() - began))
    return best


def read_all(texts: Sequence[str]) -> int:
    """Everything a run does between reading notes and writing their events."""
    rows = [{**note_row(number, text), "is_new": True} for number, text in enumerate(texts)]
    batch = pa.RecordBatch.from_pylist(rows, schema=AS_READ)
    read = read_batch(batch, {each: derivation_of(each) for each in extractors()})
    return int(read.events.num_rows)


def note_row(number: int, text: str) -> dict[str, object]:
    """One row of ``note``."""
    return {
        "note_id": number,
        "subject_id": stable_id("bench", str(number // 3)),
        "version_id": number,
        "site": "bench",
        "source_id": "bench",
        "locator": "record 0 /content/0",
        "known_at": SEEN,
        "known_at_basis": "stated",
        "encounter_id": None,
        "time": SEEN,
        "status": "current",
        "language": "en",
        "text": text,
    }


def search_all(texts: Sequence[str]) -> int:
    """Every name of the tables of problems and medicines as one pattern of `re` each."""
    patterns = [re.compile(rf"\b(?:{'|'.join(map(re.escape, some))})\b", re.IGNORECASE)
                for some in names()]  # fmt: skip
    return 1 + sum(1 for text in texts for pattern in patterns for _ in pattern.finditer(text))


def names() -> list[list[str]]:
    """The names of problems and of medicines."""
    told = []
    for folder, key in (("problems", "problems"), ("medicines", "medicines")):
        said = tomllib.loads((LIBRARY / folder / "terms.en.toml").read_text("utf-8"))
        cells = [line.split("|")[-2:] for line in said[key].splitlines() if line]
        words = [word.strip() for two in cells for cell in two for word in cell.split(",")]
        told.append(sorted(filter(None, words), key=len, reverse=True))
    return told


def into_a_lake(texts: Sequence[str], count: int, *, workers: int) -> Measured:
    """A whole run: notes out of a lake, events into it, durable when it returns."""
    schema = table_named("note").schema
    with tempfile.TemporaryDirectory() as folder, Lake.create(Path(folder) / "lake") as lake:
        with lake.bulk(SYSTEM) as load:
            for first in range(0, count, AT_ONCE):
                numbers = range(first, min(first + AT_ONCE, count))
                rows = [note_row(number, texts[number % len(texts)]) for number in numbers]
                load.write("note", pa.Table.from_pylist(rows, schema=schema))
        began = time.perf_counter()
        report = derive(lake, access=SYSTEM, pace=Pace(workers=workers))
        seconds = time.perf_counter() - began
    return {
        "name": f"{count:,} notes out of a lake, facts into it",
        "value": count / seconds,
        "unit": "notes/s",
        "versus": "",
        "ratio": None,
        "note": f"{report.facts.total():,} facts, {workers} process(es), wall clock, "
        f"{mean_length(texts):.0f} characters a note{under_load()}",
    }


def under_load() -> str:
    """Whether others used the machine, too: then a figure is lower than it would be."""
    load = os.getloadavg()[0]
    return f", taken under load {load:.0f}" if load > (os.cpu_count() or 1) + 1 else ""
