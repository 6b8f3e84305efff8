"""One record of a patient's tumour out of many mentions, each kept with what speaks against it.

A field takes the value that most notes support; a passage carried forward supports nothing. A
mention of a broader value ("colon" beside "ascending colon") supports the narrower one. What was
said otherwise is kept as contradicting, with its event, so that a person can decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Row = Mapping[str, Any]
STAGE = "LOINC//21908-9"
METASTASIS, GRADE = "ICDO3//8000/6", "LOINC//33732-9"
RESPONSE, RECURRENCE = "TEXT//tumour response", "TEXT//tumour recurrence"
# T, N and M: pathological before clinical.
_TNM = {
    "T": ("LOINC//21899-0", "LOINC//21905-5"),
    "N": ("LOINC//21900-6", "LOINC//21906-3"),
    "M": ("LOINC//21901-4", "LOINC//21907-1"),
}
PENDING = frozenset({"pending", "equivocal", None})
BROAD = frozenset({"8000/3", "8010/3"})
COLUMNS = (
    "event_id code code_text text_value value_code body_site method act state dose_text time "
    "polarity certainty temporality experiencer version_id flags category"
).split()


@dataclass(frozen=True)
class Field:
    """One field: its value, since when it was told, and the ids of events for and against it."""

    name: str
    value: str
    code: str | None
    time: datetime | None
    supporting: tuple[str, ...]
    contradicting: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One line of treatment; without an end it was not told to have ended."""

    treatments: tuple[str, ...]
    start: datetime | None
    last_given: datetime | None
    cycles: int | None
    stopped: bool
    reason: str | None
    response: str | None
    supporting: tuple[str, ...]


@dataclass(frozen=True)
class TumourRecord:
    """What the notes say of a patient's tumour."""

    fields: tuple[Field, ...]
    lines: tuple[Line, ...]


def tumour_record(events: Sequence[Row]) -> TumourRecord:
    """The record of one patient.

    Parameters
    ----------
    events
        The patient's events that hold, with `COLUMNS`.
    """
    told = sorted((e for e in events if _counts(e)), key=_when)
    affirmed = [event for event in told if event["polarity"] == "affirmed"]
    fields = [
        _chosen("primary site", affirmed, _site, broad=_broad_site),
        _chosen("histology", affirmed, _histology, broad=lambda code: code[7:] in BROAD),
        _chosen("OncoTree", affirmed, _oncotree),
        _chosen("grade", affirmed, lambda e: _value(e, (GRADE,))),
        *(_tnm(axis, codes, affirmed) for axis, codes in _TNM.items()),
        _chosen("stage", affirmed, lambda e: _value(e, (STAGE,))),
        *_biomarkers(affirmed),
        *_metastases(told),
        _status(affirmed),
    ]
    return TumourRecord(tuple(f for f in fields if f is not None), tuple(_lines(affirmed)))


def _counts(event: Row) -> bool:
    """Whether a mention says something of this patient's tumour."""
    return (
        event["experiencer"] == "patient"
        and event["temporality"] != "hypothetical"
        and event["certainty"] != "possible"
        and "copied-forward" not in (event["flags"] or ())
    )


def _when(event: Row) -> float:
    return event["time"].timestamp() if event["time"] else float("inf")


Told = tuple[str, str]
Reader = Callable[[Row], Told | None]


def _site(event: Row) -> Told | None:
    code = event["code"]
    return (code, event["code_text"]) if code.startswith("ICDO3//C") else None


def _broad_site(code: str) -> bool:
    return code.endswith(".9")


def _histology(event: Row) -> Told | None:
    code = event["code"]
    if not code.startswith("ICDO3//") or code == METASTASIS or code.startswith("ICDO3//C"):
        return None
    return code, event["code_text"]


def _oncotree(event: Row) -> Told | None:
    code = event["value_code"] or ""
    return (code, code.removeprefix("ONCOTREE//")) if code.startswith("ONCOTREE//") else None


def _value(event: Row, codes: Iterable[str]) -> Told | None:
    value = event["text_value"]
    return (value, value) if event["code"] in codes and value else None


def _same_organ(one: str, other: str) -> bool:
    """C18.9 and C18.2 are; a broad morphology goes with every narrower one."""
    broad = one[7:] in BROAD or other[7:] in BROAD
    return broad or one.partition(".")[0] == other.partition(".")[0]


def _chosen(
    name: str, events: Sequence[Row], read: Reader, *, broad: Callable[[str], bool] | None = None
) -> Field | None:
    """The value most notes tell; the earliest of equals."""
    said = [(found, event) for event in events if (found := read(event)) is not None]
    if not said:
        return None
    notes = {(found[0], event["version_id"]) for found, event in said}
    votes = Counter(code for code, _ in notes)
    narrow = [code for code in votes if broad is None or not broad(code)]
    best = max(narrow or votes, key=lambda code: votes[code])
    if broad and narrow:
        weight = {code: votes[code] + _of_broad(code, votes, broad) for code in narrow}
        best = max(weight, key=lambda code: weight[code])
    agrees = [
        event
        for (code, _), event in said
        if code == best or (broad is not None and broad(code) and _same_organ(code, best))
    ]
    against = [event for _, event in said if event not in agrees]
    first = next(found for found, _ in said if found[0] == best)
    return Field(name, first[1], best, agrees[0]["time"], _ids(agrees), _ids(against))


