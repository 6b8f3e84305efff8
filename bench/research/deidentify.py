"""Identifiers in notes: how many are found, of which kind, what else, and how fast.

MEDDOCAN (Spanish cases, the half by name that may be looked at) and presidio-research are read
when `VITRUVIAN_REAL_DATA` names the folder that holds them; the planted notes are always there.
The baseline is what patterns for numbers, dates and addresses of the net find by themselves.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bench.research.planted import planted
from bench.research.score import Score, Span, meddocan
from vitruvian.research.deidentify.notes import KINDS, Finding, find
from vitruvian.research.deidentify.notes.note import Note
from vitruvian.research.deidentify.notes.rules.dates import find_dates
from vitruvian.research.deidentify.notes.rules.numbers import find_net, find_numbers

PLANTED = {"small": 500, "medium": 2_000, "large": 10_000}
GOAL_PLANTED, GOAL_F1, GOAL_SPEED = 0.995, 0.85, 300.0
ROUNDS = 3
SEED = 2_024
Measured = dict[str, object]
Finder = Callable[[str], Sequence[Finding]]
# What presidio-research calls them, where it means the same as we do.
PRESIDIO = {
    "PERSON": "patient",
    "STREET_ADDRESS": "street",
    "GPE": "place",
    "PHONE_NUMBER": "phone",
    "EMAIL_ADDRESS": "email",
    "DOMAIN_NAME": "url",
    "IBAN_CODE": "account",
    "CREDIT_CARD": "account",
    "US_SSN": "national",
    "DATE_TIME": "date",
    "ZIP_CODE": "place",
    "IP_ADDRESS": "url",
}


def measure(scale: str) -> list[Measured]:
    """Recall, precision and speed."""
    notes = [(one.text, one.spans) for one in planted(PLANTED[scale], seed=SEED)]
    rows = _planted(notes)
    folder = os.environ.get("VITRUVIAN_REAL_DATA")
    if folder and (cases := Path(folder) / "clinical/deid/meddocan/train").is_dir():
        rows += _meddocan(list(meddocan(cases)))
        rows += _presidio(Path(folder) / "clinical/deid/presidio-research/synth_dataset_v2.json")
    return rows


def scored(notes: Iterable[tuple[str, Iterable[Span]]], finder: Finder) -> Score:
    """Every note through a finder."""
    score = Score()
    for text, gold in notes:
        score.add(text, gold, [(one.start, one.end, one.kind) for one in finder(text)])
    return score


def patterns_alone(text: str) -> list[Finding]:
    """The baseline: no names, no lists, no fields."""
    note = Note(text)
    return [*find_net(note), *find_numbers(note), *find_dates(note)]


def _planted(notes: list[tuple[str, tuple[Span, ...]]]) -> list[Measured]:
    ours, usual = scored(notes, find), scored(notes, patterns_alone)
    kinds = ", ".join(f"{kind} {ours.recall(kind):.4f}" for kind in sorted(ours.planted))
    size = f"{len(notes)} notes, names that no list has, five languages"
    return [
        _row("planted identifiers hidden", ours.recall(), f"{size}; {kinds}", GOAL_PLANTED),
        _row("whole notes with nothing left", ours.clean / ours.documents, size),
        _row("the same, patterns alone", usual.recall(), "no lists, fields or names"),
        _row("characters hidden beyond what was planted", ours.beyond / ours.characters, size),
    ]


def _meddocan(cases: list[tuple[str, list[Span]]]) -> list[Measured]:
    ours, usual = scored(cases, find), scored(cases, patterns_alone)
    precision, recall, f1 = ours.f1()
    note = (
        f"precision {precision:.3f}, recall {recall:.3f}; {len(cases)} cases, exact span and kind"
    )
    speed, mean = per_second([text for text, _ in cases])
    return [
        _row("MEDDOCAN, strict F1", f1, note, GOAL_F1),
        _row("the same, patterns alone", usual.f1()[2], "no lists, fields or names"),
        _row("MEDDOCAN, direct identifiers hidden", direct(ours), "names, numbers, streets"),
        _row("MEDDOCAN, whole cases with nothing left", ours.clean / ours.documents,
             "sex, relatives, ages and countries apart, which stay by design"),
        _row("MEDDOCAN, characters hidden beyond the annotated", ours.beyond / ours.characters, ""),
        {
            "name": "notes read, one core",
            "value": speed,
            "unit": "notes/s",
            "versus": f"goal {GOAL_SPEED:.0f} notes/s",
            "ratio": speed / GOAL_SPEED,
            "note": f"{mean:.0f} characters a note, CPU time, best of {ROUNDS}",
        },
    ]  # fmt: skip


DIRECT = frozenset(
    "patient staff street phone fax email url record insurance contact licence national".split()
)


def direct(score: Score) -> float:
    """Share of direct identifiers of which nothing is left."""
    planted_ = sum(score.planted[kind] for kind in DIRECT)
    return sum(score.covered[kind] for kind in DIRECT) / max(1, planted_)


def _presidio(path: Path) -> list[Measured]:
    """Short English sentences on everything; the titles, ages and nationalities in it stay out."""
    notes = []
    for one in json.loads(path.read_text("utf-8")):
        spans = [
            (s["start_position"], s["end_position"], PRESIDIO[s["entity_type"]])
            for s in one["spans"]
            if s["entity_type"] in PRESIDIO
        ]
        notes.append((one["full_text"], spans))
    score = scored(notes, find)
    kinds = ", ".join(f"{kind} {score.recall(kind):.3f}" for kind in KINDS if score.planted[kind])
    size = f"{len(notes)} sentences, not of the clinic"
    return [_row("presidio-research, identifiers hidden", score.recall(), f"{size}; {kinds}")]


def per_second(texts: Sequence[str]) -> tuple[float, float]:
    """Notes a second of CPU time, best round, and characters a note."""
    find(texts[0])
    best = 0.0
    for _ in range(ROUNDS):
        began = time.process_time()
        for text in texts:
            find(text)
        best = max(best, len(texts) / (time.process_time() - began))
    return best, sum(map(len, texts)) / len(texts)


def _row(name: str, value: float, note: str, goal: float | None = None) -> Measured:
    versus = f"goal {goal}" if goal else ""
    ratio = value / goal if goal else None
    return {
        "name": name,
        "value": value,
        "unit": "",
        "versus": versus,
        "ratio": ratio,
        "note": note,
    }
