"""What our extractors say of a text, as labels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

import pyarrow as pa

from tests.derive.labelled.forms import CONTEXT, Label
from tests.derive.labelled.scoring import overlap
from vitruvian.derive.engine.library import extractors
from vitruvian.derive.engine.notes import AS_READ
from vitruvian.derive.engine.reading import read_batch
from vitruvian.derive.engine.rows import Derivation, derivation_of

SEEN = datetime(2024, 3, 15, 12, tzinfo=UTC)
# Events of their own that are a field of a label.
_SITE, _PACKS = "site of a tumour", "pack-years"
# So far from the words of smoking the engine reads an amount.
_PACKS_NEAR = 100
_NONE_KNOWN = ("SNOMED//716186003", "SNOMED//409137002")
_PLACE = re.compile(r"#char=(\d+),(\d+)$")
_STATUS = {"266919005": "never", "8392000": "non", "8517006": "former", "77176002": "current"}


def labels(text: str, language: str, day: date | None = None) -> list[Label]:
    """Every fact read in a text, once a place and kind."""
    seen = datetime.combine(day, time(12), UTC) if day else SEEN
    row = {
        "note_id": 1, "subject_id": 1, "version_id": 1, "site": "x", "source_id": "x",
        "locator": "", "known_at": seen, "known_at_basis": "stated", "time": seen,
        "status": "current", "language": language, "text": text, "is_new": True,
    }  # fmt: skip
    batch = pa.RecordBatch.from_pylist([row], schema=AS_READ)
    found = [
        label
        for event in read_batch(batch, _derivations()).events.to_pylist()
        for label in _of(event)
    ]
    sites = [one for one in found if one.kind == _SITE]
    packs = [one for one in found if one.kind == _PACKS]
    told = [_with_packs(_with_site(one, sites), packs) for one in found
            if one.kind not in {_SITE, _PACKS}]  # fmt: skip
    # Two extractors may code one disease: readers gave ICD-10, so that reading is compared.
    told.sort(key=lambda one: str(one.says.get("code", "")).startswith("HPO//"))
    return [one for number, one in enumerate(told) if not _told_before(one, told[:number], told)]


def _told_before(label: Label, before: list[Label], every: list[Label]) -> bool:
    """Whether the same stands there, or a disease that another extractor calls a tumour."""
    if label in before:
        return True
    if label.kind in {"medicine", "treatment"}:
        # A cancer medicine is stored as both: with a dose it is a medicine, without a course.
        others = [one for one in every if one.kind in {"medicine", "treatment"} - {label.kind}]
        both = [one for one in others if overlap(label, one) > 0]
        return bool(both) and (label.kind == "medicine") != _has_dose([label, *both])
    if label.kind != "problem":
        return False
    tumours = [one for one in every if one.kind in {"tumour", "metastasis"}]
    problems = [one for one in before if one.kind == "problem"]
    return any(overlap(label, other) > 0 for other in (*tumours, *problems))


def _has_dose(labels: list[Label]) -> bool:
    return any("number" in one.says and not one.says["unit"].endswith("/m2") for one in labels)


def _with_site(label: Label, sites: list[Label]) -> Label:
    """A tumour with the code of its place, which is an event of its own."""
    inside = [one for one in sites if label.start <= one.start and one.end <= label.end]
    if label.kind != "tumour" or not inside:
        return label
    return replace(label, says={**label.says, **inside[0].says})


def _with_packs(label: Label, packs: list[Label]) -> Label:
    """Smoking with its amount, which is an event of its own."""
    near = [one for one in packs if abs(one.start - label.start) <= _PACKS_NEAR]
    if label.kind != "smoking" or not near or label.says["status"] in {"never", "non"}:
        return label
    return replace(label, says={**label.says, **near[0].says})


@cache
def _derivations() -> dict[Any, Derivation]:
    return {each: derivation_of(each) for each in extractors()}


def _of(event: dict[str, Any]) -> Iterator[Label]:
    place = _PLACE.search(event["locator"])
    assert place is not None
    kind, says = _kind(event)
    if kind:
        says = {name: value for name, value in says.items() if value is not None}
        yield Label(int(place[1]), int(place[2]), kind, says)


def _kind(event: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Which kind of label an event is, and what it says."""
    context = {name: event[name] for name in CONTEXT}
    special = _oncology(event, event["code"].partition("//")[2])
    if special is not None:
        return special[0], {**special[1], **context}
    told = _TOLD.get(event["category"])
    return told(event, context) if told else ("", {})


