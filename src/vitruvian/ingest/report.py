"""What a load did: offered = loaded + skipped + rejected, source by source."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from vitruvian.ingest.zones import ASSUMED_SENTENCE, ASSUMED_ZONE, taken_as_utc

Outcome = Literal["loaded", "partial", "refused", "known", "not-recognised"]
PROBLEMS_KEPT = 100
EXAMPLES_KEPT = 5
PROBLEMS_SAID_OF_A_SOURCE = 5
PROBLEMS_SAID = 40
SOURCES_SAID = 5
LEFT_OUT = {
    "refused": "refused whole; nothing of them was loaded",
    "not-recognised": "not recognised, of no kind that is read here",
}


@dataclass(frozen=True)
class Problem:
    """One fault: which record, where in it, what kind, in a sentence without any value.

    ``rejects`` tells whether the record was refused for it;
    ``unread`` whether that happened before the record was staged.
    """

    record: int | None
    pointer: str | None
    code: str
    message: str
    rejects: bool = False
    unread: bool = False


@dataclass
class Problems:
    """Faults of one source; all are counted, the first hundred are kept."""

    kept: list[Problem] = field(default_factory=list)
    count: int = 0
    rejected: int = 0
    rejected_unread: int = 0
    kinds: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, problem: Problem) -> None:
        """Note one fault."""
        self.count += 1
        _count_kind(self.kinds, problem)
        self.rejected += problem.rejects
        self.rejected_unread += problem.rejects and problem.unread
        if len(self.kept) < PROBLEMS_KEPT:
            self.kept.append(problem)


def _count_kind(kinds: dict[str, dict[str, Any]], problem: Problem) -> None:
    kind = kinds.setdefault(problem.code, {"count": 0, "message": problem.message, "examples": []})
    kind["count"] += 1
    if len(kind["examples"]) < EXAMPLES_KEPT:
        kind["examples"].append([problem.record, problem.pointer])


def stored_problems(problems: Iterable[Problem] | Problems, *, assumed_zone: int = 0) -> str | None:
    """Faults kind by kind, as the table ``source`` keeps them; None for none.

    Times whose zone was assumed stand among them, as a kind of their own.

    Examples
    --------
    >>> stored_problems([Problem(3, "/unit", "no-unit", "It has no unit.")])
    '[{"code":"no-unit","count":1,"message":"It has no unit.","examples":[[3,"/unit"]]}]'
    """
    if isinstance(problems, Problems):
        kinds = problems.kinds
    else:
        kinds = {}
        for problem in problems:
            _count_kind(kinds, problem)
    if assumed_zone:
        kinds = kinds | {ASSUMED_ZONE: _assumed_kind(assumed_zone)}
    told = [{"code": code} | kind for code, kind in kinds.items()]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")) if told else None


def _assumed_kind(count: int) -> dict[str, Any]:
    return {"count": count, "message": ASSUMED_SENTENCE, "examples": [[None, None]]}


@dataclass(frozen=True)
class SourceReport:
    """What became of one file or message.

    ``assumed_zone`` counts its events whose time had no zone and was taken as UTC.
    """

    source_id: str
    adapter: str | None
    outcome: Outcome
    offered: int = 0
    loaded: int = 0
    skipped: int = 0
    rejected: int = 0
    assumed_zone: int = 0
    problem_count: int = 0
    problems: tuple[Problem, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The stable JSON form."""
        return asdict(self) | {"problems": [_problem(problem) for problem in self.problems]}


def _sentence(source_id: str, problem: Problem) -> str:
    """One fault with its place; the sentence of a whole source names it already."""
    if source_id in problem.message:
        return problem.message
    record = "" if problem.record is None else f", record {problem.record}"
    pointer = f" at {problem.pointer}" if problem.pointer else ""
    return f"Source {source_id}{record}{pointer}: {problem.message}"


def _shortened(source_ids: list[str]) -> str:
    more = len(source_ids) - SOURCES_SAID
    return ", ".join(source_ids[:SOURCES_SAID]) + (f" and {more:,} more" if more > 0 else "")


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "record": problem.record,
        "pointer": problem.pointer,
        "code": problem.code,
        "message": problem.message,
    }


@dataclass(frozen=True)
class IngestReport:
    """What became of everything that was offered."""

    sources: tuple[SourceReport, ...]

    @property
    def offered(self) -> int:
        """Records found."""
        return sum(source.offered for source in self.sources)

    @property
    def loaded(self) -> int:
        """Records stored."""
        return sum(source.loaded for source in self.sources)

    @property
    def skipped(self) -> int:
        """Records already known."""
        return sum(source.skipped for source in self.sources)

    @property
    def rejected(self) -> int:
        """Records refused, each reported."""
        return sum(source.rejected for source in self.sources)

    @property
    def assumed_zone(self) -> int:
        """Events whose time had no zone and was taken as UTC."""
        return sum(source.assumed_zone for source in self.sources)

    @property
    def refused(self) -> int:
        """Sources refused whole, or of no kind that is read here."""
        return sum(source.outcome in {"refused", "not-recognised"} for source in self.sources)

    def as_json(self) -> dict[str, Any]:
        """The stable JSON form that ``vitruvian ingest --json`` prints."""
        return {
            "offered": self.offered,
            "loaded": self.loaded,
            "skipped": self.skipped,
            "rejected": self.rejected,
            "refused_sources": self.refused,
            "sources": [source.as_json() for source in self.sources],
        }

    def as_lines(self) -> list[str]:
        """What ``vitruvian ingest`` says to people: the sum, what was left out, the first faults.

        Examples
        --------
        >>> IngestReport((SourceReport("5c", None, "not-recognised"),)).as_lines()[1]
        '1 of 1 sources not recognised, of no kind that is read here: 5c'
        """
        counted = f"loaded {self.loaded:,} + skipped {self.skipped:,} (known already)"
        lines = [f"offered {self.offered:,} = {counted} + rejected {self.rejected:,}"]
        for outcome, words in LEFT_OUT.items():
            if left := [each.source_id for each in self.sources if each.outcome == outcome]:
                said = "" if outcome == "refused" else f": {_shortened(left)}"
                lines.append(f"{len(left):,} of {len(self.sources):,} sources {words}{said}")
        if self.assumed_zone:
            lines.append(taken_as_utc(self.assumed_zone))
        faults = [
            _sentence(source.source_id, problem)
            for source in self.sources
            for problem in source.problems[:PROBLEMS_SAID_OF_A_SOURCE]
        ]
        more = sum(source.problem_count for source in self.sources) - len(faults[:PROBLEMS_SAID])
        lines += faults[:PROBLEMS_SAID]
        return [*lines, f"and {more:,} more problems, listed by --json"] if more > 0 else lines
