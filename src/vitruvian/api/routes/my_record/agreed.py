"""What a patient has agreed to, purpose by purpose, and which studies the patient is in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any  # rows of Arrow

import orjson

from vitruvian.api.routes.my_record.types import Agreed, StudyLine
from vitruvian.trust.access import PURPOSES, Purpose
from vitruvian.trust.consent import Asked, outcomes, several, terms_of, word_of
from vitruvian.trust.consent.reading import instant_text

if TYPE_CHECKING:
    from vitruvian.lake import Reader
    from vitruvian.trust import Policy

TITLES: Mapping[Purpose, str] = {
    "treatment": "Care",
    "research": "Research",
    "quality": "Checking and bettering care",
    "operations": "Keeping the record",
}
GRANT = ("kind", "actor", "start_time", "end_time", "terms")


def agreed(
    reader: Reader, subjects: Sequence[int], *, policy: Policy, now: datetime
) -> list[Agreed]:
    """What holds for each purpose, from every consent of every linked identity."""
    rows = reader.rows("grant", subjects=subjects, columns=GRANT, where="kind = 'consent'")
    terms = rows.column("terms").to_pylist()
    return [_agreed(policy, purpose, terms, now=instant_text(now)) for purpose in PURPOSES]


def _agreed(policy: Policy, purpose: Purpose, terms: Iterable[str], *, now: str) -> Agreed:
    asked = Asked(purpose=purpose, now=now)
    word = word_of(several([outcomes(policy, terms_of(text), asked) for text in terms]))
    basis = policy.bases[purpose]
    title = TITLES[purpose]
    if word == "unreadable":
        said = "A consent of yours could not be read. Nothing leaves on it until it is."
        return Agreed(purpose, title, "unreadable", said, basis.words)
    if basis.rests_on == "legal-task" and not basis.blocks:
        said = "The hospital must keep its records; no consent is asked."
        return Agreed(purpose, title, "no-consent-needed", said, basis.words)
    if word == "permit":
        return Agreed(purpose, title, "allowed", "You have agreed.", basis.words)
    if word == "deny":
        said = (
            "You have refused. In an emergency a clinician may open the record, and must say why."
        )
        plain = "You have refused." if purpose != "treatment" else said
        return Agreed(purpose, title, "refused", plain, basis.words)
    return _silent(title, purpose, rests_on=basis.rests_on, basis=basis.words)


def _silent(title: str, purpose: Purpose, *, rests_on: str, basis: str) -> Agreed:
    if rests_on == "consent":
        return Agreed(
            purpose, title, "not-asked", "You have not agreed, so it does not happen.", basis
        )
    words = "You have said nothing against it, so it happens as the law allows."
    return Agreed(purpose, title, "not-asked", words, basis)


def studies(reader: Reader, subjects: Sequence[int]) -> Iterator[StudyLine]:
    """The studies that a ResearchSubject of the patient names."""
    rows = reader.rows(
        "grant", subjects=subjects, columns=GRANT, where="kind = 'study'"
    ).to_pylist()
    named = sorted({row["actor"] for row in rows})
    titles = _titles(reader, named) if named else {}
    for row in sorted(rows, key=lambda one: (one["start_time"] or "", one["actor"])):
        short = row["actor"].removeprefix("ResearchStudy/")
        yield StudyLine(short, titles.get(short), row["start_time"], row["end_time"])


def _titles(reader: Reader, named: Sequence[str]) -> dict[str, str]:
    ids = [one.removeprefix("ResearchStudy/") for one in named]
    marks = ", ".join("?" * len(ids))
    found = reader.rows(
        "resource",
        columns=("resource_id", "bytes"),
        where=f"resource_type = 'ResearchStudy' AND resource_id IN ({marks})",
        params=ids,
    )
    return {
        row["resource_id"]: title for row in found.to_pylist() if (title := _title(row["bytes"]))
    }


def _title(body: bytes) -> str | None:
    try:
        said: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    title = said.get("title") if isinstance(said, dict) else None
    return title if isinstance(title, str) else None
