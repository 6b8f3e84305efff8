"""An order of a medicine that prolongs QT, for somebody whose QT is long already."""

from __future__ import annotations

from tests.api.cds_hooks.conftest import RXNORM, bundle, fluorouracil, hook, vital
from tests.api.cds_hooks.test_cards import SIGN, VIEW, Sign, about, call
from tests.api.client import TestClient

# at 60 /min QTc is QT, and a woman's is prolonged from 460 ms
TRACING = bundle(vital("8634-8", 470, "ms"), vital("8867-4", 60, "/min"), vital("8633-0", 90, "ms"))
ONDANSETRON, PARACETAMOL = "26225", "161"


def ordered(code: str) -> dict[str, object]:
    """An order not yet signed, of a substance by RxNorm."""
    return fluorouracil(
        medicationCodeableConcept={"coding": [{"system": RXNORM, "code": code}]},
    )


def test_order_of_another_medicine__says_nothing_of_qt(client: TestClient, signed: Sign) -> None:
    context = {"draftOrders": bundle(ordered(PARACETAMOL))}
    body = hook("order-sign", context=context, prefetch={"tracing": TRACING})
    assert about(call(client, signed, SIGN, body), "qtc") == []


def test_order_that_prolongs_qt__is_told_before_it_is_signed(
    client: TestClient, signed: Sign
) -> None:
    context = {"draftOrders": bundle(ordered(ONDANSETRON))}
    body = hook("order-sign", context=context, prefetch={"tracing": TRACING})
    (card,) = about(call(client, signed, SIGN, body), "qtc")
    assert "prolonged with a listed medicine" in card["summary"]
    assert "medicines by label" in card["source"]["label"]


def test_tracing_alone__is_prolonged(client: TestClient, signed: Sign) -> None:
    body = hook("patient-view", prefetch={"tracing": TRACING})
    (card,) = about(call(client, signed, VIEW, body), "qtc")
    assert card["summary"].endswith(": prolonged")
