"""The messages of patients between whom visits move, folded together; what cannot be mapped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vitruvian.ingest.library.hl7v2.facts.documents import PutBlob
from vitruvian.ingest.library.hl7v2.folding.ledger import Ledger
from vitruvian.ingest.library.hl7v2.folding.moves import carry, departures
from vitruvian.ingest.library.hl7v2.folding.subject import Entry, fold

Entries = Mapping[int, Sequence[Entry]]
# what a fault in reading a message's words looks like; a full disk is none of these
_FAULTS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)


def fold_group(known: Entries, fresh: Entries, put: PutBlob) -> dict[int, Ledger]:
    """All rows of some patients; a visit that a message moves goes from one to another."""
    every = {subject: list(some) for subject, some in known.items()}
    for subject, some in fresh.items():
        every.setdefault(subject, []).extend(some)
        for left in (left for entry in some for left in departures(entry)):
            every.setdefault(left.told.subject_id, []).append(left)
    carry(every)
    return {subject: fold(some, put) for subject, some in every.items()}


def maps(entry: Entry) -> bool:
    """Whether the mapping gets through a message alone."""
    try:
        fold([entry], lambda _: "")
    except _FAULTS:
        return False
    return True


def fold_what_maps(
    known: Entries, fresh: Entries, put: PutBlob
) -> tuple[dict[int, Ledger], set[int]]:
    """The rows of some patients, and the versions of new messages on which the mapping fails.

    No rows when the messages that map alone cannot be mapped together; then all new ones fail.
    """
    try:
        return fold_group(known, fresh, put), set()
    except _FAULTS:
        good = {subject: [e for e in some if maps(e)] for subject, some in fresh.items()}
    every = {entry.told.version_id for some in fresh.values() for entry in some}
    try:
        ledgers = fold_group(known, good, put)
    except _FAULTS:
        return {}, every
    return ledgers, every - {entry.told.version_id for some in good.values() for entry in some}
