"""The examples of the CDS Hooks specification and of its hooks, sent as they stand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.api.client import TestClient
from vitruvian.api.routes.cds_hooks.services import SERVICES

Json = dict[str, Any]
Sign = Callable[..., dict[str, str]]
HOOKS = {each.hook: f"/cds-services/{each.id}" for each in SERVICES.values()}
BLOCK = re.compile(r"```\w*[^\n]*\n(.*?)```", re.DOTALL)
# neither the lake nor the example holds anything of its patient, or it is of another hook
NOT_ANSWERED = {412}


def blocks(path: Path) -> Iterator[Json]:
    """The JSON of a page: whole objects, members without their braces, bodies after a request."""
    for text in BLOCK.findall(path.read_text("utf-8")):
        body = text.strip().removeprefix("POST {baseUrl}/cds-services/{serviceId}/feedback").strip()
        try:
            found = json.loads(body if body.startswith("{") else f"{{{body}}}")
        except ValueError:
            continue  # a fragment that is no JSON, such as a token with comments
        yield found


def contexts(folder: Path) -> Iterator[tuple[str, Json]]:
    """Every context of the four hooks that there are services for."""
    for hook in HOOKS:
        for found in blocks(folder / "hooks" / f"{hook}.md"):
            if "context" in found:
                yield hook, found["context"]


def sent(client: TestClient, signed: Sign, hook: str, **said: Json) -> Any:
    body = {"hook": hook, "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"} | said
    return client.post(HOOKS[hook], json=body, headers=signed(HOOKS[hook]))


def test_contexts__of_every_fhir_version_are_answered_or_lack_a_known_patient(
    client: TestClient, signed: Sign, real_data: Path
) -> None:
    found = list(contexts(real_data / "clinical" / "cds-hooks"))
    assert {hook for hook, _ in found} == {*HOOKS}
    for hook, context in found:
        answer = sent(client, signed, hook, context=context)
        assert answer.status_code in {200} | NOT_ANSWERED, (hook, answer.text)


def test_contexts__about_a_known_patient_are_answered(
    client: TestClient, signed: Sign, real_data: Path
) -> None:
    for hook, context in contexts(real_data / "clinical" / "cds-hooks"):
        answer = sent(client, signed, hook, context=context | {"patientId": "anna"})
        assert answer.status_code == 200, (hook, answer.text)
        assert isinstance(answer.json()["cards"], list)


def test_prefetch__of_the_specification_is_taken_or_survived(
    client: TestClient, signed: Sign, real_data: Path
) -> None:
    page = real_data / "clinical" / "cds-hooks" / "specification" / "current.md"
    found = [each["prefetch"] for each in blocks(page) if isinstance(each.get("prefetch"), dict)]
    assert found
    context = {"userId": "Practitioner/example", "patientId": "anna"}
    for prefetch in found:
        answer = sent(client, signed, "patient-view", context=context, prefetch=prefetch)
        assert answer.status_code == 200, answer.text


def test_feedback__of_the_specification_is_kept(
    client: TestClient, signed: Sign, real_data: Path
) -> None:
    page = real_data / "clinical" / "cds-hooks" / "specification" / "current.md"
    found = [each for each in blocks(page) if "feedback" in each]
    assert len(found) >= 2  # a third one on that page is no JSON
    path = f"{HOOKS['patient-view']}/feedback"
    for body in found:
        answer = client.post(path, json=body, headers=signed(path))
        assert answer.status_code == 200, answer.text
        assert answer.json()["kept"] == len(body["feedback"])
