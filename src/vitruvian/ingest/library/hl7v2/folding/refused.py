"""Messages that cannot be mapped: why, and the row of ``resource`` that keeps them meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.hl7v2.facts.documents import PutBlob
from vitruvian.ingest.library.hl7v2.facts.fact import Told
from vitruvian.ingest.library.hl7v2.folding.ledger import Ledger, Row
from vitruvian.ingest.library.hl7v2.folding.subject import Entry, fold
from vitruvian.ingest.library.hl7v2.mapping import listed

MARK = "#quarantined/"
FAILED = "mapping-failed"
# reason -> place in the message, and what to do
REASONS = {
    "no-patient": (
        "/PID/1/3",
        (
            "The message names no patient (PID-3, PID-4, PID-2). "
            "It is kept in quarantine. Ask the sender to fill PID-3."
        ),
    ),
    "type-not-mapped": (
        "/MSH/1/9",
        (
            "No fact is read from this type of message; it is kept in quarantine. "
            "Add it to mapping.toml, then replay the quarantine."
        ),
    ),
    "move-not-mapped": (
        "/MSH/1/9",
        (
            "The message moves a visit or an account from one patient to another (A44, A45), "
            "which is not followed; it is kept in quarantine. Check both records by hand."
        ),
    ),
    FAILED: (
        "/MSH/1",
        (
            "The mapping failed on this message; it is kept in quarantine. "
            "Report it as a defect, and replay the quarantine once it is mended."
        ),
    ),
}
# what a fault in reading a message's words looks like; a full disk is none of these
_FAULTS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)


def reason_of(told: Told) -> str:
    """Why a message cannot be mapped, as far as can be told without trying; empty when it can."""
    if not told.subject_id:
        return "no-patient"
    kind, trigger = told.message.kind, told.message.trigger
    if kind == "ADT" and trigger in listed("identity", "visits_between"):
        return "move-not-mapped"
    return "" if kind in listed("messages", "mapped") else "type-not-mapped"


def waiting_ids(version_id: int) -> dict[str, int]:
    """The version under which a message waits, by reason; the one it has once mapped stays free."""
    return {reason: stable_id("quarantined", str(version_id), reason) for reason in REASONS}


def waiting_row(row: Row, reason: str) -> Row:
    """The row of ``resource`` that keeps a message in quarantine."""
    kind = f"{row['resource_type']}{MARK}{reason}"
    version_id = waiting_ids(row["version_id"])[reason]
    return {**row, "version_id": version_id, "resource_type": kind}


def maps(entry: Entry) -> bool:
    """Whether the mapping gets through a message alone."""
    try:
        fold([entry], lambda _: "")
    except _FAULTS:
        return False
    return True


def fold_what_maps(
    known: Sequence[Entry], fresh: Sequence[Entry], put: PutBlob
) -> tuple[Ledger | None, set[int]]:
    """The rows of one subject, and the versions of new messages on which the mapping fails.

    No rows when the messages that map alone cannot be mapped together; then all new ones fail.
    """
    try:
        return fold([*known, *fresh], put), set()
    except _FAULTS:
        good = [entry for entry in fresh if maps(entry)]
    every = {entry.told.version_id for entry in fresh}
    try:
        ledger = fold([*known, *good], put)
    except _FAULTS:
        return None, every
    return ledger, every - {entry.told.version_id for entry in good}
