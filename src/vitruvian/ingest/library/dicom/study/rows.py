"""Rows of every table that a study gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from vitruvian import terms
from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.dicom.mapping import DERIVATION, words
from vitruvian.ingest.library.dicom.reading.header import Header
from vitruvian.ingest.library.dicom.reading.moments import Moment, iso_date, study_moment
from vitruvian.ingest.library.dicom.study.contents import content_events
from vitruvian.ingest.library.dicom.study.instance import (
    INSTANCE,
    PATIENT_ID,
    Instance,
    issuer_of,
)
from vitruvian.ingest.library.dicom.study.record import STUDY, Series, Study

Row = dict[str, Any]
DICOM_UIDS = "urn:dicom:uid"
_ACCESSION, _DESCRIPTION, _MODALITY = "00080050", "00081030", "00080060"
_SERIES_DESCRIPTION, _BODY_PART = "0008103E", "00180015"
_PROCEDURES = ("00081032", "00321064")
_CODE, _SCHEME, _MEANING, _LONG = "00080100", "00080102", "00080104", "00080119"
_MAKER = ("00080070", "00081090")
_NAME, _BIRTH, _SEX = "00100010", "00100030", "00100040"
_PLACE = "record 0"


def instance_rows(instance: Instance) -> Iterator[tuple[str, Row]]:
    """The record of an instance, and what finds it by study, series and its own UID."""
    lineage = {**instance.lineage, "locator": _PLACE}
    whose = {"version_id": instance.version_id, "subject_id": instance.subject_id}
    named = {"resource_type": INSTANCE, "resource_id": instance.uid}
    yield "resource", {
        **whose, **lineage, **named, "record": 0, "content_hash": instance.sha256,
        "deleted": False, "bytes": instance.header.as_bytes,
    }  # fmt: skip
    for kind, uid in (
        ("Study", instance.study_uid),
        ("Series", instance.series_uid),
        ("Instance", instance.uid),
    ):
        key = key_of(kind, uid)
        yield "resource_key", {**whose, **lineage, **named, "key_id": stable_id(key), "key": key}


def key_of(kind: str, uid: str) -> str:
    """The key under which instances are found.

    Examples
    --------
    >>> key_of("Study", "1.2.3")
    'DICOM/Study/1.2.3'
    """
    return f"DICOM/{kind}/{uid}"


def study_rows(study: Study) -> Iterator[tuple[str, Row]]:
    """The record of a study, its patient, its series and its event."""
    first = study.first
    if first.subject_id is None:
        return
    whose = {
        "version_id": study.version_id,
        "subject_id": first.subject_id,
        **first.lineage,
        "locator": _PLACE,
    }
    yield "resource", {
        **whose, "record": 0, "resource_type": STUDY, "resource_id": first.study_uid,
        "content_hash": study.content_hash, "deleted": False, "bytes": study.content,
    }  # fmt: skip
    key = key_of("Studies", first.study_uid)
    yield "resource_key", {
        **whose, "key_id": stable_id(key), "key": key,
        "resource_type": STUDY, "resource_id": first.study_uid,
    }  # fmt: skip
    yield "patient", _patient(first.header) | whose
    for series in study.series:
        yield "image", _image(series, study) | whose
    for event in events_of(study):
        yield "event", event


def events_of(study: Study) -> Iterator[Row]:
    """The event of the study, and those that its reports, segments and structures tell."""
    yield study_event(study)
    yield from content_events(study)


def _image(series: Series, study: Study) -> Row:
    first, header = series.first, series.first.header
    when = study_moment(header, first.origin.zone)
    description = header.text(_SERIES_DESCRIPTION) or study.first.header.text(_DESCRIPTION)
    return {
        "image_id": stable_id(str(study.version_id), first.series_uid),
        "study_uid": first.study_uid,
        "series_uid": first.series_uid,
        "accession": header.text(_ACCESSION) or None,
        "modality": header.text(_MODALITY) or None,
        "body_site": header.text(_BODY_PART) or None,
        "description": description or None,
        "time": when.start if when else None,
        "instance_count": len(series.instances),
    }


def _patient(header: Header) -> Row:
    names = (header.text(_NAME).split("^") + [""] * 3)[:3]
    family, given = names[0].strip(), " ".join(part.strip() for part in names[1:] if part.strip())
    number, issuer = header.text(PATIENT_ID), issuer_of(header)
    birth = iso_date(header.text(_BIRTH))
    identifier = {"system": issuer or None, "value": number, "label": "MRN"}
    return {
        "family": family or None,
        "given": given or None,
        "birth_date": birth,
        "sex": words("sexes").get(header.text(_SEX).upper()),
        "identifiers": [identifier],
        "search_text": terms.fold(f"{given} {family} {number}"),
    }


def study_event(study: Study) -> Row:
    """The one event of a study."""
    first, header = study.first, study.first.header
    number = DERIVATION.number
    moment = study_moment(header, first.origin.zone)
    code, text, codings = _procedure(header)
    return {
        "event_id": stable_id(str(study.version_id), "/study", str(number), "0"),
        "subject_id": first.subject_id,
        "version_id": study.version_id,
        "derivation_id": number,
        **first.lineage,
        "locator": f"{_PLACE} /study",
        **_when(moment),
        "category": "imaging",
        "modality": "image",
        "code": code,
        "code_text": text,
        "codings": codings,
        "text_value": _words(study),
        "act": "observed",
        "status": "final",
        "polarity": "affirmed",
        "certainty": "certain",
        "temporality": "current",
        "experiencer": "patient",
        "body_site": header.text(_BODY_PART) or None,
        "device": " ".join(filter(None, (header.text(tag) for tag in _MAKER))) or None,
        "fact_key": stable_id("id", DICOM_UIDS, f"urn:oid:{first.study_uid}", "", code),
        "flags": _flags(study, moment),
    }


def _when(moment: Moment | None) -> Row:
    if moment is None:
        return {}
    return {
        "time": moment.start,
        "time_min": moment.start if moment.until else None,
        "time_max": moment.until,
        "utc_offset": moment.offset,
        "time_as_sent": moment.as_sent,
    }


def _procedure(header: Header) -> tuple[str, str, list[Mapping[str, str | None]]]:
    """Code and words of what was done: the procedure's own code, else the modality."""
    codings = [_coding(item) for tag in _PROCEDURES for item in header.items(tag)]
    coded = [each for each in codings if each["code"]]
    modality = header.text(_MODALITY) or "OT"
    description = header.text(_DESCRIPTION)
    if not coded:
        system = words("schemes")["DCM"]
        return f"DCM//{modality}", description or modality, [
            {"system": system, "code": modality, "display": None}
        ]  # fmt: skip
    chosen = min(coded, key=lambda each: terms.rank_of(each["system"]))
    code = terms.code_of(chosen["system"], str(chosen["code"]))
    return code, description or chosen["display"] or code, list(coded)


