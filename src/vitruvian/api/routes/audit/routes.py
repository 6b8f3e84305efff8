"""Search the audit, page by page, and take rows out as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version

from fastapi import APIRouter, Response

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, SignedIn, Visit, number
from vitruvian.api.routes.audit.words import (
    AuditExport,
    AuditLine,
    AuditPage,
    AuditSearch,
    AuditState,
    AuditWish,
)
from vitruvian.base.errors import BadInput, NotFound, Refused
from vitruvian.lake.audit.checkpoints import newest_checkpoint
from vitruvian.lake.audit.lookups import Lookups, read_lookups
from vitruvian.lake.audit.search import Wish, search
from vitruvian.trust import SYSTEM, Access, AuditRow, Deed
from vitruvian.trust.audit.cef import as_cef
from vitruvian.trust.audit.cells import as_sheet
from vitruvian.trust.audit.flags import Flag

router = APIRouter(prefix="/audit", tags=["audit"], responses=REFUSALS)
MOST_EXPORTED = 50_000
STRETCH = 1_000
MOST_PERSONS = 5
NAMED = AuditWish.model_fields.keys() - {"upkeep"}
FILES = {"csv": "text/csv", "cef": "text/plain"}


class AuditClosed(Refused):
    """The role does not read the audit."""

    def __init__(self) -> None:
        super().__init__(
            "The policy of this hospital does not let your role read the audit. "
            "Ask the person who runs this installation, or an auditor."
        )


class NoSuchPatient(NotFound):
    """No patient is known under that identifier."""

    def __init__(self) -> None:
        super().__init__(
            "No patient is known here under that identifier. Check it letter by letter. The rows "
            "of a patient who was erased are found by the number that they show."
        )


class TooManyRows(BadInput):
    """More rows are meant than one file holds."""

    def __init__(self) -> None:
        super().__init__(
            f"More than {MOST_EXPORTED:,} rows of the audit are meant. Take them out in parts, "
            "by time, or run 'vitruvian audit export' where the lake is."
        )


@router.post("/search", response_model=AuditPage)
def search_audit(asked: AuditSearch, visit: SignedIn) -> Response:
    """One page of rows, newest first; the search itself is a row."""
    _expect_reader(visit)
    wish = _wish(asked, visit)
    visit.lake.audit.record(_reader(visit), _deed("read", "audit search", asked, wish))
    known = read_lookups(visit.lake, access=SYSTEM)
    found = search(visit.lake.audit, wish, known.flags, limit=asked.limit, before=asked.before)
    names = _names(visit, {row.access.who for row, _ in found.rows})
    lines = tuple(_line(row, flags, known, names) for row, flags in found.rows)
    return JsonAnswer(AuditPage(lines, found.before, _state(visit)))


def _state(visit: Visit) -> AuditState:
    """How many rows the audit has, and up to where it was signed."""
    audit, newest = visit.lake.audit, newest_checkpoint(visit.lake)
    return AuditState(
        rows=audit.head()[0],
        signed_at=None if newest is None else datetime.fromisoformat(newest.at),
        signed_rows=None if newest is None else newest.rows,
        down=tuple(sorted(audit.down)),
    )


@router.post("/export")
def export_audit(asked: AuditExport, visit: SignedIn) -> Response:
    """Every row that is meant, as a sheet or in Common Event Format; it stands as an export."""
    _expect_reader(visit)
    wish = _wish(asked, visit)
    known = read_lookups(visit.lake, access=SYSTEM)
    rows = list(_every(visit, wish, known))
    visit.lake.audit.record(_reader(visit), _deed("export", f"audit as {asked.form}", asked, wish))
    if asked.form == "csv":
        lines = as_sheet(rows)
    else:
        ours = version("vitruvian")
        lines = (f"{as_cef(row, version=ours, flags=flags)}\n" for row, flags in rows)
    head = {"Content-Disposition": f'attachment; filename="audit.{asked.form}"'}
    return Response("".join(lines).encode(), media_type=FILES[asked.form], headers=head)


def _every(visit: Visit, wish: Wish, known: Lookups) -> Iterator[tuple[AuditRow, tuple[Flag, ...]]]:
    """All rows that are meant, newest first; raises `TooManyRows`."""
    before, count = None, 0
    while True:
        found = search(visit.lake.audit, wish, known.flags, limit=STRETCH, before=before)
        count += len(found.rows)
        if count > MOST_EXPORTED:
            raise TooManyRows
        yield from found.rows
        before = found.before
        if before is None:
            return


def _reader(visit: Visit) -> Access:
    """Whoever asks: reading the audit is keeping the records, whatever else the role is for."""
    return replace(visit.access, purpose="operations", project=None)


def _expect_reader(visit: Visit) -> None:
    """Refuse roles that the policy does not name."""
    if visit.session.account.role in visit.lake.policy.auditors:
        return
    visit.lake.audit.record(_reader(visit), Deed("refused", "refused", definition="audit"))
    raise AuditClosed


def _deed(kind: str, what: str, asked: AuditWish, wish: Wish) -> Deed:
    """What was asked for by which filters; their words are left out, but whose record is named."""
    used = sorted(name for name in NAMED if getattr(asked, name))
    subjects = tuple(sorted(wish.subjects or ()))
    return Deed(kind, subjects=subjects, definition=f"{what} by {' '.join(used) or 'nothing'}")  # type: ignore[arg-type]  # one of two kinds


def _wish(asked: AuditWish, visit: Visit) -> Wish:
    return Wish(
        who=asked.who,
        subjects=_subjects(asked, visit),
        purposes=asked.purposes,
        kinds=asked.kinds,
        outcomes=asked.outcomes,
        since=asked.since,
        until=asked.until,
        flags=asked.flags,
        upkeep=asked.upkeep,
    )


def _subjects(asked: AuditWish, visit: Visit) -> frozenset[int] | None:
    """Every subject of the patient who is meant; raises `NoSuchPatient`.

    A number that no record has any more is looked for all the same: the audit outlives a record.
    """
    if asked.person_id is not None:
        numbers = {number(asked.person_id, kind="patient")}
    elif asked.identifier is not None:
        numbers = set()
    else:
        return None
    sql = "SELECT DISTINCT subject_id FROM patient"
    where = " WHERE len(list_filter(identifiers, x -> x.value = ?)) > 0"
    with visit.lake.read(SYSTEM) as reader:
        if asked.identifier is not None:
            said = reader.query(sql + where, tables=["patient"], params=[asked.identifier])
            numbers |= set(said.column(0).to_pylist())
        persons = {reader.person_of(one) for one in numbers}
        found = {subject for one in persons for subject in reader.subjects_of(one)}
    if not numbers:
        raise NoSuchPatient
    return frozenset(found | numbers)


def _names(visit: Visit, accounts: set[str]) -> dict[str, str]:
    found = {who: visit.lake.accounts.find(who) for who in accounts}
    return {who: one.display_name for who, one in found.items() if one is not None}


def _line(
    row: AuditRow, flags: tuple[Flag, ...], known: Lookups, names: dict[str, str]
) -> AuditLine:
    access, deed = row.access, row.deed
    persons = known.persons_of(row)
    return AuditLine(
        row=row.seq,
        at=datetime.fromisoformat(row.at),
        who=access.who,
        name=names.get(access.who),
        role=access.role,
        purpose=access.purpose,
        reason=access.reason,
        project=access.project,
        app=access.app,
        kind=deed.kind,
        outcome=deed.outcome,
        patients=len(persons),
        persons=tuple(map(str, persons[:MOST_PERSONS])),
        of=deed.definition,
        flags=flags,
    )