def _of_broad(code: str, votes: Counter[str], broad: Callable[[str], bool]) -> int:
    return sum(n for other, n in votes.items() if broad(other) and _same_organ(code, other))


def _ids(events: Iterable[Row]) -> tuple[str, ...]:
    return tuple(str(event["event_id"]) for event in events)


def _tnm(axis: str, codes: tuple[str, str], events: Sequence[Row]) -> Field | None:
    """The pathological category where there is one."""
    pathological, clinical = codes
    return _chosen(axis, events, lambda e: _value(e, (pathological,))) or _chosen(
        axis, events, lambda e: _value(e, (clinical,))
    )


def _biomarkers(events: Sequence[Row]) -> list[Field | None]:
    """One field a biomarker; an answer that is pending is none."""
    names = dict.fromkeys(
        (e["code"], e["code_text"])
        for e in events
        if e["code"].startswith("HGNC//") or e["code"] == "LOINC//81695-9"
    )

    def read(code: str) -> Reader:
        def answer(event: Row) -> Told | None:
            if event["code"] != code or event["text_value"] in PENDING:
                return None
            said = " ".join(filter(None, (event["method"], event["text_value"])))
            return event["text_value"], said

        return answer

    return [_chosen(name, events, read(code)) for code, name in names]


def _metastases(events: Sequence[Row]) -> list[Field]:
    """One field a place that any note affirms; notes that deny it are kept against it."""
    told = [event for event in events if event["code"] == METASTASIS and event["body_site"]]
    places = dict.fromkeys(event["body_site"] for event in told if event["polarity"] == "affirmed")
    fields = []
    for place in places:
        here = [event for event in told if event["body_site"] == place]
        agrees = [event for event in here if event["polarity"] == "affirmed"]
        against = [event for event in here if event["polarity"] != "affirmed"]
        code = agrees[0]["value_code"]
        fields.append(
            Field("metastasis", place, code, agrees[0]["time"], _ids(agrees), _ids(against))
        )
    return fields


def _status(events: Sequence[Row]) -> Field | None:
    """The last response, progression or recurrence told."""
    told = [event for event in events if event["code"] in {RESPONSE, RECURRENCE}]
    if not told:
        return None
    last = told[-1]
    value = last["text_value"] or "recurrence"
    return Field("last status", value, None, last["time"], _ids([last]))


def _lines(events: Sequence[Row]) -> list[Line]:
    """Courses in order: another set of treatments begins another line."""
    notes: dict[int, list[Row]] = {}
    for event in events:
        named = event["code"].startswith("TEXT//") and event["category"] == "medication"
        if named and event["time"] is not None:
            notes.setdefault(event["version_id"], []).append(event)
    groups: list[list[list[Row]]] = []
    for mentions in sorted(notes.values(), key=lambda some: _when(some[0])):
        if groups and _names(mentions) & _names(groups[-1][0]) and not _begins(mentions, groups):
            groups[-1].append(mentions)
        else:
            groups.append([mentions])
    starts = [_when(group[0][0]) for group in groups[1:]] + [float("inf")]
    return [_line(group, events, until=end) for group, end in zip(groups, starts, strict=False)]


def _names(mentions: Iterable[Row]) -> frozenset[str]:
    return frozenset(event["code_text"] for event in mentions)


def _begins(mentions: Sequence[Row], groups: Sequence[Sequence[Sequence[Row]]]) -> bool:
    """Whether a note names a treatment that its line did not have so far: FOLFIRI after FOLFOX."""
    had = frozenset().union(*(_names(some) for some in groups[-1]))
    return any(event["code_text"] not in had and event["code_text"].isupper() for event in mentions)


def _line(group: Sequence[Sequence[Row]], events: Sequence[Row], *, until: float) -> Line:
    mentions = [event for some in group for event in some]
    given = [event for event in mentions if event["act"] == "administered"]
    stopped = [event for event in mentions if event["state"] == "stopped"]
    cycles = [int(e["dose_text"].split()[-1]) for e in mentions if e["dose_text"]]
    begun = given or mentions
    answers = [
        event["text_value"]
        for event in events
        if event["code"] == RESPONSE and _when(begun[0]) <= _when(event) <= until
    ]
    return Line(
        treatments=tuple(sorted(_names(mentions))),
        start=begun[0]["time"],
        last_given=given[-1]["time"] if given else None,
        cycles=max(cycles, default=None),
        stopped=bool(stopped),
        reason=next((event["text_value"] for event in stopped if event["text_value"]), None),
        response=best_response(answers),
        supporting=_ids(mentions),
    )


_BEST = ("complete response", "partial response", "stable disease", "progressive disease")


def best_response(answers: Iterable[str | None]) -> str | None:
    """The best answer of a line, as RECIST 1.1 counts; None where none was told.

    Examples
    --------
    >>> best_response(["stable disease", "partial response", "progressive disease"])
    'partial response'
    """
    told = set(answers)
    return next((answer for answer in _BEST if answer in told), None)
