"""The annotations of a WFDB annotation file, in the MIT format.

References
----------
WFDB Applications Guide, annot(5): "MIT format annotation files"; ecgcodes.h for the codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vitruvian.ingest.errors import Malformed, Truncated

KIND = "WFDB annotation file"
_SKIP, _NUM, _SUB, _CHAN, _AUX = 59, 60, 61, 62, 63
_LAST_CODE = 49
_NOTE = 22
_RESOLUTION = "## time resolution: "
_WORD = 2
_INTERVAL_BITS, _INTERVAL = 10, 0x3FF
# Where no symbol stands the code is kept as its number.
_CODES = (*range(1, 15), 16, *range(18, 42))
SYMBOLS = dict(zip(_CODES, 'NLRaVFJASEj/Q~|sT*D"=pB^t+u?![]en@xf()r', strict=True))


@dataclass(frozen=True)
class Mark:
    """One annotation.

    Parameters
    ----------
    sample
        Its place in the recording, from 0, in ticks of `Marks.rate`.
    symbol
        N for a normal beat, + for a change of rhythm, ...
    note
        The text beside it: "(AFIB" names a rhythm.
    """

    sample: int
    symbol: str
    note: str = ""


@dataclass(frozen=True)
class Marks:
    """The annotations of one file in order; `rate` is ticks a second, None for the header's."""

    found: tuple[Mark, ...]
    rate: float | None = None


def read_marks(data: bytes) -> Marks:
    """The annotations of a file.

    Raises
    ------
    Truncated
        When the file has no end of its own.
    Malformed
        When a code is none of the format's, or the clock runs back before the recording.
    """
    found: list[Mark] = []
    rate: float | None = None
    for code, sample, note in _entries(data):
        if sample < 0:
            raise Malformed(KIND, "an annotation before the recording")
        if code == _NOTE and note.startswith("## "):
            rate = _rate(note) or rate
        elif code:
            found.append(Mark(sample, SYMBOLS.get(code, str(code)), note))
    return Marks(tuple(found), rate)


def _rate(note: str) -> float | None:
    if not note.startswith(_RESOLUTION):
        return None
    try:
        rate = float(note.removeprefix(_RESOLUTION))
    except ValueError:
        rate = 0.0
    if not 0 < rate < float("inf"):
        raise Malformed(KIND, "its time resolution")
    return rate


def _entries(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Code, place and note of each annotation; a note stands behind its annotation."""
    at, sample = 0, 0
    waiting: tuple[int, int] | None = None
    note = ""
    while True:
        code, interval, at = _word(data, at)
        if code == _AUX:
            note = _part(data, at, interval).rstrip(b"\0").decode("latin-1")
            at += interval + interval % _WORD
        elif code == _SKIP:
            sample, at = sample + _long(data, at), at + 4
        elif code not in (_NUM, _SUB, _CHAN):
            if waiting is not None:
                yield (*waiting, note)
            if code == 0 and interval == 0:
                return
            if code > _LAST_CODE:
                raise Malformed(KIND, "a code that the format does not know")
            sample += interval
            waiting, note = (code, sample), ""


def _word(data: bytes, at: int) -> tuple[int, int, int]:
    word = int.from_bytes(_part(data, at, _WORD), "little")
    return word >> _INTERVAL_BITS, word & _INTERVAL, at + _WORD


def _long(data: bytes, at: int) -> int:
    """A long interval: its high half first, each half little endian, as the PDP-11 wrote it."""
    part = _part(data, at, 4)
    return int.from_bytes(part[2:] + part[:2], "little", signed=True)


def _part(data: bytes, at: int, size: int) -> bytes:
    part = data[at : at + size]
    if len(part) < size:
        raise Truncated(KIND)
    return part
