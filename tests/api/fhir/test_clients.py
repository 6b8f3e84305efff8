"""Other people's clients, as they are published: fhirpy and fhirclient search, read, page, write."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from tests.api.conftest import PASSWORD
from vitruvian.api import create_app
from vitruvian.api.serve import Address, listen
from vitruvian.lake import Lake

NOT_INSTALLED = "is not installed: pip install fhirpy fhirclient"


@pytest.fixture
def base(hospital: Lake) -> Iterator[str]:
    """The address of a real server."""
    listening = listen(Address(port=0))
    config = uvicorn.Config(create_app(hospital), log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/fhir"
    server.should_exit = True
    thread.join()


@pytest.fixture
def fhirpy(base: str, hospital: Lake) -> Any:
    """fhirpy with the token of a session."""
    library = pytest.importorskip("fhirpy", reason=f"fhirpy {NOT_INSTALLED}")
    token = hospital.accounts.open_session("rossi").token
    return library.SyncFHIRClient(base, authorization=f"Bearer {token}")


def test_fhirpy__searches_with_its_own_words(fhirpy: Any) -> None:
    found = fhirpy.resources("Observation").search(patient="anna", value_quantity__gt=5).fetch()
    assert [one["id"] for one in found] == ["k2"]
    chained = fhirpy.resources("Observation").search(patient__Patient__family="bian").fetch()
    assert [one["id"] for one in chained] == ["k3"]
    assert fhirpy.resources("Observation").search(code="2823-3").count() == 3
    assert fhirpy.resources("Patient").search(_id="anna").get()["birthDate"] == "1950-06-01"


def test_fhirpy__pages_through_everything(fhirpy: Any) -> None:
    found = [one["id"] for one in fhirpy.resources("Observation").sort("_id").limit(1)]
    assert found == ["k1", "k2", "k3"]


def test_fhirpy__brings_what_is_included(fhirpy: Any) -> None:
    bundle = fhirpy.resources("Encounter").include("Encounter", "subject").fetch_raw()
    kinds = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert kinds == {"Encounter", "Patient"}


def test_fhirpy__writes_changes_and_deletes(fhirpy: Any) -> None:
    patient = fhirpy.resource("Patient", name=[{"family": "Quux"}])
    patient.create()
    patient["birthDate"] = "1980-01-01"
    patient.save()
    read = fhirpy.reference("Patient", patient["id"]).to_resource()
    assert (read["birthDate"], read["meta"]["versionId"]) == ("1980-01-01", "2")
    patient.delete()
    assert fhirpy.resources("Patient").search(family="quux").fetch() == []


def test_fhirpy__creates_on_a_condition_once(fhirpy: Any) -> None:
    wanted = {"identifier": [{"system": "urn:mrn", "value": "Q-9"}]}
    search = fhirpy.resources("Patient").search(identifier="urn:mrn|Q-9")
    _, first = search.get_or_create(fhirpy.resource("Patient", **wanted))
    _, again = search.get_or_create(fhirpy.resource("Patient", **wanted))
    assert (first, again) == (True, False)


def test_fhirpy__hears_a_refusal_as_an_outcome(fhirpy: Any) -> None:
    errors = importlib.import_module("fhirpy.base.exceptions")
    with pytest.raises(errors.OperationOutcome):
        fhirpy.resources("Patient").search(nonsense=1).fetch()
    with pytest.raises(errors.ResourceNotFound):
        fhirpy.reference("Patient", "nobody").to_resource()


@pytest.fixture
def smart(base: str) -> Iterator[Any]:
    """fhirclient whose HTTP session knows name and password."""
    library = pytest.importorskip("fhirclient.client", reason=f"fhirclient {NOT_INSTALLED}")
    found = library.FHIRClient(settings={"app_id": "test", "api_base": base})
    found.server.session.auth = ("rossi", PASSWORD)
    yield found
    found.server.session.close()


def model(name: str) -> Any:
    module = importlib.import_module(f"fhirclient.models.{name.lower()}")
    return getattr(module, name)


def test_fhirclient__learns_from_the_capability_statement_where_to_ask(
    smart: Any, base: str
) -> None:
    assert not smart.prepare()
    assert smart.authorize_url.startswith(f"{base.removesuffix('/fhir')}/oauth/authorize?")


def test_fhirclient__reads_and_understands(smart: Any) -> None:
    patient = model("Patient").read("anna", smart.server)
    assert patient.birthDate.isostring == "1950-06-01"
    assert model("Observation").read("k2", smart.server).valueQuantity.value == 6.2


def test_fhirclient__searches_and_pages(smart: Any) -> None:
    search = model("Observation").where(struct={"code": "2823-3", "_count": "1", "_sort": "_id"})
    whole = search.perform_resources_iter(smart.server)
    assert [one.id for one in whole] == ["k1", "k2", "k3"]


def test_fhirclient__writes_changes_and_deletes(smart: Any) -> None:
    patient = model("Patient")({"name": [{"family": "Quux", "given": ["Zoe"]}]})
    made = patient.create(smart.server)
    read = model("Patient").read(made["id"], smart.server)
    read.gender = "female"
    assert read.update(smart.server)["meta"]["versionId"] == "2"
    read.delete(smart.server)
    gone = importlib.import_module("requests").HTTPError
    with pytest.raises(gone):
        model("Patient").read(made["id"], smart.server)


@pytest.mark.parametrize("name", ["Patient", "Observation", "Encounter", "Condition"])
def test_fhirclient__accepts_every_answer_in_its_strict_mode(smart: Any, name: str) -> None:
    search = model(name).where(struct={"_include": "*"})
    bundle = next(iter(search.perform_iter(smart.server)))
    assert bundle.total >= 1
    assert all(entry.resource.id for entry in bundle.entry)
