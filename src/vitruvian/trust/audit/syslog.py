"""A row of the audit, or a checkpoint, as a message of syslog, and messages as a stream. Pure.

References
----------
RFC 5424 (2009), the syslog protocol: header, facilities (13 is log audit), severities. RFC 5425
(2009), section 4.3, and RFC 6587 (2012), section 3.4.1: octet counting over TLS and TCP.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

LOG_AUDIT = 13
MOST_SEVERITIES = 8
Severity = Literal["warning", "notice"]
SEVERITIES: dict[Severity, int] = {"warning": 4, "notice": 5}
PRINTABLE = range(33, 127)
LONGEST_NAME = 255


@dataclass(frozen=True)
class Message:
    """One message.

    Parameters
    ----------
    at
        When it happened.
    kind
        What it is: `audit` or `checkpoint`.
    words
        What it says, in one line.
    severity
        A warning is something to ask about.
    """

    at: datetime
    kind: Literal["audit", "checkpoint"]
    words: str
    severity: Severity = "notice"


def as_message(message: Message, *, host: str) -> bytes:
    """One message as RFC 5424 writes it.

    Parameters
    ----------
    message
        What to tell.
    host
        The machine that tells it; what is not printable ASCII is left out.

    Examples
    --------
    >>> at = datetime(2026, 6, 30, 12, tzinfo=UTC)
    >>> as_message(Message(at, "audit", "CEF:0|..."), host="lake-1")
    b'<109>1 2026-06-30T12:00:00.000000Z lake-1 vitruvian - audit - CEF:0|...'
    """
    priority = LOG_AUDIT * MOST_SEVERITIES + SEVERITIES[message.severity]
    at = f"{message.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    named = "".join(each for each in host if ord(each) in PRINTABLE)[:LONGEST_NAME] or "-"
    words = message.words.replace("\r", " ").replace("\n", " ")
    return f"<{priority}>1 {at} {named} vitruvian - {message.kind} - {words}".encode()


def framed(message: bytes) -> bytes:
    """A message with its length before it, as a stream carries it.

    Examples
    --------
    >>> framed(b"<109>1 - - - - - -")
    b'18 <109>1 - - - - - -'
    """
    return f"{len(message)} ".encode() + message
