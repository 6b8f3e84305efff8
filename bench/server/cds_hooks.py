"""Every active guideline for one patient, at the CDS Hooks endpoint, over real HTTP.

The lakes are those of the picture: among more and more patients, the ones of the demo hospital are
asked about, once each. A signed request, the guidelines over the stored record, the cards, what was
said kept so that it is not said twice, and the audit row all count.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx  # noqa: TC002 - as the benches beside it
from joserfc import jwt
from joserfc.jwk import ECKey

from bench.growing import measured_while_growing
from bench.picture import PATIENTS, build, busy_row, served
from bench.server.fhir import taken
from vitruvian.guides import guides
from vitruvian.lake import Lake, migrate
from vitruvian.trust import SYSTEM

PATH = "/cds-services/guidelines-patient-view"
ISS = "https://bench.example/"
WARM_UP = 20
GOAL_MS = 200.0
Measured = dict[str, object]


@dataclass(frozen=True)
class Caller:
    """Another system that signs its requests."""

    key: ECKey

    def headers(self, audience: str, number: int) -> dict[str, str]:
        """A token of this moment, for one request."""
        now = int(time.time())
        claims = {"iss": ISS, "aud": audience, "iat": now, "exp": now + 60, "jti": f"{number}"}
        header = {"alg": "ES384", "typ": "JWT", "kid": "bench"}
        signed = jwt.encode(header, claims, self.key, algorithms=["ES384"])
        return {"Authorization": f"Bearer {signed}"}


def measure(scale: str) -> list[Measured]:
    """p50 and p95 in milliseconds, among more and more patients."""
    return measured_while_growing(
        PATIENTS[scale], called="picture", build=build, measure=measure_copy
    )


def measure_copy(path: Path, patients: int) -> list[Measured]:
    """Measure a copy of a lake: what is written to it must not be kept."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        copy = Path(folder) / "lake"
        shutil.copytree(path, copy)
        migrate(copy, SYSTEM)
        caller = Caller(ECKey.generate_key("P-384", parameters={"kid": "bench", "alg": "ES384"}))
        with Lake.open(copy) as lake:
            declare(caller, lake)
            return measure_lake(lake, caller, patients=patients)


def declare(caller: Caller, lake: Lake) -> None:
    """Let the caller ask, as a site does: by its key, in the lake's folder."""
    lake.accounts.create("records", display_name="Record system", role="clinician")
    keys = json.dumps({"keys": [caller.key.as_dict(private=False)]})
    declared = f"[[client]]\niss = '{ISS}'\naccount = 'records'\njwks = '{keys}'\n"
    (lake.path / "cds_clients.toml").write_text(declared, "utf-8")


def measure_lake(lake: Lake, caller: Caller, *, patients: int) -> list[Measured]:
    """Ask about one patient after another; the processor time is that of server and client."""
    with lake.read(SYSTEM) as reader:
        known = reader.query(
            "SELECT DISTINCT resource_id FROM resource WHERE resource_type = 'Patient' ORDER BY 1",
            tables=["resource"],
        )
    people = known.column(0).to_pylist()
    with served(lake) as client:
        asks = [asking(client, caller, person, n) for n, person in enumerate(people)]
        for ask in asks[:WARM_UP]:
            ask()
        began = time.process_time()
        times = sorted(taken(ask) for ask in asks[WARM_UP:])
        busy = (time.process_time() - began) * 1000 / len(times)
    what = f"cards of {len(guides())} guidelines"
    return [
        _row(what, "p50", times[len(times) // 2], patients=patients, asked=len(times)),
        _row(what, "p95", times[int(len(times) * 0.95)], patients=patients, asked=len(times)),
        busy_row(what, busy, patients=patients),
    ]


def asking(client: httpx.Client, caller: Caller, person: str, number: int) -> Callable[[], object]:
    """One call of the hook."""
    context = {"userId": "Practitioner/bench", "patientId": person}
    body = {"hook": "patient-view", "hookInstance": f"bench-{number}", "context": context}
    audience = str(client.base_url).rstrip("/") + PATH

    def ask() -> object:
        headers = caller.headers(audience, number)
        return client.post(PATH, json=body, headers=headers).raise_for_status()

    return ask


def _row(what: str, name: str, figure: float, *, patients: int, asked: int) -> Measured:
    return {
        "name": f"{what}, among {patients:,} patients, {name}",
        "value": figure,
        "unit": "ms",
        "versus": f"goal {GOAL_MS:.0f} ms" if name == "p95" else "",
        "ratio": GOAL_MS / figure if name == "p95" else None,
        "note": f"{asked} patients one after another over HTTP",
    }
