"""The elements below the root of an export, one at a time, with their very bytes.

The internal DTD that Apple writes is stepped over: some releases of iOS write one that is not
well-formed, and without it no entity can be declared or expanded.

References
----------
W3C Extensible Markup Language (XML) 1.0, Fifth Edition.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from xml.parsers import expat

from vitruvian.ingest.engine.limits import MIB, Limits
from vitruvian.ingest.errors import DocumentTooLarge, Malformed, Truncated

KIND = "Apple Health export"
ROOT = "HealthData"
_BLOCK, _PROLOG = MIB, MIB
_DOCTYPE, _END_OF_DTD = b"<!DOCTYPE", b"]>"
_DEPTH = 64
_ENDS_EARLY = {expat.errors.codes[each] for each in (
    expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN,
    expat.errors.XML_ERROR_PARTIAL_CHAR, expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
)}  # fmt: skip


@dataclass(frozen=True)
class Element:
    """One element below the root: its attributes, those of what stands in it, its bytes."""

    name: str
    attributes: dict[str, str]
    inner: tuple[tuple[str, dict[str, str]], ...]
    data: bytes


class _Reader:
    """Feeds the parser and keeps the bytes of the element that is open."""

    def __init__(self, limits: Limits) -> None:
        self.found: list[Element] = []
        self._limits = limits
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.EntityDeclHandler = _refuse_entity
        self._parser.buffer_text = True
        self._held, self._offset = bytearray(), 0
        self._begin: int | None = None
        self._depth = 0
        self._attributes: dict[str, str] = {}
        self._inner: list[tuple[str, dict[str, str]]] = []

    def feed(self, chunk: bytes, *, last: bool = False) -> None:
        self._held += chunk
        try:
            self._parser.Parse(chunk, last)
        except expat.ExpatError as fault:
            if last or fault.code in _ENDS_EARLY:
                raise Truncated(KIND) from None
            what = "its XML is broken"
            raise Malformed(KIND, what) from None
        except (LookupError, ValueError):
            what = "its XML names an encoding that there is not, or that no XML is written in"
            raise Malformed(KIND, what) from None
        self._forget()

    def _forget(self) -> None:
        """Bytes before the open element, or before where the parser stands, are done with."""
        keep = self._begin
        if keep is None:
            keep = max(self._parser.CurrentByteIndex, self._offset)
        del self._held[: keep - self._offset]
        self._offset = keep
        if len(self._held) > self._limits.line_bytes:
            raise DocumentTooLarge(self._limits.line_bytes)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth == 0 and name != ROOT:
            what = f"it does not begin with {ROOT}"
            raise Malformed(KIND, what)
        if self._depth == 1:
            self._begin = self._parser.CurrentByteIndex
            self._attributes, self._inner = attributes, []
        elif self._depth > 1:
            self._inner.append((name, attributes))
        self._depth += 1
        if self._depth > _DEPTH:
            what = f"elements within elements, more than {_DEPTH} deep"
            raise Malformed(KIND, what)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._depth != 1 or self._begin is None:
            return
        place = self._parser.CurrentByteIndex - self._offset
        if self._held.startswith(b"</", place):
            place = self._held.index(b">", place) + 1
        data = bytes(self._held[self._begin - self._offset : place])
        self.found.append(Element(name, self._attributes, tuple(self._inner), data))
        self._begin = None


def _refuse_entity(*_: object) -> None:
    what = "it declares entities, which no export does"
    raise Malformed(KIND, what)


def elements(stream: BinaryIO, limits: Limits) -> Iterator[Element]:
    """The elements below the root, in order; memory is that of the largest one.

    Raises
    ------
    Truncated
        When the document ends before its root does.
    Malformed
        When it is not well-formed, or declares entities.
    """
    reader = _Reader(limits)
    chunk = _without_dtd(stream.read(_BLOCK), stream)
    while chunk:
        reader.feed(chunk)
        yield from reader.found
        reader.found.clear()
        chunk = stream.read(_BLOCK)
    reader.feed(b"", last=True)


def _without_dtd(head: bytes, stream: BinaryIO) -> bytes:
    """The first block with the internal DTD taken out."""
    start = head.find(_DOCTYPE)
    if start < 0:
        return head
    while (end := head.find(_END_OF_DTD, start)) < 0:
        more = stream.read(_BLOCK)
        if not more:
            raise Truncated(KIND)
        head += more
        if len(head) > _PROLOG + _BLOCK:
            what = "its DTD is larger than any that Apple writes"
            raise Malformed(KIND, what)
    if b"<!ENTITY" in head[start:end]:
        _refuse_entity()
    return head[:start] + head[end + len(_END_OF_DTD) :]
