"""Messages that cannot be mapped: why, and the row of ``resource`` that keeps them meanwhile."""

from __future__ import annotations

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.hl7v2.facts.fact import Told
from vitruvian.ingest.library.hl7v2.facts.people import subject_of
from vitruvian.ingest.library.hl7v2.facts.visits import numbered
from vitruvian.ingest.library.hl7v2.folding.ledger import Row
from vitruvian.ingest.library.hl7v2.mapping import listed, visit_move

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
            "The message moves a visit or an account (A44, A45) and does not say which, or from "
            "whom to whom (PID-3, MRG-1, and MRG-3 or MRG-5). "
            "It is kept in quarantine. Check both records by hand, and ask the sender to fill them."
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


def reason_of(told: Told) -> str:
    """Why a message cannot be mapped, as far as can be told without trying; empty when it can."""
    kind = told.message.kind
    if kind not in listed("messages", "mapped"):
        return "type-not-mapped"
    if not told.subject_id:
        return "no-patient"
    return "move-not-mapped" if kind == "ADT" and unclear_move(told) else ""


def unclear_move(told: Told) -> bool:
    """Whether a visit or account shall go, and it is not said which, or from whom to whom.

    A visit that changes its account and not its patient (A45) is clear.
    """
    message, field = told.message, visit_move(told.message.trigger)
    if field is None:
        return False
    named = [
        (subject_of(message, mrg, site=told.site), numbered(told, mrg, field))
        for mrg in message.all("MRG")
    ]
    stays = message.trigger == "A44" and any(source == told.subject_id for source, _ in named)
    return stays or not named or any(None in each for each in named)


def waiting_ids(version_id: int) -> dict[str, int]:
    """The version under which a message waits, by reason; the one it has once mapped stays free."""
    return {reason: stable_id("quarantined", str(version_id), reason) for reason in REASONS}


def waiting_row(row: Row, reason: str) -> Row:
    """The row of ``resource`` that keeps a message in quarantine."""
    kind = f"{row['resource_type']}{MARK}{reason}"
    version_id = waiting_ids(row["version_id"])[reason]
    return {**row, "version_id": version_id, "resource_type": kind}