def _coding(item: Header) -> dict[str, str | None]:
    scheme = item.text(_SCHEME)
    code = item.text(_CODE) or item.text(_LONG)
    return {
        "system": words("schemes").get(scheme, scheme) or None,
        "code": code or None,
        "display": item.text(_MEANING) or None,
    }


def _words(study: Study) -> str:
    """Modalities, how many series and objects of each kind, and the accession number."""
    kinds = Counter(each.kind for each in study.instances)
    modalities = dict.fromkeys(each.first.header.text(_MODALITY) for each in study.series)
    parts = [" and ".join(filter(None, modalities)) or "OT", f"{len(study.series)} series"]
    parts += [f"{number} {_plural(kind, number)}" for kind, number in sorted(kinds.items())]
    accession = study.first.header.text(_ACCESSION)
    return ", ".join(parts + ([f"accession {accession}"] if accession else []))


def _plural(kind: str, number: int) -> str:
    return kind if number == 1 or kind.endswith("s") else f"{kind}s"


def _flags(study: Study, moment: Moment | None) -> list[str]:
    flags = {finding.code for series in study.series for finding in series.findings}
    if any(each.was_repaired for each in study.instances):
        flags.add("repaired-uid")
    if moment is not None and moment.zone_assumed:
        flags.add("assumed-zone")
    return sorted(flags)
