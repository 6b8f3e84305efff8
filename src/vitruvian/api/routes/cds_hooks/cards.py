"""A guideline's card as CDS Hooks writes it.

References
----------
CDS Hooks 2.0, Card, Source, Suggestion, Link, OverrideReason.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from vitruvian.guides import Row, guide_named
from vitruvian.guides.alerts.rule import LOUD, AlertRule
from vitruvian.guides.cards import GuideCard

# Any: JSON as the specification has it
Json: TypeAlias = dict[str, Any]

LONGEST_SUMMARY = 139
Alerts: TypeAlias = Mapping[tuple[str, str], AlertRule]
"""Alerts that may interrupt, by guideline and answer."""
REASONS = (
    ("done", "Done already"),
    ("not-applicable", "Does not apply to this patient"),
    ("declined", "Patient declines"),
    ("wrong-data", "The data behind it are wrong or old"),
    ("other-plan", "Another plan after weighing it up"),
)


@dataclass(frozen=True)
class Frame:
    """What all cards of one answer share."""

    base: str
    patient: str
    person_id: int
    now: datetime
    notes: tuple[str, ...] = ()
    drafts: Mapping[int, str] = field(default_factory=dict)
    alerts: Alerts = field(default_factory=dict)


def row_of(card: GuideCard) -> Row:
    """The row of the table that answered."""
    return next(row for row in guide_named(card.name).rows if row.answer == card.answer)


def alert_of(card: GuideCard, alerts: Alerts) -> AlertRule | None:
    """The alert that lets this answer interrupt; None where none does."""
    return alerts.get((card.name, str(card.answer)))


def indicator_of(card: GuideCard, alerts: Alerts) -> str:
    """How loudly it may be told: none, info, warning or critical.

    Without an active alert, tried on this hospital's own history, a card only informs.
    """
    urgency = row_of(card).urgency
    return urgency if urgency == "none" or alert_of(card, alerts) else "info"


def on_drafts(card: GuideCard, drafts: Iterable[int]) -> bool:
    """Whether an order not yet signed is among the facts behind it."""
    wanted = {str(each) for each in drafts}
    return any(fact.event_id in wanted for one in card.criteria for fact in one.facts)


def content_of(card: GuideCard, *, drafts: Sequence[str]) -> str:
    """A hash of what a card says: equal for the same words about the same orders."""
    words = repr((card.name, card.edition, card.answer, card.not_recorded, sorted(drafts)))
    return hashlib.blake2b(words.encode(), digest_size=16).hexdigest()


def card_of(card: GuideCard, *, frame: Frame) -> Json:
    """The card as another system shows it."""
    suggestion = _suggestion(card, frame)
    return {
        "uuid": str(uuid.uuid4()),
        "summary": _short(f"{card.title}: {card.answer}"),
        "detail": _detail(card, frame),
        "indicator": indicator_of(card, frame.alerts),
        "source": _source(card),
        **({"suggestions": [suggestion], "selectionBehavior": "any"} if suggestion else {}),
        "overrideReasons": [
            {"code": code, "system": f"{frame.base}/cds-services/override-reasons", "display": says}
            for code, says in REASONS
        ],
        "links": [
            {
                "label": "The facts and criteria behind this",
                "url": f"{frame.base}/patients/{frame.person_id}#guide-{card.name}",
                "type": "absolute",
            },
            {
                "label": "The whole guideline",
                "url": f"{frame.base}/guides/{card.name}",
                "type": "absolute",
            },
        ],
    }


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_SUMMARY else words[: LONGEST_SUMMARY - 1] + "…"


def _source(card: GuideCard) -> Json:
    topic = {"system": "urn:vitruvian:guideline", "code": card.name, "display": card.title}
    url = {"url": f"https://doi.org/{card.doi}"} if card.doi else {}
    return {"label": card.edition, **url, "topic": topic}


def _detail(card: GuideCard, frame: Frame) -> str:
    """Markdown: the answer, its source, what was taken as absent, how old the facts are."""
    lines = [card.says, f"*{card.cite}*"]
    if card.not_recorded:
        lines.append("Taken as absent, because not on record: " + "; ".join(card.not_recorded))
    lines += [f"- {one.says}: {one.holds}" for one in card.criteria if one.decides]
    if row_of(card).urgency in LOUD and alert_of(card, frame.alerts) is None:
        lines.append("Shown without interrupting: no alert tried here is active for it.")
    lines.append(_age(card, frame.now))
    lines += frame.notes
    lines.append(f"Take care: {card.hazard}")
    return "\n\n".join(lines)


def _age(card: GuideCard, now: datetime) -> str:
    told = [(one.decides, fact.time) for one in card.criteria for fact in one.facts if fact.time]
    times = [at for decides, at in told if decides] or [at for _, at in told]
    if not times:
        return "No dated fact stands behind this."
    hours = max((now - max(times)).total_seconds() / 3600, 0)
    old = f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.0f} days"  # noqa: PLR2004 - 3 days
    return f"The newest fact behind this is {old} old; the record was read just now."


def _suggestion(card: GuideCard, frame: Frame) -> Json | None:
    words = row_of(card).suggest
    if not words:
        return None
    order = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "code": {"text": words},
        "subject": {"reference": f"Patient/{frame.patient}"},
    }
    action = {"type": "create", "description": f"Order: {words}", "resource": order}
    return {"label": _short(f"Order {words}"), "uuid": str(uuid.uuid4()), "actions": [action]}
