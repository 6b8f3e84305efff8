"""A picture in the terminal: the same facts as the page, in plain tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from vitruvian.picture.answers import PatientList
from vitruvian.picture.types import Banner, Fact, LabCell, LabTable, Picture, Trace
from vitruvian.terms.printed import printed_quantity, printed_unit

COLUMNS_SHOWN = 6
ROWS_SHOWN = 12
PATIENT_HEADINGS = ("Person", "Name", "Sex", "Born", "Age", "Ward")
ARROWS = {"rising": "↑", "falling": "↓", "steady": "→", "unknown": ""}


def day(moment: datetime | None) -> str:
    """A date, or nothing."""
    return "" if moment is None else moment.date().isoformat()


def minute(moment: datetime) -> str:
    """Date and time in UTC."""
    return moment.strftime("%Y-%m-%d\n%H:%M")


def draw_picture(picture: Picture) -> RenderableType:
    """Banner and panels, one below the other."""
    panels = picture.panels
    parts: list[RenderableType] = [
        draw_banner(picture),
        draw_facts("Problems", panels.problems),
        draw_medicines(picture),
        draw_facts("Allergies", panels.allergies.facts, empty=panels.allergies.answer),
        draw_results("Laboratory", panels.laboratory),
        draw_results("Vital signs", panels.vitals),
        draw_encounters(picture),
    ]
    for title, found in (
        ("Procedures", panels.procedures),
        ("Microbiology", panels.microbiology),
        ("Genomics", panels.genomics),
        ("Immunisations", panels.immunisations),
        ("Family", panels.family),
        ("Social", panels.social),
    ):
        if found:
            parts.append(draw_facts(title, found))
    return Group(*parts)


def draw_banner(picture: Picture) -> Panel:
    """Who this is, and as of when."""
    banner = picture.banner
    lines = [
        Text(name_of(banner), style="bold"),
        Text(" · ".join(part for part in (banner.sex, banner.birth_date, banner.age_text) if part)),
        Text(" · ".join(f"{each.label} {each.value}" for each in banner.identifiers)),
        *(
            Text(f"{each.label}: {printed_quantity(each.value or each.absent or '')}")
            for each in banner.items
        ),
        Text(f"{picture.event_count} facts, {picture.hidden_count} not shown", style="dim"),
    ]
    return Panel(Group(*lines), title=as_known(picture), title_align="left")


def name_of(banner: Banner) -> str:
    """Family name first."""
    return ", ".join(part for part in (banner.family, banner.given) if part) or "name not recorded"


def as_known(picture: Picture) -> str:
    """Which moment of knowledge is shown."""
    as_of = picture.as_of
    if as_of.known_at is None and as_of.recorded_at is None:
        return "as known now"
    parts = []
    if as_of.known_at is not None:
        parts.append(f"as known on {as_of.known_at.isoformat()}")
    if as_of.recorded_at is not None:
        parts.append(f"as recorded on {as_of.recorded_at.isoformat()}")
    return ", ".join(parts)


def draw_patients(found: PatientList) -> RenderableType:
    """Patients with the id that other commands ask for."""
    drawn = table(f"{len(found.patients)} of {found.total:,}", *PATIENT_HEADINGS)
    for each in found.patients:
        name = ", ".join(part for part in (each.family, each.given) if part)
        said = (name or "name not recorded", each.sex, each.birth_date, each.age_text, each.ward)
        drawn.add_row(each.person_id, *(escape(part or "") for part in said))
    return drawn


def table(title: str, *headings: str) -> Table:
    """An empty table in the house's plain style."""
    drawn = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        drawn.add_column(heading)
    return drawn


def add_rows(drawn: Table, rows: Sequence[Iterable[str]]) -> Table:
    """The first rows, and how many more there are."""
    for row in rows[:ROWS_SHOWN]:
        drawn.add_row(*(escape(cell) for cell in row))
    if len(rows) > ROWS_SHOWN:
        drawn.caption = f"and {len(rows) - ROWS_SHOWN} more"
        drawn.caption_justify = "left"
    return drawn


