"""Lines cut into columns and samples' cells, by places in the bytes, never cell by cell.

Letters of shapes: n lines, s samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

# places in one run of lines: 32 bits, which are half the work
Places = npt.NDArray[Any]
_TAB, _COLON, _COMMA, _CR, _NEWLINE = (ord(letter) for letter in "\t:,\r\n")
_SHORT = 1 << 31
_MOST_DIGITS = 9
"""That many fit 32 bits."""
FIXED = ("chrom", "pos", "id", "ref", "alt", "qual", "filter", "info", "format")


@dataclass(frozen=True)
class Span:
    """Where pieces of text lie: start (n, s) and end, end exclusive; start < 0 when absent."""

    start: Places
    end: Places

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        """Which of them there are."""
        found: npt.NDArray[np.bool_] = self.start >= 0
        return found

    def take(self, rows: Any) -> Span:
        """Some lines' pieces."""
        return Span(self.start[rows], self.end[rows])


@dataclass(frozen=True)
class Block:
    """A run of whole lines that all have as many columns as the header.

    Parameters
    ----------
    data
        Their bytes.
    tabs
        Places of the tabs, (n, columns - 1).
    starts, ends
        Where each line begins, and ends without its line end, (n,).
    """

    data: bytes
    tabs: Places
    starts: Places
    ends: Places

    @cached_property
    def octets(self) -> npt.NDArray[np.uint8]:
        """The bytes as numbers, with zeros behind: whoever reads on past the end meets no digit."""
        return np.frombuffer(self.data + bytes(_MOST_DIGITS), np.uint8)

    @cached_property
    def colons(self) -> Places:
        """Places of the colons, and one behind the end."""
        return _with_end(places_of(self.octets, _COLON), len(self.octets))

    @cached_property
    def commas(self) -> Places:
        """Places of the commas, and one behind the end."""
        return _with_end(places_of(self.octets, _COMMA), len(self.octets))

    @property
    def lines(self) -> int:
        """How many."""
        return len(self.starts)

    def column(self, number: int) -> Span:
        """One column, (n,)."""
        first = self.starts if number == 0 else self.tabs[:, number - 1] + 1
        last = self.ends if number == self.tabs.shape[1] else self.tabs[:, number]
        return Span(first, last)

    def fixed(self) -> pa.Table:
        """The columns before the samples as text."""
        count = min(self.tabs.shape[1] + 1, len(FIXED))
        return pa.table({FIXED[n]: texts(self.octets, self.column(n)) for n in range(count)})

    def cells(self) -> Span:
        """The samples' cells, (n, s)."""
        first = self.tabs[:, 8:] + 1
        last = np.concatenate([self.tabs[:, 9:], self.ends[:, None]], axis=1)
        return Span(first, last)

    def line_of_sample(self, line: int, sample: int) -> bytes:
        """One line with its columns before the samples and the cell of one of them."""
        start, formats_end = int(self.starts[line]), int(self.tabs[line, 8])
        cell = int(self.tabs[line, 8 + sample])
        last = 9 + sample == self.tabs.shape[1]
        end = int(self.ends[line] if last else self.tabs[line, 9 + sample])
        return self.data[start:formats_end] + self.data[cell:end]

    @cached_property
    def parts(self) -> tuple[Places, Places]:
        """The first colon in or after each cell, and how many it holds, (n, s)."""
        cells = self.cells()
        first = np.searchsorted(self.colons, cells.start).astype(self.colons.dtype)
        # the next cell's first colon is this one's last, except at the end of a line
        last = np.empty_like(first)
        last[:, :-1] = first[:, 1:]
        last[:, -1] = np.searchsorted(self.colons, cells.end[:, -1])
        return first, last - first

    @cached_property
    def even(self) -> Places | None:
        """Places of the colons, (n, s, colons a cell); None where cells hold unlike many."""
        cells, samples = self.cells(), self.tabs.shape[1] - 8
        first = np.searchsorted(self.colons, cells.start[:, 0])
        held = np.searchsorted(self.colons, cells.end[:, -1]) - first
        each = int(held[0]) // samples
        if not each or (held != each * samples).any():
            return None
        found = self.colons[first[:, None] + np.arange(each * samples)]
        found = found.reshape(-1, samples, each)
        inside = (found[..., 0] >= cells.start) & (found[..., -1] < cells.end)
        return found if inside.all() else None

    def part(self, cells: Span, place: Places) -> Span:
        """The piece of each cell at its line's place between colons.

        Parameters
        ----------
        cells
            All of them, (n, s).
        place
            (n,) from 0 on; -1 where FORMAT does not name it.
        """
        one = int(place[0])
        if self.even is not None and 0 <= one <= self.even.shape[2] and (place == one).all():
            start = cells.start if one == 0 else self.even[..., one - 1] + 1
            return Span(start, cells.end if one == self.even.shape[2] else self.even[..., one])
        first, count = self.parts
        at = np.maximum(place, 0)[:, None]
        there = (place >= 0)[:, None] & (at <= count)
        index = np.minimum(first + at, len(self.colons) - 1)
        start = np.where(at == 0, cells.start, self.colons[index - 1] + 1)
        end = np.where(at < count, self.colons[index], cells.end)
        if there.all():
            return Span(start, end)
        return Span(np.where(there, start, -1), np.where(there, end, -1))


