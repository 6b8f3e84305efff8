"""Cohorts in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from vitruvian.criteria.cohorts.answer import Answer, Descendants, Step
from vitruvian.criteria.cohorts.compare import Comparison
from vitruvian.criteria.cohorts.why import Why, WhyTrigger
from vitruvian.criteria.errors import Complaint

BAR_CELLS = 24
EIGHTHS = " ▏▎▍▌▋▊▉"
LISTED = 10
MARKS = {"in": "✓", "out": "✗", "unknown": "?"}


def bar(count: int, *, of: int) -> str:
    """A bar as long as a share.

    Examples
    --------
    >>> bar(12, of=24), bar(0, of=24), bar(1, of=48)
    ('████████████', '', '▌')
    """
    eighths = round(BAR_CELLS * 8 * count / of) if of else 0
    whole, rest = divmod(max(eighths, min(count, 1)), 8)
    return "█" * whole + (EIGHTHS[rest] if rest else "")


def draw_answer(answer: Answer, *, snapshot: str) -> RenderableType:
    """Attrition as a table with bars, and who is in."""
    most = max((step.persons or 0 for step in answer.steps), default=0)
    table = _table("line", "what is left", "persons", "triggers", "")
    for step in answer.steps:
        table.add_row(*_step(step), bar(step.persons or 0, of=most))
    told = (
        f"{len(answer.persons('in'))} persons in by {answer.triggers('in')} triggers, "
        f"{len(answer.persons('unknown'))} unknown. Snapshot {snapshot}."
    )
    opened = [Text(descendants_text(each)) for each in answer.descendants]
    title = Text(answer.title, style="bold")
    return Group(title, table, Text(told), *opened, *_unknown_lines(answer))


def descendants_text(found: Descendants) -> str:
    """What a code was opened to, in words.

    Examples
    --------
    >>> descendants_text(Descendants("SNOMED//73211009", 312, ("snomed 20250101",)))
    'SNOMED//73211009 with its descendants: 312 codes, by snomed 20250101'
    """
    by = ", ".join(found.releases)
    return f"{found.code} with its descendants: {found.codes:,} codes, by {by}"


def _step(step: Step) -> tuple[str, str, str, str]:
    def shown(count: int | None) -> str:
        return "" if count is None else f"{count:,}"

    line = "" if step.line is None else str(step.line)
    return line, escape(step.says), shown(step.persons), shown(step.triggers)


def _unknown_lines(answer: Answer) -> list[RenderableType]:
    """Which lines nobody could answer, and for how many triggers."""
    counts: dict[str, int] = {}
    for each in answer.members:
        for at in each.unknown:
            counts[at] = counts.get(at, 0) + 1
    ranked = sorted(counts.items(), key=lambda one: -one[1])
    return [Text(f"  unknown for {count:,} triggers: {at}") for at, count in ranked]


def answer_json(answer: Answer, *, snapshot: str, logic: str) -> dict[str, Any]:
    """The answer as `--json` prints it."""
    return {
        "title": answer.title,
        "logic": logic,
        "snapshot": snapshot,
        "persons": {"in": len(answer.persons("in")), "unknown": len(answer.persons("unknown"))},
        "triggers": {"in": answer.triggers("in"), "unknown": answer.triggers("unknown")},
        "steps": answer.steps,
        "descendants": answer.descendants,
        "members": answer.members,
    }


def draw_complaint(complaint: Complaint) -> RenderableType:
    """What is wrong, under the line where it stands."""
    parts: list[RenderableType] = []
    if complaint.line is not None:
        parts.append(Text(f"{complaint.line:>4} │ {complaint.shown}", style="bold"))
        indent = len(complaint.shown) - len(complaint.shown.lstrip())
        parts.append(Text("     │ " + " " * indent + "^" * len(complaint.shown.strip())))
    parts.append(Text(complaint.says))
    if complaint.hint is not None:
        parts.append(Text(complaint.hint, style="bold"))
    return Group(*parts)


def draw_why(found: Why) -> RenderableType:
    """Every trigger of a person, line by line."""
    if not found.triggers:
        return Text("Nothing in this record starts the question: the trigger is never hit.")
    return Group(*map(_trigger, found.triggers))


def _trigger(one: WhyTrigger) -> RenderableType:
    table = _table("line", "", "", "hits", "events")
    for line in one.lines:
        told = _few(line.events)
        if line.missing:
            told = "missing: " + ", ".join(line.missing)
        hits = "" if line.count is None else str(line.count)
        where = "" if line.line is None else str(line.line)
        table.add_row(where, MARKS[line.answer], escape(line.says), hits, told)
    decided = f", by {one.decided_at}" if one.decided_at else ""
    head = f"{one.trigger.isoformat()}: {one.answer}{decided}"
    numbers = [
        Text(f"  {name} = {_number(value, one.units.get(name))}")
        for name, value in one.measures.items()
    ]
    return Group(Text(head, style="bold"), table, *numbers)


def _number(value: float | None, unit: str | None) -> str:
    return "unknown" if value is None else f"{value:g} {unit or ''}".rstrip()


def draw_comparison(found: Comparison) -> RenderableType:
    """The lines that split the two, and whom."""
    if not found.groups:
        return Text("Both judge every trigger alike.")
    table = _table("line", "of", "what", "first", "second", "persons", "triggers", "who")
    for one in found.groups:
        who = _few([each.person_id for each in one.listed])
        line = "" if one.line is None else str(one.line)
        counts = (f"{one.persons or 0:,}", f"{one.triggers or 0:,}")
        table.add_row(line, one.of, escape(one.at), one.first, one.second, *counts, who)
    return table


def _few(names: Sequence[str]) -> str:
    rest = len(names) - LISTED
    return " ".join(names[:LISTED]) + (f" and {rest} more" if rest > 0 else "")


def _table(*headings: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in headings:
        numbers = heading in {"line", "persons", "triggers", "hits"}
        table.add_column(heading, justify="right" if numbers else "left", overflow="fold")
    return table
