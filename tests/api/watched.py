"""Every answer about patients has its row in the audit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from vitruvian.lake import Lake

INTERFACES = ("/api", "/fhir", "/cds-services")
# Answers that hold nothing of any patient.
OF_NOBODY = re.compile(
    r"/api/(session|about|password|sign-(in|out).*|apps.*)"
    r"|/api/(guides|alerts/choices|cohorts/saved)"  # definitions
    r"|/api/(context.*|launch.*|patients/\d+/seen)"  # which page is open; what is on it is asked for
    r"|/fhir/(metadata|\.well-known/.*)|/cds-services"
)
ANSWERED = range(200, 300)


@contextmanager
def watched(client: httpx.Client, lake: Lake) -> Iterator[None]:
    """Look at every answer in this block, and for its row at the end of it."""
    heard: list[httpx.Response] = []
    client.event_hooks = {"response": [heard.append]}
    try:
        yield
    finally:
        client.event_hooks = {}
    about = [one for one in heard if is_about_patients(one)]
    written = {row.access.request for row in lake.audit.rows()} if about else set()
    silent = [
        f"{one.request.method} {one.request.url.path} {one.status_code}"
        for one in about
        if one.headers["x-request-id"] not in written
    ]
    assert not silent, f"answered without a row in the audit: {silent}"


def is_about_patients(answer: httpx.Response) -> bool:
    """Whether an answer of an interface may hold something of a patient."""
    path = answer.request.url.path
    answered = answer.status_code in ANSWERED and path.startswith(INTERFACES)
    return answered and OF_NOBODY.fullmatch(path) is None
