"""A cohort as somebody writes it down: its title, its text, and the task that it says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from vitruvian.criteria.cohorts.places import line_of, lines_of
from vitruvian.criteria.errors import (
    BrokenDefinition,
    Complaint,
    CriteriaError,
    InvalidTask,
    NotTwoValued,
    UnknownName,
    UnreadableTask,
)
from vitruvian.criteria.language.descendants import with_descendants
from vitruvian.criteria.language.document import Entry, read_document
from vitruvian.criteria.language.task import Task, parse_task
from vitruvian.criteria.plan.build import build_plan
from vitruvian.criteria.plan.nodes import Logic
from vitruvian.terms.releases import Expansion

UNTITLED = "Cohort without a title"
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Definition:
    """A cohort definition, read and checked.

    Parameters
    ----------
    text
        The YAML as written.
    title
        `metadata.title`, else the first line of `description`.
    says
        The description, for people.
    task
        What it asks.
    logic
        Three-valued, unless `metadata.logic` says `strict`: then it answers as es-aces does.
    lines
        The line of every element by its path.
    """

    text: str
    title: str
    says: str
    task: Task
    logic: Logic
    lines: Mapping[str, int]

    def line(self, at: str | None) -> int | None:
        """Where an element stands in the text."""
        return None if at is None else line_of(dict(self.lines), at)


def read_definition(text: str) -> Definition:
    """A cohort definition out of its YAML.

    Raises
    ------
    BrokenDefinition
        When it cannot be used as written; says in which line, what was expected, and what the
        writer may have meant.
    """
    try:
        top = read_document(text).members()
        task = parse_task(text)
        logic = _logic(top.get("metadata"))
        # what is a kind of what, and whether it is known, the lake tells when it is asked
        build_plan(with_descendants(task, _alone), logic=logic)
    except CriteriaError as problem:
        raise BrokenDefinition(complaint_of(text, problem)) from None
    says = _text(top.get("description"))
    title = _text(_members(top.get("metadata")).get("title")) or says.partition("\n")[0]
    return Definition(text, title or UNTITLED, says, task, logic, lines_of(text))


def _alone(code: str) -> Expansion:
    return Expansion(code, (code,), ())


def _members(entry: Entry | None) -> Mapping[str, Entry]:
    found = entry is not None and isinstance(entry.value, dict)
    return entry.members() if entry is not None and found else {}


def _text(entry: Entry | None) -> str:
    return str(entry.value).strip() if entry is not None and entry.value is not None else ""


def _logic(metadata: Entry | None) -> Logic:
    word = _members(metadata).get("logic")
    if word is None or word.value == "three-valued":
        return "three-valued"
    if word.value == "strict":
        return "strict"
    raise word.wrong("not a logic", expected="three-valued, or strict as es-aces")  # noqa: TRY003 - the reader of a language has one class of complaint


def complaint_of(text: str, problem: CriteriaError) -> Complaint:
    """What is wrong, the line, and what may have been meant."""
    line: int | None = None
    if isinstance(problem, UnreadableTask):
        line = problem.line
    elif isinstance(problem, InvalidTask):
        lines = lines_of(text)
        line = lines.get(_culprit(problem)) or line_of(lines, problem.at)
    rows = text.splitlines()
    shown = rows[line - 1] if line is not None and line <= len(rows) else ""
    at = problem.at if isinstance(problem, InvalidTask) else None
    return Complaint(str(problem), line=line, at=at, shown=shown, hint=_hint(text, problem))


def _culprit(problem: InvalidTask) -> str:
    """The path of the very name that is wrong, where the complaint is about what holds it."""
    name = problem.name if isinstance(problem, UnknownName) else _meaningless(problem)
    return name if problem.at == "the top" else f"{problem.at}.{name}"


def _meaningless(problem: InvalidTask) -> str:
    """The element that means nothing; empty when the complaint is another one."""
    found = re.search(r"'([^']*)' means nothing here", str(problem))
    return found[1] if found else ""


def _hint(text: str, problem: CriteriaError) -> str | None:
    """What the writer may have meant."""
    if isinstance(problem, NotTwoValued):
        return "Remove `logic: strict` from `metadata`, or the construct."
    if isinstance(problem, UnknownName):
        paths = (path for path in lines_of(text) if path.count(".") == 1)
        names = sorted({path.partition(".")[2] for path in paths})
        near = get_close_matches(problem.name, names, n=1)
        return f"Did you mean `{near[0]}`?" if near else _known(names)
    if isinstance(problem, InvalidTask) and _meaningless(problem):
        expected = _WORD.findall(str(problem).partition("Expected ")[2].partition(". ")[0])
        near = get_close_matches(_meaningless(problem), expected, n=1)
        return f"Did you mean `{near[0]}`?" if near else None
    return None


def _known(names: list[str]) -> str | None:
    return f"Defined here: {', '.join(names)}." if names else None
