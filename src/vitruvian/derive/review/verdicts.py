"""What a reader says of a machine-read fact, kept beside it with the reader's name.

Nothing is overwritten: a verdict is a row of ``derivation``, a correction an event of its own that
this derivation made, and the machine's event is retired. Who asks as recorded before sees it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from vitruvian.base.ids import stable_id
from vitruvian.derive.engine.extractor import Finding
from vitruvian.derive.engine.rows import fact_key
from vitruvian.derive.errors import NotCorrectable, NotToReview
from vitruvian.derive.text import Context
from vitruvian.lake import Lake
from vitruvian.record.event import MACHINE_READ
from vitruvian.trust import Access

Answer = Literal["accept", "correct", "reject"]
ANSWERS: tuple[Answer, ...] = ("accept", "correct", "reject")
NAME, VERSION = "review", "1"
REVIEWED = "reviewed"
# What a reader may correct: words from a list, any words, or a number.
CORRECTABLE: Mapping[str, tuple[str, ...] | type] = {
    "polarity": ("affirmed", "negated"),
    "certainty": ("certain", "probable", "possible"),
    "temporality": ("current", "historical", "hypothetical"),
    "experiencer": ("patient", "family"),
    "act": ("observed", "reported", "ordered", "planned", "administered"),
    "text_value": str,
    "body_site": str,
    "dose_text": str,
    "unit": str,
    "numeric_value": float,
}
_STORED = {"recorded_at", "load_id"}


@dataclass(frozen=True)
class Judged:
    """One verdict: whose, of which event, what it was, when, and the derivation that keeps it."""

    reader: str
    event_id: int
    answer: Answer
    said: Mapping[str, Any]
    stratum: str
    at: datetime
    number: int


def verdicts(reader: Any) -> list[Judged]:
    """The last verdict of every reader on every fact, the oldest first."""
    latest = {(one.reader, one.event_id): one for one in every_verdict(reader)}
    return sorted(latest.values(), key=lambda one: one.at)


def every_verdict(reader: Any) -> list[Judged]:
    """All verdicts ever given, the oldest first."""
    rows = reader.history("derivation", where="name = ?", params=[NAME]).to_pylist()
    given = []
    for row in sorted(rows, key=lambda row: row["recorded_at"]):
        said = json.loads(row["parameters"])
        given.append(
            Judged(
                said["reader"], said["event"], said["answer"], said["said"], said["stratum"],
                row["recorded_at"], row["derivation_id"],
            )
        )  # fmt: skip
    return given


def machine_event(reader: Any, event_id: int) -> dict[str, Any]:
    """The event as the machine made it, whether it still stands or not.

    Raises
    ------
    NotToReview
        When there is none, or no machine read it in a note.
    """
    rows = reader.history("event", where="event_id = ?", params=[event_id]).to_pylist()
    read = [row for row in rows if MACHINE_READ in (row["flags"] or ())]
    read = [row for row in read if REVIEWED not in row["flags"]]
    if not read:
        raise NotToReview(event_id)
    latest: dict[str, Any] = max(read, key=lambda row: row["recorded_at"])
    return latest


def judge(
    lake: Lake,
    event_id: int,
    answer: Answer,
    *,
    access: Access,
    said: Mapping[str, Any] | None = None,
) -> Judged:
    """Keep what a reader says of a fact; the last verdict is the one that stands.

    Parameters
    ----------
    lake
        Where the fact lies.
    event_id
        The machine's event.
    answer
        Accept it, correct some of its fields, or reject it.
    access
        Who reads; the name is kept with the verdict.
    said
        The fields corrected, of `CORRECTABLE`, with what they should say.

    Raises
    ------
    NotToReview, NotCorrectable
        Without an event that a machine read; with fields or values that cannot be.
    """
    said = checked(answer, said or {})
    with lake.read(access) as reader:
        event = machine_event(reader, event_id)
        reader.note([event["subject_id"]])
        before = [one.number for one in every_verdict(reader) if one.event_id == event_id]
        stand = _standing(reader, event, before)
        stratum = stratum_of(reader, event)
    # The same verdict given again later is another one.
    number = stable_id(NAME, access.who, str(event_id), answer, str(len(before)))
    again = answer == "accept" and event_id not in stand
    new = [corrected(event, said, number=number)] if answer == "correct" or again else []
    # What is accepted stays as it is; a correction that stood before it does not.
    gone = [each for each in stand if answer != "accept" or each != event_id]
    said_of = {"reader": access.who, "event": event_id, "answer": answer, "said": said}
    made = {
        "derivation_id": number,
        "name": NAME,
        "version": VERSION,
        "parameters": json.dumps({**said_of, "stratum": stratum}, sort_keys=True),
        **_lineage(event),
    }
    retired = [retirement(event, each, answer, number=number) for each in gone]
    at = lake.append(access, {"derivation": [made], "event": new, "retirement": retired})
    return Judged(access.who, event_id, answer, said, stratum, at, number)


def _standing(reader: Any, event: Mapping[str, Any], verdicts_of_it: list[int]) -> list[int]:
    """Which of the machine's event and the readers' corrections of it stand."""
    rows = reader.rows(
        "event", subjects=[event["subject_id"]], columns=["event_id", "derivation_id"],
        where="version_id = ?", params=[event["version_id"]],
    ).to_pylist()  # fmt: skip
    mine = {*verdicts_of_it}
    return [
        row["event_id"]
        for row in rows
        if row["event_id"] == event["event_id"] or row["derivation_id"] in mine
    ]


def checked(answer: Answer, said: Mapping[str, Any]) -> dict[str, Any]:
    """The corrections, if they can be; raises `NotCorrectable`."""
    fault = next(_faults(answer, said), None)
    if fault is not None:
        raise NotCorrectable(fault)
    return dict(said)


def _faults(answer: Answer, said: Mapping[str, Any]) -> Iterator[str]:
    if (answer == "correct") != bool(said):
        yield "a correction names at least one field, and other verdicts name none"
    for name, value in said.items():
        allowed = CORRECTABLE.get(name)
        if allowed is None:
            yield f"{name!r} is none of {', '.join(CORRECTABLE)}"
        elif isinstance(allowed, tuple):
            if value not in allowed:
                yield f"{name} is one of {', '.join(allowed)}"
        elif allowed is str and not isinstance(value, str):
            yield f"{name} is text"
        elif allowed is float and (isinstance(value, bool) or not isinstance(value, (int, float))):
            yield f"{name} is a number"


def stratum_of(reader: Any, event: Mapping[str, Any]) -> str:
    """Which facts are as likely wrong as this one: as `strata` names them."""
    made = reader.history(
        "derivation", columns=["name"], where="derivation_id = ?", params=[event["derivation_id"]]
    ).to_pylist()
    name = made[0]["name"] if made else ""
    turned = (event["polarity"], event["temporality"], event["experiencer"]) != (
        "affirmed", "current", "patient",
    )  # fmt: skip
    return stratum_name(
        name, event["category"], unsure=event["certainty"] != "certain", turned=turned,
        assumed="unit-assumed" in (event["flags"] or ()),
    )  # fmt: skip


def stratum_name(
    extractor: str, category: str, *, unsure: bool, turned: bool, assumed: bool
) -> str:
    """One word for a group of facts.

    Examples
    --------
    >>> stratum_name("oncology", "genomics", unsure=False, turned=True, assumed=False)
    'oncology/genomics/turned'
    """
    marks = {"unsure": unsure, "turned": turned, "assumed": assumed}
    return "/".join([extractor, category, *(name for name, is_so in marks.items() if is_so)])


def retirement(
    event: Mapping[str, Any], target: int, answer: Answer, *, number: int
) -> dict[str, Any]:
    """What stands no longer because of a verdict."""
    return {
        "retirement_id": stable_id("retirement", "event", str(target), str(number)),
        "subject_id": event["subject_id"],
        "scope": "event",
        "target_id": target,
        "reason": f"{answer} in review",
        **_lineage(event),
    }


def corrected(event: Mapping[str, Any], said: Mapping[str, Any], *, number: int) -> dict[str, Any]:
    """The event as a reader says it: at the same place of the same note, by that reader."""
    changed = {name: value for name, value in event.items() if name not in _STORED} | dict(said)
    if "numeric_value" in said:
        changed["value_as_sent"] = None
    context = Context(*(changed[name] for name in Context._fields[:4]))
    finding = Finding(
        0, 0, changed["category"], changed["code"], changed["code_text"], context, changed["act"],
        numeric_value=changed["numeric_value"], unit=changed["unit"],
        text_value=changed["text_value"], value_code=changed["value_code"],
    )  # fmt: skip
    time = changed["time"]
    micros = None if time is None else round(time.timestamp() * 1_000_000)
    return {
        **changed,
        "event_id": stable_id(NAME, str(event["event_id"]), str(number)),
        "derivation_id": number,
        "fact_key": fact_key(finding, micros),
        "flags": [*(event["flags"] or ()), REVIEWED],
        "confidence": None,
    }


def _lineage(event: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "site": event["site"], "source_id": event["source_id"], "locator": event["locator"],
        "known_at": event["known_at"], "known_at_basis": event["known_at_basis"],
    }  # fmt: skip
