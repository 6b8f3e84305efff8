"""Every answer about patients has its row in the audit."""

from __future__ import annotations

import re

import httpx

from vitruvian.base.errors import VitruvianError
from vitruvian.lake import Lake

INTERFACES = ("/api", "/fhir", "/cds-services")
# Answers that hold nothing of any patient.
OF_NOBODY = re.compile(
    r"/api/(session|about|password|sign-(in|out).*|apps.*)"
    r"|/api/(guides|guides/[^/]+|alerts/choices|cohorts/(saved|check))"  # definitions
    r"|/api/(context.*|launch.*|patients/\d+/seen)"  # which page is open; what is on it is asked for
    r"|/fhir/(metadata|\.well-known/.*)|/cds-services|/cds-services/[^/]+/feedback"
    r"|/fhir/\$export/[^/]+"  # where the files are; the export has its row, and each file fetched
)
ANSWERED = {*range(200, 300)} - {202}  # accepted, and nothing told yet
NEWEST = "SELECT line FROM audit ORDER BY seq DESC LIMIT 200"


def is_about_patients(answer: httpx.Response) -> bool:
    """Whether an answer of an interface may hold something of a patient."""
    path = answer.request.url.path
    if answer.request.method == "OPTIONS" or answer.status_code not in ANSWERED:
        return False
    return path.startswith(INTERFACES) and OF_NOBODY.fullmatch(path) is None


def is_written_down(answer: httpx.Response, lake: Lake) -> bool:
    """Whether a row of the audit names the request of an answer, in whichever sink stands."""
    asked = answer.headers["x-request-id"]
    try:
        lines = [str(line) for (line,) in lake.audit.database.rows(NEWEST)]
    except VitruvianError:
        lines = []
    if any(asked in line for line in lines):
        return True
    second = lake.path / "audit.jsonl"
    return second.is_file() and asked in second.read_text("utf-8")
