"""Searching for studies, series and instances (QIDO-RS, PS3.18 section 10.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from vitruvian.api.routes.dicomweb.find import Found, studies, study_versions
from vitruvian.base.errors import BadInput

if TYPE_CHECKING:
    from vitruvian.lake import Reader

STUDY_KEYS = {
    "StudyInstanceUID": "0020000D", "AccessionNumber": "00080050", "StudyDate": "00080020",
    "ModalitiesInStudy": "00080061", "Modality": "00080060",
}  # fmt: skip
PATIENT_KEYS = {
    "PatientName": "00100010", "PatientID": "00100020", "PatientBirthDate": "00100030",
    "OtherPatientIDs": "00101000", "ReferringPhysicianName": "00080090",
}  # fmt: skip
CONTROLS = {"limit", "offset", "includefield", "fuzzymatching", "person_id"}
_TELLS = {
    "StudyDate": ("00080020", "DA"), "StudyTime": ("00080030", "TM"),
    "AccessionNumber": ("00080050", "SH"), "StudyDescription": ("00081030", "LO"),
    "TimezoneOffsetFromUTC": ("00080201", "SH"), "ReferringPhysicianName": ("00080090", "PN"),
    "PatientName": ("00100010", "PN"), "PatientID": ("00100020", "LO"),
    "IssuerOfPatientID": ("00100021", "LO"), "PatientBirthDate": ("00100030", "DA"),
    "PatientSex": ("00100040", "CS"), "StudyInstanceUID": ("0020000D", "UI"),
    "StudyID": ("00200010", "SH"),
}  # fmt: skip
_SERIES_TELLS = ("00080060", "0008103E", "0020000E", "00200011", "00080021", "00080031",
                 "00400244", "00400245")  # fmt: skip
_INSTANCE_TELLS = ("00080016", "00080018", "00200013", "00280008", "00280010", "00280011",
                   "00280100")  # fmt: skip
_DAY = timedelta(days=1)
_COLUMNS = ["subject_id", "version_id", "study_uid", "accession", "modality", "time"]

Json = dict[str, Any]


class PatientInAddress(BadInput):
    """A search names a patient in the address."""

    def __init__(self) -> None:
        super().__init__(
            "This search names a patient in the address, where logs and browsers keep it. "
            "Expected person_id, or keys of the study. Find the patient first by "
            "POST /api/patients/search, then search with person_id."
        )


class BadDateRange(BadInput):
    """A study date is neither a day nor a range of days."""

    def __init__(self) -> None:
        super().__init__(
            "StudyDate is neither a day nor a range. "
            "Expected YYYYMMDD, YYYYMMDD-YYYYMMDD, or one side of a range."
        )


@dataclass(frozen=True)
class Wish:
    """What a search asks for; `ignored` are keys that are not supported."""

    studies: tuple[str, ...]
    accession: str | None
    modality: str | None
    start: datetime | None
    end: datetime | None
    ignored: tuple[str, ...]


def read_wish(said: Mapping[str, str]) -> Wish:
    """The keys of a search, by keyword or by tag.

    Raises
    ------
    PatientInAddress
        When a key would put a patient's name or number into the address.
    BadDateRange
        When the date cannot be read.
    """
    names = {tag: name for name, tag in (STUDY_KEYS | PATIENT_KEYS).items()}
    keys = {names.get(key.upper(), key): value for key, value in said.items()}
    if keys.keys() & PATIENT_KEYS.keys():
        raise PatientInAddress
    start, end = _days(keys.get("StudyDate"))
    uids = keys.get("StudyInstanceUID", "").replace("\\", ",").split(",")
    return Wish(
        studies=tuple(uid for uid in uids if uid),
        accession=keys.get("AccessionNumber") or None,
        modality=keys.get("ModalitiesInStudy") or keys.get("Modality") or None,
        start=start,
        end=end,
        ignored=tuple(sorted(keys.keys() - STUDY_KEYS.keys() - CONTROLS)),
    )


def _days(said: str | None) -> tuple[datetime | None, datetime | None]:
    if not said:
        return None, None
    first, dash, last = said.partition("-")
    start = _day(first) if first else None
    end = _day(last) + _DAY if last else None
    return start, end if dash else (_day(first) + _DAY)


def _day(said: str) -> datetime:
    try:
        return datetime.strptime(said, "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        raise BadDateRange from None


def search_studies(
    reader: Reader, wish: Wish, *, subjects: Sequence[int] | None, page: slice
) -> list[Json]:
    """The studies asked for, newest first."""
    where, params = _condition(wish)
    rows = reader.rows(
        "image", subjects=subjects, columns=_COLUMNS, where=where, params=params
    ).to_pylist()
    versions: dict[int, Mapping[str, Any]] = {}
    latest = datetime.max.replace(tzinfo=UTC)
    for row in sorted(rows, key=lambda row: (row["time"] or latest, row["version_id"])[::1],
                      reverse=True):  # fmt: skip
        versions.setdefault(row["version_id"], row)
    with reader.over_many("which studies are there"):
        held = study_versions(reader, list(versions.values()))
    shown = [version for version in versions if version in held][page]
    told = studies(reader, [versions[version] for version in shown])
    return [study_json(told[version]) for version in shown]


def _condition(wish: Wish) -> tuple[str | None, list[object]]:
    parts: list[tuple[str, object]] = []
    if wish.studies:
        parts.append(("study_uid IN (SELECT unnest(?::VARCHAR[]))", list(wish.studies)))
    if wish.accession:
        parts.append(("accession = ?", wish.accession))
    if wish.modality:
        parts.append(("modality = ?", wish.modality))
    if wish.start:
        parts.append(("time >= ?", wish.start))
    if wish.end:
        parts.append(("time < ?", wish.end))
    return " AND ".join(sql for sql, _ in parts) or None, [value for _, value in parts]


def study_json(record: Json) -> Json:
    """A study as QIDO-RS tells it (PS3.18 table 10.6.3-3)."""
    said, series = record["study"], record["series"]
    found: Json = {
        tag: {"vr": vr, "Value": [{"Alphabetic": said[name]} if vr == "PN" else said[name]]}
        if name in said
        else {"vr": vr}
        for name, (tag, vr) in _TELLS.items()
    }
    modalities = sorted({each["Modality"] for each in series if each.get("Modality")})
    found["00080061"] = {"vr": "CS", "Value": modalities}
    found["00080056"] = {"vr": "CS", "Value": ["ONLINE"]}
    found["00201206"] = {"vr": "IS", "Value": [len(series)]}
    found["00201208"] = {"vr": "IS", "Value": [sum(len(each["instances"]) for each in series)]}
    return dict(sorted(found.items()))


def series_json(found: Sequence[Found]) -> Iterator[Json]:
    """Each series once, with how many instances it has (PS3.18 table 10.6.3-4)."""
    grouped: dict[str, list[Found]] = {}
    for each in found:
        grouped.setdefault(each.uid("Series"), []).append(each)
    for some in grouped.values():
        told = _some(some[0].header, ("0020000D", *_SERIES_TELLS))
        told["00201209"] = {"vr": "IS", "Value": [len(some)]}
        yield dict(sorted(told.items()))


def instance_json(found: Found) -> Json:
    """An instance as QIDO-RS tells it (PS3.18 table 10.6.3-5)."""
    tags = ("0020000D", "0020000E", "00080060", *_INSTANCE_TELLS)
    return _some(found.header, tags) | {"00080056": {"vr": "CS", "Value": ["ONLINE"]}}


def _some(header: Mapping[str, Any], tags: Sequence[str]) -> Json:
    return {tag: header[tag] for tag in tags if tag in header}
