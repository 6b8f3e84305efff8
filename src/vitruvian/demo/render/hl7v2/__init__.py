"""The same lives as a feed of HL7 v2 messages: visits (ADT) and laboratory results (ORU).

References
----------
HL7 Version 2.5.1, chapters 3 (ADT) and 7 (ORU).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from vitruvian.demo.catalogue import hospital
from vitruvian.demo.errors import FolderInUse
from vitruvian.demo.render.omop.extract import AUTHORITY

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from vitruvian.demo.life import Concept, Encounter, Life, Measurement

__all__ = ["write_hl7v2"]

_SYSTEMS = {"http://loinc.org": "LN", "http://snomed.info/sct": "SCT"}
_CLASS = {"IMP": "I", "EMER": "E", "AMB": "O"}
_SEX = {"male": "M", "female": "F", "other": "O"}
_STATUS = {"final": "F", "corrected": "C", "amended": "C"}


def write_hl7v2(folder: Path, told: Iterable[Life]) -> dict[str, int]:
    """Write one file of messages a life, in the order in which they were sent.

    Parameters
    ----------
    folder
        A new folder.
    told
        Lives, as `demo.lives` tells them.

    Returns
    -------
    counts
        How many messages of each kind.

    Raises
    ------
    FolderInUse
        If `folder` exists.

    Notes
    -----
    Visits and numeric laboratory results are written; notes, drugs and diagnoses are not.
    A patient is known by the hospital's record number, as in the other files, and
    ``.truth/who-is-who.toml`` beside the folder declares so. One message, of a kind that tells
    of no patient, is there to wait in the quarantine.
    """
    if folder.exists():
        raise FolderInUse
    folder.mkdir(parents=True)
    counts: Counter[str] = Counter()
    for life in told:
        sent = sorted([*_visits(life), *_results(life)])
        lines = [
            _message(life, number, at, kind, segments)
            for number, (at, kind, segments) in enumerate(sent, start=1)
        ]
        counts.update(kind.split("^")[0] for _, kind, _ in sent)
        (folder / f"patient-{life.number:07d}.hl7").write_text("".join(lines), "utf-8", newline="")
    (folder / "catalogue.hl7").write_text(_CATALOGUE, "utf-8", newline="")
    counts["MFN"] += 1
    authority = AUTHORITY.format(system=hospital().mrn_system)
    (folder.parent / ".truth").mkdir(exist_ok=True)
    (folder.parent / ".truth" / "who-is-who.toml").write_text(authority, "utf-8")
    return dict(sorted(counts.items()))


# A laboratory tells of a test it offers from now on (chapter 8, MFN^M08).
_CATALOGUE = (
    "MSH|^~\\&|VH|VITRUVIAN|EHR|VITRUVIAN|20260102080000+0100||MFN^M08^MFN_M08|CATALOGUE-1|P|2.5.1\r"
    "MFI|OMA^Numerical observation master file^HL70175||UPD|||AL\r"
    "MFE|MAD|CATALOGUE-1|20260102080000+0100|2823-3^Potassium^LN|CWE\r"
)


Sent = tuple["datetime", str, tuple[str, ...]]


def _message(life: Life, number: int, at: datetime, kind: str, segments: tuple[str, ...]) -> str:
    head = (
        rf"MSH|^~\&|VH|VITRUVIAN|EHR|VITRUVIAN|{_time(at)}||{kind}|{life.key}-{number}|P|2.5.1"
        "|||||||UNICODE UTF-8"
    )
    return "\r".join([head, *segments, ""])


def _visits(life: Life) -> Iterator[Sent]:
    """Every visit from its beginning to its end."""
    for visit in life.encounters:
        first = "A01" if visit.setting == "IMP" else "A04"
        for trigger, at in ((first, visit.start), ("A03", visit.end)):
            if at is not None:
                event = f"EVN|{trigger}|{_time(at)}"
                yield at, f"ADT^{trigger}", (event, _patient(life), _visit(life, visit, at))


def _results(life: Life) -> Iterator[Sent]:
    """Every numeric laboratory result, when it was known."""
    visits = {visit.id: visit for visit in life.encounters}
    for result in life.measurements:
        status = _STATUS.get(result.status)
        if result.category != "laboratory" or not result.value or status is None:
            continue
        visit = visits.get(result.encounter or "")
        stay = () if visit is None else (_visit(life, visit, result.known_at),)
        order = [""] * 26
        order[1], order[3], order[4] = "1", f"{life.key}-{result.id}", _coded(result.concept)
        order[7], order[22], order[25] = _time(result.time), _time(result.known_at), status
        request = "OBR|" + "|".join(order[1:])
        observed = _observed(result, status)
        yield result.known_at, "ORU^R01^ORU_R01", (_patient(life), *stay, request, observed)


def _observed(result: Measurement, status: str) -> str:
    said = [""] * 15
    said[1], said[2], said[3], said[5] = "1", "NM", _coded(result.concept), result.value
    if result.comparator:
        said[2], said[5] = "SN", f"{result.comparator}^{result.value}"
    said[6] = f"{_text(result.ucum)}^{_text(result.unit)}^UCUM"
    said[7] = f"{result.low}-{result.high}" if result.low and result.high else ""
    said[8], said[11], said[14] = result.interpretation, status, _time(result.time)
    return "OBX|" + "|".join(said[1:])


def _patient(life: Life) -> str:
    one = life.person
    said = [""] * 12
    said[1], said[3] = "1", f"{one.mrn}^^^VH&{hospital().mrn_system}&URI^MR"
    said[5] = f"{_text(one.family)}^{'^'.join(_text(each) for each in one.given[:2])}"
    said[7], said[8] = f"{one.born:%Y%m%d}", _SEX.get(one.sex, "U")
    said[11] = f"{_text(one.street)}^^{_text(one.city)}^^{one.postal_code}"
    return "PID|" + "|".join(said[1:])


def _visit(life: Life, visit: Encounter, at: datetime) -> str:
    said = [""] * 46
    stays = [stay for stay in visit.stays if stay.start <= at] or list(visit.stays[:1])
    said[1], said[2] = "1", _CLASS.get(visit.setting, "O")
    said[3] = _text(stays[-1].ward) if stays else ""
    said[19], said[44] = f"{life.key}-{visit.id}^^^VH", _time(visit.start)
    said[45] = _time(visit.end) if visit.end is not None and visit.end <= at else ""
    return "PV1|" + "|".join(said[1:])


def _coded(concept: Concept) -> str:
    """The first two codings of a concept as one field."""
    parts = [
        f"{_text(each.code)}^{_text(each.display)}^{_SYSTEMS.get(each.system, '99VH')}"
        for each in concept.codings[:2]
    ]
    return "^".join(parts) or f"^{_text(concept.text)}"


def _time(at: datetime) -> str:
    return f"{at:%Y%m%d%H%M%S}+0000"


def _text(said: str) -> str:
    """Words with the delimiters escaped."""
    for mark, escaped in (
        ("\\", r"\E\\"),
        ("|", r"\F\\"),
        ("^", r"\S\\"),
        ("&", r"\T\\"),
        ("~", r"\R\\"),
    ):
        said = said.replace(mark, escaped[:3])
    return said
