"""One message after another out of a file: single, batch (FHS, BHS), MLLP frames.

References
----------
HL7 Version 2.8.2, chapter 2.10.3, batch protocol; MLLP release 1: <VT> message <FS><CR>.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from vitruvian.ingest.errors import Malformed, Truncated

KIND = "HL7 v2 file"
_BEGINS = re.compile(
    rb"^(?:\xef\xbb\xbf)?[\x0b\s]*(?:\xef\xbb\xbf)?(?:MSH|FHS|BHS)([^\w\s])[^\w\s]{1,5}(?:\1|[\r\n]|$)"
)
_BOUNDARY = re.compile(rb"(?<=[\r\n\x0b\x1c])(?:\xef\xbb\xbf)?(?=(?:MSH|FHS|BHS|BTS|FTS)[^\w\s])")
_CHUNK = 1 << 20
# the longest thing that a chunk may cut in two at a boundary: byte order mark, name, separator
_MARGIN = 8
_END_OF_FRAME = b"\x1c"


def is_hl7(head: bytes) -> bool:
    r"""Whether a source begins like HL7 v2.

    Examples
    --------
    >>> is_hl7(rb"MSH|^~\&|LAB|H|"), is_hl7(b"MSHELL|a|b")
    (True, False)
    """
    return _BEGINS.match(head[:64]) is not None


@dataclass
class Envelope:
    """Which headers were opened, and whether their trailers came."""

    open: list[bytes] = field(default_factory=list)
    in_frame: bool = False

    def see(self, name: bytes) -> None:
        """Note a header or a trailer."""
        if name in {b"FHS", b"BHS"}:
            self.open.append(name)
        elif name in {b"BTS", b"FTS"} and self.open:
            self.open.pop()

    @property
    def complete(self) -> bool:
        """Whether all that was opened was closed."""
        return not self.open and not self.in_frame


def split_messages(stream: BinaryIO, *, limit: int) -> Iterator[bytes]:
    """The messages of a file, verbatim, without the line break or frame after them.

    Raises
    ------
    Truncated
        When a batch header has no trailer, or an MLLP frame no end.
    Malformed
        When one message is longer than ``limit`` bytes.
    """
    envelope, count = Envelope(), 0
    for piece in _pieces(stream, limit=limit):
        text = (
            piece.removeprefix(b"\xef\xbb\xbf").lstrip(b"\x0b \t\r\n").removeprefix(b"\xef\xbb\xbf")
        )
        name = text[:3]
        if b"\x0b" in piece or _END_OF_FRAME in piece:
            envelope.in_frame = piece.rstrip(b"\r\n").endswith(b"\x0b") or (
                envelope.in_frame and _END_OF_FRAME not in piece
            )
        if name == b"MSH":
            yield text.rstrip(b"\x0b\x1c\r\n")
            count += 1
        else:
            envelope.see(name)
    if not envelope.complete:
        raise Truncated(KIND, record=count)


def _pieces(stream: BinaryIO, *, limit: int) -> Iterator[bytes]:
    """The file cut before each header, trailer and message."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        rest += chunk
        start = 0
        for found in _BOUNDARY.finditer(rest, 1):
            # what stands at the very end may go on in the next chunk
            if found.start() > len(rest) - _MARGIN:
                break
            yield rest[start : found.start()]
            start = found.start()
        rest = rest[start:]
        if len(rest) > limit:
            raise Malformed(KIND, f"one message is longer than {limit:,} bytes")
    start = 0
    for found in _BOUNDARY.finditer(rest, 1):
        yield rest[start : found.start()]
        start = found.start()
    if rest[start:].strip():
        yield rest[start:]
