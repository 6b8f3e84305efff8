"""What reports, segmentations and structure sets say, read from their headers.

A structured report gives each number it measured, a segmentation each segment,
a structure set each structure. Sizes are not worked out from pixels or contours here.

References
----------
DICOM PS3.3 sections C.17.3 (SR content), C.8.20.2 (segments), C.8.8.5 (structure sets);
PS3.16 TID 1500 (measurement report).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from vitruvian import terms
from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.dicom.mapping import DERIVATION, words
from vitruvian.ingest.library.dicom.reading.header import Header
from vitruvian.ingest.library.dicom.reading.moments import moment, study_moment
from vitruvian.ingest.library.dicom.study.instance import Instance
from vitruvian.ingest.library.dicom.study.record import Study

Row = dict[str, Any]
_CONTENT_TIME = ("00080023", "00080033")
_CHILDREN, _TYPE, _NAME, _VALUE_CODE = "0040A730", "0040A040", "0040A043", "0040A168"
_MEASURED, _NUMBER, _UNITS = "0040A300", "0040A30A", "004008EA"
_CODE, _SCHEME, _MEANING = "00080100", "00080102", "00080104"
_SITES = {"363698007", "G-C0E3"}
"""Concept "finding site" in SNOMED CT and in its earlier form."""
_SEGMENTS, _LABEL, _PROPERTY, _REGION = "00620002", "00620005", "0062000F", "00082218"
_ALGORITHM_TYPE, _ALGORITHM = "00620008", "00620009"
_ROIS, _ROI_NUMBER, _ROI_NAME, _HOW = "30060020", "30060022", "30060026", "30060036"
_CONTOURS, _OF_ROI, _EACH = "30060039", "30060084", "30060040"
_DEPTH = 60


def content_events(study: Study) -> Iterator[Row]:
    """The events that the objects of a study tell beside the study itself."""
    readers = {"report": _report, "segmentation": _segments, "structure set": _structures}
    for instance in sorted(study.instances, key=lambda each: each.place):
        read = readers.get(instance.kind)
        if read is None or instance.subject_id is None:
            continue
        for number, said in enumerate(read(instance.header)):
            yield _event(study, instance, number, said)


# ------------------------------------------------------------------ what each kind tells


def _report(header: Header) -> Iterator[Row]:
    yield from _numbers(header, None, 0)


def _numbers(container: Header, site: str | None, depth: int) -> Iterator[Row]:
    """Numbers of a container and of those within it, each with the nearest finding site."""
    children = list(container.items(_CHILDREN))
    for child in children:
        name = next(child.items(_NAME), None)
        if name is not None and name.text(_CODE) in _SITES:
            site = _meaning(child, _VALUE_CODE) or site
    for child in children:
        if child.text(_TYPE) == "NUM":
            yield from _measured(child, site)
        if depth < _DEPTH:
            yield from _numbers(child, site, depth + 1)


def _measured(item: Header, site: str | None) -> Iterator[Row]:
    code, text, codings = _coded(item, _NAME)
    for value in item.items(_MEASURED):
        number = next(iter(value.numbers(_NUMBER)), None)
        unit = next((each.text(_CODE) for each in value.items(_UNITS)), "")
        if code is None or number is None:
            continue
        conversion = terms.conversion(code, unit or None)
        yield {
            "code": code, "code_text": text, "codings": codings,
            "numeric_value": number * conversion.factor + conversion.offset,
            "value_as_sent": value.text(_NUMBER), "unit_as_sent": unit or None,
            "unit": conversion.unit, "body_site": site,
            "flags": [conversion.flag] if conversion.flag else [],
        }  # fmt: skip


def _segments(header: Header) -> Iterator[Row]:
    for item in header.items(_SEGMENTS):
        code, text, codings = _coded(item, _PROPERTY)
        how = " ".join(filter(None, (item.text(_ALGORITHM_TYPE).lower(), item.text(_ALGORITHM))))
        yield {
            "code": code or "DICOM//segment", "code_text": text or "Segment", "codings": codings,
            "text_value": f"segment: {item.text(_LABEL)}" if item.text(_LABEL) else "segment",
            "body_site": _meaning(item, _REGION), "method": how or None,
        }  # fmt: skip


def _structures(header: Header) -> Iterator[Row]:
    counts = Counter[str]()
    for each in header.items(_CONTOURS):
        counts[each.text(_OF_ROI)] += len(list(each.items(_EACH)))
    for item in header.items(_ROIS):
        number = counts[item.text(_ROI_NUMBER)]
        name = item.text(_ROI_NAME) or "unnamed"
        yield {
            "code": "DICOM//structure", "code_text": "Structure", "codings": [],
            "text_value": f"{name}, {number} contour{'' if number == 1 else 's'}",
            "method": item.text(_HOW).lower() or None,
        }  # fmt: skip


# ------------------------------------------------------------------ codes and rows


def _coded(item: Header, tag: str) -> tuple[str | None, str | None, list[Mapping[str, Any]]]:
    """Code, words and codings of the first item of a code sequence."""
    found = next(item.items(tag), None)
    if found is None or not found.text(_CODE):
        return None, None, []
    scheme, code = found.text(_SCHEME), found.text(_CODE)
    system = words("schemes").get(scheme, scheme) or None
    text = found.text(_MEANING) or code
    return terms.code_of(system, code), text, [{"system": system, "code": code, "display": text}]


def _meaning(item: Header, tag: str) -> str | None:
    return next((each.text(_MEANING) for each in item.items(tag)), "") or None


def _event(study: Study, instance: Instance, number: int, said: Row) -> Row:
    mapping, zone = DERIVATION.number, instance.origin.zone
    when = moment(instance.header, _CONTENT_TIME, zone) or study_moment(instance.header, zone)
    pointer = f"/{instance.uid}/{number}"
    assumed = ["assumed-zone"] if when is not None and when.zone_assumed else []
    clock: Row = {} if when is None else {
        "time": when.start, "time_min": when.start if when.until else None,
        "time_max": when.until, "utc_offset": when.offset, "time_as_sent": when.as_sent,
    }  # fmt: skip
    return {
        **instance.lineage,
        **clock,
        "event_id": stable_id(str(study.version_id), pointer, str(mapping), "0"),
        "subject_id": study.first.subject_id,
        "version_id": study.version_id,
        "derivation_id": mapping,
        "locator": f"record 0 {pointer}",
        "category": "imaging",
        "modality": "image",
        "act": "observed",
        "status": "final",
        "polarity": "affirmed",
        "certainty": "certain",
        "temporality": "current",
        "experiencer": "patient",
        "fact_key": stable_id("DICOM/Content", instance.uid, str(number)),
        **said,
        "flags": [*said.get("flags", ()), *assumed],
    }