def draw_facts(title: str, facts: Sequence[Fact], *, empty: str = "nothing recorded") -> Table:
    """Facts with their time, state and value."""
    drawn = table(title, "when", "what", "value", "state", "event")
    if not facts:
        drawn.add_row("", empty, "", "", "")
    return add_rows(drawn, [fact_cells(each) for each in facts])


def fact_cells(fact: Fact) -> tuple[str, ...]:
    """One fact as cells."""
    value = " ".join(part for part in (fact.value, printed_unit(fact.unit)) if part)
    if fact.conflict is not None:
        value = " ≠ ".join(printed_quantity(each) for each in fact.conflict.answers)
    label = f"not: {fact.label}" if fact.negated and not says_no(fact.label) else fact.label
    return (day(fact.time), label, value, fact.state or fact.act, fact.event_id)


def says_no(label: str) -> bool:
    """Whether a name denies by itself: "not: No known allergy" would say that there is one.

    Examples
    --------
    >>> says_no("No known allergy"), says_no("Nocturia")
    (True, False)
    """
    return label.casefold().startswith("no ")


def draw_medicines(picture: Picture) -> Table:
    """Medicines with their course."""
    drawn = table("Medicines", "what", "course", "dose", "ordered", "dispensed", "last given")
    rows = [
        (
            each.label,
            each.current,
            each.dose_text or "",
            *(
                day(step.time if step else None)
                for step in (each.ordered, each.dispensed, each.last_given)
            ),
        )
        for each in picture.panels.medicines
    ]
    if not rows:
        drawn.add_row("nothing recorded", *[""] * 5)
    return add_rows(drawn, rows)


def draw_results(title: str, results: LabTable) -> Table:
    """Analytes by the newest collection times."""
    columns = results.columns[:COLUMNS_SHOWN]
    drawn = table(title, "analyte", "range", *(minute(each) for each in columns), "trend")
    if not results.rows:
        drawn.add_row("nothing recorded", *[""] * (len(columns) + 2))
    rows = []
    for each in results.rows:
        cells = {cell.column: cell_text(cell) for cell in each.cells}
        unit = printed_unit(each.unit)
        label = f"{each.label} [{unit}]" if unit else each.label
        values = (cells.get(place, "") for place in range(len(columns)))
        rows.append((label, each.range_text or "", *values, ARROWS[each.trend]))
    return add_rows(drawn, rows)


def cell_text(cell: LabCell) -> str:
    """A result with its flag."""
    flag = cell.interpretation or ("!" if cell.abnormal else "")
    return f"{cell.value} {flag}" if flag and flag != "N" else cell.value


def draw_encounters(picture: Picture) -> Table:
    """Episodes with their wards."""
    drawn = table("Encounters", "from", "to", "what", "where", "status")
    rows = [
        (
            day(each.start),
            day(each.end),
            each.label,
            ", ".join(dict.fromkeys(stay.location for stay in each.stays)),
            each.status or "",
        )
        for each in picture.panels.encounters
    ]
    return add_rows(drawn, rows)


def draw_trace(trace: Trace) -> RenderableType:
    """Each step from the record to the value, then the record's own words."""
    drawn = table("Where this comes from", "step", "what", "by", "when")
    for step in trace.steps:
        at = "" if step.at is None else step.at.isoformat()
        drawn.add_row(*(escape(cell) for cell in (step.step, step.detail, step.version or "", at)))
    facts = Text(
        f"known at {trace.known_at.isoformat()} ({trace.known_at_basis}), "
        f"recorded at {trace.recorded_at.isoformat()}\n"
        f"sha256 of the record {trace.sha256}\nrecomputed now: {trace.recomputed}"
    )
    return Group(drawn, facts, Panel(marked(trace), title="the record, verbatim"))


def marked(trace: Trace) -> Text:
    """The record's text with the place that gave the value in reverse."""
    text = Text(trace.text)
    if trace.highlight_start is not None and trace.highlight_end is not None:
        units = trace.text.encode("utf-16-le")
        start = len(units[: trace.highlight_start * 2].decode("utf-16-le"))
        end = len(units[: trace.highlight_end * 2].decode("utf-16-le"))
        text.stylize("reverse", start, end)
    return text
