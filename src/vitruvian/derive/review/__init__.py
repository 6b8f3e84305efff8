"""People check what machines read: a queue, verdicts kept as facts, agreement, a routing curve."""

from vitruvian.derive.review.doubt import share_for
from vitruvian.derive.review.notes import NoteFact, ReadNote, read_note_facts
from vitruvian.derive.review.queue import Queue, QueueItem, queue
from vitruvian.derive.review.standing import ReviewStanding, review_standing
from vitruvian.derive.review.verdicts import ANSWERS, Judged, judge

__all__ = [
    "ANSWERS",
    "Judged",
    "NoteFact",
    "Queue",
    "QueueItem",
    "ReadNote",
    "ReviewStanding",
    "judge",
    "queue",
    "read_note_facts",
    "review_standing",
    "share_for",
]