def places_of(octets: npt.NDArray[np.uint8], letter: int) -> Places:
    """Where a letter stands."""
    found = np.flatnonzero(octets == letter)
    return found.astype(np.int32) if len(octets) < _SHORT else found


def _with_end(places: Places, end: int) -> Places:
    return np.append(places, places.dtype.type(end))


def cut(data: bytes, columns: int) -> tuple[Block, npt.NDArray[np.bool_]]:
    """Lines as a block, and which of the lines offered are in it.

    A line with another number of columns than the header is left out.
    """
    octets = np.frombuffer(data, np.uint8)
    newlines, tabs = places_of(octets, _NEWLINE), places_of(octets, _TAB)
    starts = np.concatenate([np.zeros(1, newlines.dtype), newlines[:-1] + 1])
    per_line = np.diff(np.searchsorted(tabs, np.concatenate([starts, newlines[-1:]])))
    good = per_line == columns - 1
    if not good.all():
        whose = np.repeat(np.arange(len(starts)), per_line)
        tabs, starts, newlines = tabs[good[whose]], starts[good], newlines[good]
    ends = newlines - (octets[np.maximum(newlines - 1, 0)] == _CR)
    return Block(data, tabs.reshape(len(starts), columns - 1), starts, ends), good


def texts(octets: npt.NDArray[np.uint8], span: Span) -> pa.Array:
    """Pieces as text, in row order; null where absent. Bytes that are no UTF-8 become marks."""
    start, end = span.start.ravel(), span.end.ravel()
    size = np.where(start < 0, 0, end - start)
    offsets = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    from_where = np.repeat(start - offsets[:-1], size) + np.arange(offsets[-1])
    content = octets[from_where]
    mask = pa.array(start >= 0).buffers()[1] if (start < 0).any() else None
    buffers = [mask, pa.py_buffer(offsets), pa.py_buffer(content)]
    if not len(content) or int(content.max()) < 0x80:  # noqa: PLR2004  ASCII
        return pa.LargeStringArray.from_buffers(len(start), buffers[1], buffers[2], buffers[0])
    raw = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(start), buffers)
    try:
        return raw.cast(pa.large_string())
    except pa.ArrowInvalid:
        read = [None if v is None else v.decode("utf-8", "replace") for v in raw.to_pylist()]
        return pa.array(read, pa.large_string())


def whole_numbers(
    octets: npt.NDArray[np.uint8], span: Span
) -> tuple[Places, npt.NDArray[np.bool_]]:
    """Pieces as whole numbers, and which of them are one (at most nine digits).

    Parameters
    ----------
    octets
        As of a block: with nine zeros behind the last piece.
    """
    size = span.end - span.start
    good = span.present & (size > 0) & (size <= _MOST_DIGITS)
    value = np.zeros(span.start.shape, np.int32)
    for place in range(int(np.where(good, size, 0).max(initial=0))):
        # what is no digit wraps round to more than nine
        digit = octets[span.start + place] - np.uint8(ord("0"))
        inside = size > place
        good &= (digit <= 9) | ~inside  # noqa: PLR2004  a digit
        value = np.where(inside, value * 10 + digit, value)
    return value, good


def decimals(octets: npt.NDArray[np.uint8], span: Span) -> npt.NDArray[np.float64]:
    """Pieces as numbers; nan where they are none."""
    value, good = whole_numbers(octets, span)
    found = np.where(good, value, np.nan)
    odd = span.present & ~good
    if odd.any():
        rest = texts(octets, Span(span.start[odd], span.end[odd])).dictionary_encode()
        meaning = np.array([_number(text) for text in rest.dictionary.to_pylist()] or [np.nan])
        found[odd] = meaning[rest.indices.to_numpy(zero_copy_only=False)]
    return found


def _number(text: str) -> float:
    """A decimal number; a share in per cent as VarScan writes it; nan for anything else."""
    try:
        return float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return float("nan")
