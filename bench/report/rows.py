"""What one measurement says, and how a table of them is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HEADINGS = ("what", "measured", "against", "ratio", "note")


@dataclass(frozen=True)
class Row:
    """One figure, the baseline measured beside it in the same run, and their ratio."""

    name: str
    value: float
    unit: str
    versus: str = ""
    ratio: float | None = None
    note: str = ""

    @classmethod
    def of(cls, measured: Mapping[str, Any]) -> Row:
        """A row from the plain dict that a `measure` function returns."""
        known = {name: measured[name] for name in cls.__dataclass_fields__ if name in measured}
        unknown = sorted(set(measured) - set(known))
        if unknown:
            message = f"a measurement has unknown keys {unknown}; known: {list(HEADINGS)}"
            raise ValueError(message)
        return cls(**known)

    def cells(self) -> tuple[str, ...]:
        """The row as the table shows it."""
        ratio = "" if self.ratio is None else f"{self.ratio:,.2f}x"
        return (self.name, f"{figure(self.value)} {self.unit}", self.versus, ratio, self.note)


def figure(value: float) -> str:
    """Three significant digits, with thousands apart.

    Examples
    --------
    >>> figure(1234567.8), figure(12.345), figure(0.01234)
    ('1,234,568', '12.3', '0.0123')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def as_markdown(rows: Iterable[Row]) -> str:
    """Rows as a Markdown table."""
    lines = [HEADINGS, tuple("---" for _ in HEADINGS), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(escape(cell) for cell in line) + " |" for line in lines)


def escape(cell: str) -> str:
    """A cell that cannot break its table."""
    return cell.replace("|", "\\|").replace("\n", " ")


def as_text(rows: Sequence[Row]) -> str:
    """Rows as aligned plain text for the terminal."""
    table = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[i]) for line in table) for i in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    )
