"""Whatever is sent, the answer is one of this interface's own: no crash, no server error."""

from __future__ import annotations

import json
import urllib.parse
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.client import TestClient
from vitruvian.api.routes.fhir.search.declared import COMMON, parameters

CALM = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
TYPES = ("Patient", "Observation", "Encounter", "Condition")
CONTROLS = (
    "_sort",
    "_count",
    "_include",
    "_revinclude",
    "_elements",
    "_summary",
    "_total",
    "_page",
)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
FRAGMENTS = st.lists(
    st.sampled_from(
        ["|", "$", ",", "\\", "'", '"', ";", "--", "gt", "ap", "1e999", "9999-12-31", "0000", "2024-02-30",
         "T25:61:61Z", "+14:00", "*", ":", "..", "%", "\0", "Patient/", "urn:uuid:", "?", "NaN", "-", "1"]
    ) | TEXT,
    max_size=5,
).map("".join)  # fmt: skip


@st.composite
def queries(draw: Any) -> tuple[str, list[tuple[str, str]]]:
    resource_type = draw(st.sampled_from(TYPES))
    names = [*parameters()[resource_type], *COMMON, *CONTROLS, "_has:Observation:patient:code"]
    suffixes = (
        "",
        ":missing",
        ":not",
        ":exact",
        ":below",
        ":of-type",
        ":Patient",
        ".name",
        ".code",
    )
    name = st.builds(str.__add__, st.sampled_from(names), st.sampled_from(suffixes)) | TEXT
    return resource_type, draw(st.lists(st.tuples(name, FRAGMENTS), max_size=4))


@CALM
@given(asked=queries())
def test_any_search__is_answered_or_refused(client: TestClient, asked: Any) -> None:
    resource_type, said = asked
    answer = client.get(f"/fhir/{resource_type}", params=said)
    assert answer.status_code in {200, 400, 410}, answer.text
    assert answer.json()["resourceType"] in {"Bundle", "OperationOutcome"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "meta", "subject", "reference", "code", "coding", "system", "value", "valueQuantity",
                         "effectiveDateTime", "identifier", "name", "birthDate", "text", "contained", "extension"]) | TEXT,
        inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@CALM
@given(
    resource_type=st.sampled_from(TYPES),
    content=st.dictionaries(
        st.sampled_from(["id", "meta", "subject", "code", "status", "valueQuantity", "effectiveDateTime",
                         "identifier", "name", "birthDate", "component", "period", "onsetDateTime", "contained"]),
        JSON, max_size=5),
)  # fmt: skip
def test_any_resource__is_stored_and_read_again_or_refused(
    client: TestClient, resource_type: str, content: Any
) -> None:
    body = json.dumps({**content, "resourceType": resource_type})
    headers = {"content-type": "application/fhir+json"}
    answer = client.post(f"/fhir/{resource_type}", content=body, headers=headers)
    assert answer.status_code in {201, 400}, answer.text
    if answer.status_code == 201:
        made = answer.json()
        assert client.get(f"/fhir/{resource_type}/{made['id']}").json() == made


@CALM
@given(content=JSON | st.binary(max_size=40))
def test_any_bundle__is_answered_or_refused(client: TestClient, content: Any) -> None:
    whole = {"resourceType": "Bundle", "type": "transaction", "entry": content}
    body = content if isinstance(content, bytes) else json.dumps(whole).encode()
    headers = {"content-type": "application/fhir+json"}
    answer = client.post("/fhir", content=body, headers=headers)
    assert answer.status_code in {200, 400}, answer.text


@CALM
@given(entry=st.fixed_dictionaries(
    {"request": st.fixed_dictionaries({
        "method": st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
        "url": st.sampled_from(["Patient", "Patient/anna", "Patient?", "Patient?gender=x", "Observation/k1/_history/1",
                                "/Patient//", "Patient/a/b", "Nonsense", "Patient/%00"]) | TEXT})},
    optional={"resource": st.just({"resourceType": "Patient"}) | JSON, "fullUrl": TEXT}))  # fmt: skip
def test_any_entry__is_done_or_refused(client: TestClient, entry: Any) -> None:
    # The standard library's writer knows numbers of any length, which a sender may send.
    body = json.dumps({"resourceType": "Bundle", "type": "batch", "entry": [entry]})
    headers = {"content-type": "application/fhir+json"}
    answer = client.post("/fhir", content=body, headers=headers)
    assert answer.status_code in {200, 400}, answer.text


@CALM
@given(path=st.lists(TEXT | st.sampled_from(["Patient", "anna", "_history", "$export", "$everything", "1"]), max_size=5),
       method=st.sampled_from(["GET", "PUT", "PATCH", "DELETE"]))  # fmt: skip
def test_any_address__has_an_answer_in_one_shape(
    client: TestClient, path: list[str], method: str
) -> None:
    address = "/".join(urllib.parse.quote(part, safe="") for part in path)
    answer = client.request(method, f"/fhir/{address}", content=b"{}")
    assert answer.status_code < 500, answer.text
