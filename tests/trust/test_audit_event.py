"""The audit as FHIR AuditEvent: other people's model of R4 accepts it, and it names nobody."""

from __future__ import annotations

import pytest

from vitruvian.trust import GENESIS, Access, AuditRow, Deed, as_audit_event, chained

ROSSI = Access(who="rossi", role="clinician", purpose="treatment", request="a1")


def row(deed: Deed, access: Access = ROSSI) -> AuditRow:
    return chained(AuditRow(7, "2026-03-01T10:00:00+00:00", access, deed, GENESIS))


def test_refused_access__is_a_minor_failure_of_a_query() -> None:
    found = as_audit_event(row(Deed("refused", "refused")), site="st-elsewhere")
    assert (found["outcome"], found["action"], found["type"]["code"]) == ("4", "R", "110112")


@pytest.mark.parametrize(
    "deed, code, action",
    [
        (Deed("read"), "110112", "R"),
        (Deed("load"), "110107", "C"),
        (Deed("export"), "110106", "R"),
        (Deed("account"), "110114", "E"),
        (Deed("compact"), "object", "E"),
    ],
)
def test_what_was_done__has_its_standard_code(deed: Deed, code: str, action: str) -> None:
    found = as_audit_event(row(deed), site="st-elsewhere")
    assert (found["type"]["code"], found["action"]) == (code, action)


def test_every_patient_shown__is_an_entity_by_id_and_the_row_carries_its_hash() -> None:
    told = row(Deed("read", subjects=(4, 9)))
    *patients, whole = as_audit_event(told, site="st-elsewhere")["entity"]
    assert [each["what"]["identifier"]["value"] for each in patients] == ["4", "9"]
    assert whole["detail"] == [{"type": "hash", "valueString": told.hash}]


@pytest.mark.parametrize("deed", [Deed("read", subjects=(4,)), Deed("drain", "failed")])
def test_audit_event__is_read_by_another_library_of_r4(deed: Deed) -> None:
    model = pytest.importorskip(
        "fhirclient.models.auditevent", reason="fhirclient is not installed"
    )
    found = as_audit_event(row(deed), site="st-elsewhere")
    assert model.AuditEvent(found, strict=True).as_json() == found