def _problem(event: dict[str, Any], context: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if event["code"].startswith("ICDO3//"):
        return _tumour(event, event["code"].partition("//")[2], context)
    when = event["time"].date() if "dated-in-text" in event["flags"] else None
    says = {"code": event["code"], "relation": _relation(event), "date": when}
    return "problem", {**says, **context}


def _relation(event: dict[str, Any]) -> str | None:
    return (event["relation"] or "").removeprefix("ROLECODE//") or None


def _measured(event: dict[str, Any], _: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    code = event["code"].partition("//")[2]
    unit = event["unit_as_sent"]
    return "measurement", {"code": code, "number": _sent(event), "unit": unit}


def _allergy(event: dict[str, Any], context: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if context["experiencer"] == "family":
        return "", {}  # the kind has no experiencer: readers could not say it
    # "No known allergies" names no substance.
    told = event["code_text"] if event["code"] not in _NONE_KNOWN else None
    says = {"substance": told, "reaction": event["text_value"]}
    return "allergy", {**says, "polarity": context["polarity"]}


def _procedure(event: dict[str, Any], context: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if event["code_text"] == "Radiotherapy":
        return "", {}  # neither an operation nor an examination
    act = "planned" if event["act"] == "planned" else "done"
    when = event["time"].date() if "dated-in-text" in event["flags"] else None
    says = {"name": event["code_text"], "act": act, "date": when}
    return "procedure", {**says, "polarity": context["polarity"]}


def _imaging(event: dict[str, Any], context: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if event["value_code"]:
        return "", {}  # kind and number of nodules: readers were not asked for them
    says = {"finding": event["code_text"], "size_mm": event["numeric_value"]}
    return "imaging", {**says, "place": event["body_site"], **context}


def _oncology(event: dict[str, Any], code: str) -> tuple[str, dict[str, Any]] | None:
    said = event["text_value"]
    if code == "21908-9":
        return "stage", {"value": said}
    if code in {"21905-5", "21899-0", "21906-3", "21900-6", "21907-1", "21901-4"}:
        return "tnm", {"value": said}
    if code == "33732-9":
        return "grade", {"value": said}
    if code in {"89247-1", "89243-0"}:
        scale = "ECOG" if code == "89247-1" else "Karnofsky"
        return "performance", {"scale": scale, "number": event["numeric_value"]}
    if code == "tumour response":
        return "response", {"value": said}
    return ("recurrence", {}) if code == "tumour recurrence" else None


def _biomarker(event: dict[str, Any], context: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if context["experiencer"] == "family":
        return "", {}  # a biomarker of a relative's tumour is none, by the guidelines
    # "Below 1 %" is no percentage.
    told = event["unit"] == "%" and event["comparator"] is None
    percent = event["numeric_value"] if told else None
    status = event["text_value"] or None
    says = {"name": event["code_text"], "status": status, "variant": event["method"]}
    return "biomarker", {**says, "percent": percent}


def _tumour(
    event: dict[str, Any], code: str, context: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    if code == "8000/6":
        site = (event["value_code"] or "").removeprefix("ICDO3//") or None
        return "metastasis", {"site": site, **context}
    if "/" not in code:
        return _SITE, {"site": code}
    _, comma, side = (event["body_site"] or "").partition(", ")
    says = {"morphology": code, "side": side if comma else None, "relation": _relation(event)}
    return "tumour", {**says, **context}


def _given(event: dict[str, Any], _: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    act = "stopped" if event["state"] == "stopped" else event["act"]
    if event["code"].startswith("TEXT//"):
        if event["polarity"] == "negated":
            return "", {}  # the kind has no polarity: readers could not say it
        cycle = re.search(r"\d+", event["dose_text"] or "")
        return "treatment", {"name": event["code_text"], "act": act,
                             "cycle": float(cycle[0]) if cycle else None}  # fmt: skip
    return "medicine", {
        "name": event["code_text"], "number": _sent(event), "unit": event["unit_as_sent"],
        "route": event["dose_text"], "often": event["dose_text"], "act": act,
        "polarity": event["polarity"],
    }  # fmt: skip


def _social(event: dict[str, Any], _: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if event["code"] == "LOINC//8664-5":
        return _PACKS, {"pack_years": event["numeric_value"]}
    if event["code"] != "LOINC//72166-2":
        return "", {}
    said = (event["value_code"] or "").removeprefix("SNOMED//")
    return "smoking", {"status": _STATUS.get(said)}


def _sent(event: dict[str, Any]) -> float | None:
    sent = event["value_as_sent"]
    try:
        # A comma parts thousands in English, and decimals elsewhere: "2,5" and "0,05".
        decimal = sent is not None and re.fullmatch(r"\d+,\d{1,2}|0,\d+", sent) is not None
        return float(sent.replace(",", "." if decimal else "")) if sent else None
    except ValueError:
        number: float | None = event["numeric_value"]
        return number  # told in words: "two puffs"


_TOLD = {
    "genomics": _biomarker, "problem": _problem, "family": _problem, "medication": _given,
    "vital": _measured, "laboratory": _measured, "social": _social, "allergy": _allergy,
    "procedure": _procedure, "imaging": _imaging,
}  # fmt: skip
