"""A row of the audit as systems that watch for incidents read it: Common Event Format.

References
----------
Micro Focus Security ArcSight Common Event Format, version 26 (2021): header of seven fields, the
extension dictionary, and what is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from vitruvian.trust.audit.rows import AuditRow

# How much it matters, 0 to 10: what somebody should look at is 7, a refusal 5, all else 2.
ASKED_ABOUT, REFUSED, USUAL = 7, 5, 2
MOST_PATIENTS = 50


def as_cef(row: AuditRow, *, version: str, flags: Sequence[str] = ()) -> str:
    """One row as one line; patients stand as their subject ids, never by name.

    Parameters
    ----------
    row
        A link of the chain.
    version
        Of this software.
    flags
        What somebody should ask about.
    """
    deed, access = row.deed, row.access
    severity = ASKED_ABOUT if flags else REFUSED if deed.outcome == "refused" else USUAL
    named = ("Vitruvian", "Vitruvian", version, deed.kind, f"{deed.kind} {deed.outcome}")
    shown = [str(one) for one in deed.subjects[:MOST_PATIENTS]]
    said = {
        "rt": str(int(datetime.fromisoformat(row.at).timestamp() * 1000)),
        "externalId": str(row.seq),
        "suser": access.who,
        "spriv": access.role,
        "reason": access.purpose,
        "outcome": deed.outcome,
        "requestContext": deed.definition,
        "cn1Label": "patients",
        "cn1": str(len(deed.subjects)),
        "cs1Label": "subjects",
        "cs1": " ".join(shown),
        "cs2Label": "flags",
        "cs2": " ".join(flags),
        "fileHash": row.hash,
    }
    head = "|".join(header(word) for word in named)
    return f"CEF:0|{head}|{severity}|" + " ".join(
        f"{key}={extension(word)}" for key, word in said.items() if word
    )


def header(word: str) -> str:
    """A word of the header, escaped."""
    return word.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("\r", " ")


def extension(word: str) -> str:
    """A value of the extension, escaped."""
    escaped = word.replace("\\", "\\\\").replace("=", "\\=")
    return escaped.replace("\n", "\\n").replace("\r", "\\r")
