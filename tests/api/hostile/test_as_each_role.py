"""Whatever any role sends to any route, the answer is no server error, and no way around its role."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.api.client import TestClient
from tests.api.conftest import ORIGIN, OURS, PASSWORD
from tests.api.hostile.test_every_route import NAMES, try_route
from vitruvian.api import create_app
from vitruvian.lake import Lake

ROLES = (
    *("clinician", "radiologist", "geneticist", "researcher", "data steward"),
    *("patient", "proxy", "auditor", "administrator"),
)
SAMPLE = 6


@pytest.fixture
def as_role(lake: Lake, request: pytest.FixtureRequest) -> Iterator[TestClient]:
    """A browser of somebody with that role."""
    role: str = request.param
    lake.accounts.create("somebody", display_name="Somebody", role=role)
    lake.accounts.set_password("somebody", password=PASSWORD)
    with TestClient(create_app(lake), base_url=ORIGIN, headers=OURS) as client:
        signed = {"name": "somebody", "password": PASSWORD}
        assert client.post("/api/sign-in", json=signed).status_code == 200
        yield client


@pytest.mark.parametrize("as_role", ROLES, indirect=True)
def test_role__breaks_no_route_of_a_sample(
    as_role: TestClient, request: pytest.FixtureRequest
) -> None:
    # Another sample for each role; together they are most of the routes.
    dice = random.Random(request.node.name)
    for name in dice.sample(NAMES, SAMPLE):
        assert try_route(name, as_role, examples=3) > 0


@pytest.mark.torture
@pytest.mark.parametrize("as_role", ROLES, indirect=True)
@pytest.mark.parametrize("name", NAMES)
def test_role__breaks_no_route(as_role: TestClient, name: str) -> None:
    assert try_route(name, as_role, examples=25) > 0
