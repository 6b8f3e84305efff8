"""Diagnoses (DG1), problems (PRB), allergies (AL1, IAM), procedures (PR1), accidents, deaths.

References
----------
HL7 Version 2.8.2, chapters 3 (AL1, IAM, PDA), 6 (ACC, DG1, PR1), 12 (PRB). Codes of PDA and ACC
are those of the HL7 Vital Records Death Reporting guide, STU 3 (hl7.org/fhir/us/vrdr).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vitruvian import terms
from vitruvian.ingest.library.hl7v2.facts.coding import Coded, choose, read_coded
from vitruvian.ingest.library.hl7v2.facts.fact import Counted, Fact, Told, event_row, first
from vitruvian.ingest.library.hl7v2.mapping import listed, words
from vitruvian.ingest.library.hl7v2.reading.message import Segment

_SNOMED, _LOINC = "http://snomed.info/sct", "http://loinc.org"
_CERTIFICATION = choose(((_SNOMED, "308646001", "Death certification"),))
_AUTOPSY_DONE = choose(((_LOINC, "85699-7", "Autopsy was performed"),))
_AUTOPSY = choose(((_SNOMED, "29240004", "Autopsy examination"),))
_CORONER = choose(((_LOINC, "74497-9", "Medical examiner or coroner was contacted"),))
_ACCIDENT = choose(((_LOINC, "11374-6", "Injury incident description"),))
_YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0136"
_ENDED = {"resolved", "inactive", "r", "i"}


def statement_facts(told: Told, segment: Segment, counted: Counted) -> Iterator[Fact]:
    """The one statement of a segment, when it names a concept."""
    make = {
        "DG1": _diagnosis, "PRB": _problem, "AL1": _allergy, "IAM": _allergy, "PR1": _procedure,
    }[segment.name]  # fmt: skip
    field = 4 if segment.name == "IAM" and not segment.raw(3) else 3
    coded = read_coded(segment, field) or _in_words(segment)
    if coded is None:
        return
    what, key = make(told, segment, coded)
    action = {"DG1": 21, "PRB": 1, "IAM": 6, "PR1": 20}.get(segment.name, 0)
    if action and segment.text(action).upper() in listed("action", "deletes"):
        what["status"] = "entered-in-error"
    row = {"code": coded.code, "code_text": coded.text, "codings": coded.rows, **what}
    yield Fact(counted.slot(*key), event_row(told, (segment, field), row))


def _in_words(segment: Segment) -> Coded | None:
    """A diagnosis or procedure sent only as description (DG1-4, PR1-4)."""
    said = segment.words(4) if segment.name in {"DG1", "PR1"} else ""
    return choose(((None, None, said),)) if said else None


def _visit(told: Told) -> str:
    return told.message.of("PV1").raw(19)


def _diagnosis(told: Told, dg1: Segment, coded: Coded) -> tuple[dict[str, Any], tuple[str, ...]]:
    moment = told.moment(dg1.text(5))
    flags = [] if moment else ["time-is-recorded"]
    certainty = words("diagnosis_certainty").get(dg1.text(6).upper(), "certain")
    what = {
        "category": "problem",
        "moment": moment or told.moment(told.message.header.text(7)),
        "certainty": certainty,
        "state": dg1.text(6) or None,
        "flags": flags,
    }
    return what, ("DG1", dg1.raw(20) or _visit(told), coded.code)


def _problem(told: Told, prb: Segment, coded: Coded) -> tuple[dict[str, Any], tuple[str, ...]]:
    onset = told.moment(prb.text(16), prb.text(7))
    state = first((prb.text(14, 2), prb.text(14), prb.text(13)))
    ended = told.moment(prb.text(9))
    over = ended is not None or (state or "").lower() in _ENDED
    what = {
        "category": "problem",
        "moment": onset or told.moment(prb.text(2)),
        "end": ended,
        "temporality": "historical" if over else "current",
        "state": state,
        "flags": [] if onset else ["time-is-recorded"],
    }
    return what, ("PRB", prb.raw(4) or coded.code)


def _allergy(told: Told, segment: Segment, coded: Coded) -> tuple[dict[str, Any], tuple[str, ...]]:
    when = segment.text(6) if segment.name == "AL1" else segment.text(11)
    reaction = "; ".join(segment.words(5).split("\n")) if segment.raw(5) else None
    severity = first((segment.text(4, 2), segment.text(4)))
    denied = coded.code in listed("negated", "codes") or terms.fold(coded.text).startswith(
        tuple(listed("negated", "beginnings"))
    )
    moment = told.moment(when)
    what = {
        "category": "allergy",
        "moment": moment or told.moment(told.message.header.text(7)),
        "polarity": "negated" if denied else "affirmed",
        "text_value": "; ".join(part for part in (reaction, severity) if part) or None,
        "flags": [] if moment else ["time-is-recorded"],
    }
    return what, ("AL1", coded.code)


def _procedure(told: Told, pr1: Segment, coded: Coded) -> tuple[dict[str, Any], tuple[str, ...]]:
    moment = told.moment(pr1.text(5))
    what = {
        "category": "procedure",
        "moment": moment or told.moment(told.message.header.text(7)),
        "body_site": first((pr1.text(16, 2),)),
        "flags": [] if moment else ["time-is-recorded"],
    }
    return what, ("PR1", pr1.raw(19) or pr1.text(5), coded.code)


def accident_fact(told: Told, acc: Segment, counted: Counted) -> Iterator[Fact]:
    """The accident of an ACC segment: in its own words (ACC-8), else as its code says (ACC-2)."""
    coded = read_coded(acc, 2)
    said = acc.words(8) or (coded.text if coded else "")
    if said and _ACCIDENT:
        moment = told.moment(acc.text(1))
        what = {
            "category": "other",
            "moment": moment or told.moment(told.message.header.text(7)),
            "text_value": said,
            "value_code": coded.code if coded else None,
            "flags": [] if moment else ["time-is-recorded"],
        }
        row = _named(_ACCIDENT) | what
        yield Fact(counted.slot("ACC", acc.raw(13) or acc.text(1)), event_row(told, (acc, 8), row))


def death_facts(told: Told, pda: Segment, counted: Counted) -> Iterator[Fact]:
    """What a PDA segment says of a death: its cause, the certificate, the autopsy, the coroner."""
    died = told.moment(told.message.of("PID").text(29))
    sent = told.moment(told.message.header.text(7))
    cause = read_coded(pda, 1)
    if cause is not None:
        what = {"category": "problem", "moment": died or sent, "state": "cause of death"}
        flags = {"flags": [] if died else ["time-is-recorded"]}
        row = _named(cause) | what | flags
        yield Fact(counted.slot("PDA", "cause", cause.code), event_row(told, (pda, 1), row))
    asked = ((3, _CERTIFICATION, pda.text(4)), (6, _AUTOPSY_DONE, pda.text(7)), (9, _CORONER, ""))
    for field, concept, when in asked:
        answer = pda.text(field).upper()
        if answer in {"Y", "N"} and concept is not None:
            moment = told.moment(when) or died
            said: dict[str, Any] = {
                "category": "other",
                "moment": moment or sent,
                "text_value": "Yes" if answer == "Y" else "No",
                "value_code": terms.code_of(_YES_NO, answer),
                "flags": [] if moment else ["time-is-recorded"],
            }
            row = _named(concept) | said
            yield Fact(counted.slot("PDA", str(field)), event_row(told, (pda, field), row))
    yield from _autopsy(told, pda, counted)


def _autopsy(told: Told, pda: Segment, counted: Counted) -> Iterator[Fact]:
    """The autopsy itself, from when to when (PDA-7)."""
    begun = told.moment(pda.text(7))
    if begun is not None and _AUTOPSY is not None:
        what = {"category": "procedure", "moment": begun, "end": told.moment(pda.text(7, 2))}
        row = _named(_AUTOPSY) | what
        yield Fact(counted.slot("PDA", "autopsy"), event_row(told, (pda, 7), row))


def _named(coded: Coded) -> dict[str, Any]:
    return {"code": coded.code, "code_text": coded.text, "codings": coded.rows}
