"""Observations (OBX), alone or under the order they answer (OBR).

References
----------
HL7 Version 2.8.2, chapter 7.4 (OBR, OBX); table 0085 for OBX-11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vitruvian import terms
from vitruvian.ingest.library.hl7v2.facts.coding import Coded, coded_of, read_coded
from vitruvian.ingest.library.hl7v2.facts.fact import Counted, Fact, Told, event_row, first
from vitruvian.ingest.library.hl7v2.mapping import listed, words
from vitruvian.ingest.library.hl7v2.reading.message import DELETE, Segment

_NUMBER = r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|[+-]?\.\d+"
_PLAIN = re.compile(rf"\s*([<>]=?)?\s*({_NUMBER})\s*")
_BETWEEN = re.compile(rf"\s*({_NUMBER})\s*-\s*({_NUMBER})\s*")
_ABOVE_BELOW = re.compile(rf"\s*([<>])=?\s*({_NUMBER})\s*")
_CODED = {"CE", "CWE", "CNE", "CF", "IS", "ID", "CX"}
_ATTACHED = {"ED", "RP"}


@dataclass(frozen=True)
class Order:
    """The OBR that results stand under; None for results that stand alone."""

    request: Segment | None
    specimen: str | None = None

    @property
    def key(self) -> str:
        """What names the order: the filler's number, else the placer's, else code and time."""
        if self.request is None:
            return ""
        obr = self.request
        return first((obr.raw(3), obr.raw(2))) or f"{obr.text(4)} {obr.text(7)}"


def result_facts(
    told: Told, order: Order, observations: Sequence[Segment], counted: Counted
) -> Iterator[Fact]:
    """One event an observation."""
    for obx in observations:
        coded = read_coded(obx, 3)
        # O: only describes the order; N: not asked for
        if coded is None or obx.text(11).upper() in {"O", "N"}:
            continue
        place = obx.text(14) if order.request is None else ""
        slot = counted.slot("OBX", order.key, coded.code, obx.text(4), place)
        yield Fact(slot, _result(told, order, obx, coded))


def _result(told: Told, order: Order, obx: Segment, coded: Coded) -> dict[str, Any]:
    obr = order.request
    asked = (obr.text(7), obr.text(22)) if obr else ()
    moment = told.moment(obx.text(14), *asked)
    flags = [] if moment else ["time-is-recorded"]
    moment = moment or told.moment(told.message.header.text(7))
    value = _value(obx, coded.code)
    if "numeric_value" not in value:
        value = {"range_text": obx.words(7) or None, **value}
    status = "D" if DELETE in obx.repetitions(5) else obx.text(11).upper()
    return event_row(
        told,
        (obx, 5),
        {
            "category": _lane(told, obr, coded.code, number="numeric_value" in value),
            "code": coded.code,
            "code_text": coded.text,
            "codings": coded.rows,
            "moment": moment,
            "status": _status(status),
            "state": status or None,
            "interpretation": obx.text(8) or None,
            "method": first((obx.text(17, 2), obx.text(17))),
            "device": first((obx.text(18), obx.text(18, 3))),
            "body_site": first((obx.text(20, 2), obx.text(20))),
            "specimen": order.specimen,
            **value,
            "flags": [*flags, *value.get("flags", ())],
        },
    )


def _status(said: str) -> str:
    """The status that OBX-11 means; A is another thing there than in OBR-25."""
    found = words("observation_status").get(said) or words("result_status").get(said)
    return found or "final"


def _lane(told: Told, obr: Segment | None, code: str, *, number: bool) -> str:
    if code in listed("vital_signs", "codes"):
        return "vital"
    section = obr.text(24).upper() if obr else ""
    if section in words("lanes"):
        return words("lanes")[section]
    laboratory = told.message.kind in listed("messages", "results") or code.startswith("LOINC//")
    return "laboratory" if laboratory and (number or obr is not None) else "other"


# ------------------------------------------------------------------ the value


def _value(obx: Segment, code: str) -> Mapping[str, Any]:
    kind, said = obx.text(2).upper(), obx.repetitions(5)
    if not said or said == [DELETE]:
        return {}
    if kind in _CODED:
        return _coded_value(obx, said)
    if kind in _ATTACHED:
        return {"text_value": "attached document", "flags": ["attachment-in-record"]}
    if kind == "SN":
        return _structured(obx, said[0], code)
    plain = _PLAIN.fullmatch(obx.part(said[0], 1)) if len(said) == 1 else None
    if plain and (kind == "NM" or (kind in {"ST", "TX", ""} and obx.raw(6))):
        return _number(obx, code, (plain[1], plain[2]))
    flags = ["not-a-number"] if kind == "NM" else []
    return {"text_value": obx.words(5) or None, "flags": flags}


def _coded_value(obx: Segment, said: list[str]) -> Mapping[str, Any]:
    found = [coded for each in said if (coded := coded_of(obx, each))]
    if not found:
        return {}
    has_code = not found[0].code.startswith("TEXT//")
    text = "; ".join(each.text for each in found)
    return {"text_value": text, "value_code": found[0].code if has_code else None}


def _structured(obx: Segment, said: str, code: str) -> Mapping[str, Any]:
    """SN: comparator, number, separator, number. Only a single number is a number."""
    comparator, low, separator, high = (obx.part(said, place).strip() for place in (1, 2, 3, 4))
    plain = _PLAIN.fullmatch(low)
    if plain and not separator and not high and comparator in {"", "<", ">", "<=", ">=", "="}:
        return _number(obx, code, (comparator.removeprefix("=") or plain[1], plain[2]))
    return {"text_value": f"{comparator}{low}{separator}{high}" or None}


def _number(obx: Segment, code: str, said: tuple[str | None, str]) -> Mapping[str, Any]:
    comparator, number = said
    unit = first((obx.text(6), obx.text(6, 2)))
    if unit and terms.spell_unit(unit) is None and terms.spell_unit(obx.text(6, 2)):
        unit = obx.text(6, 2)
    made = terms.conversion(code, unit)

    def stored(value: str) -> float:
        return float(value) * made.factor + made.offset

    return {
        "numeric_value": stored(number),
        "value_as_sent": number,
        "comparator": comparator or None,
        "unit_as_sent": unit,
        "unit": made.unit,
        **_range(obx.words(7), stored),
        "flags": [made.flag] if made.flag else [],
    }


def _range(said: str, stored: Any) -> Mapping[str, Any]:
    """The laboratory's limits as numbers where they are two, or one with its direction."""
    if between := _BETWEEN.fullmatch(said):
        return {"range_low": stored(between[1]), "range_high": stored(between[2])}
    if one := _ABOVE_BELOW.fullmatch(said):
        return {"range_low" if one[1] == ">" else "range_high": stored(one[2]), "range_text": said}
    return {"range_text": said or None}
