"""Known weaknesses of the libraries in the locks, looked up at a source of advisories.

Not having been able to look is never taken for having found nothing: it is said, and has an exit
code of its own.

References
----------
OSV API v1: ``POST /v1/querybatch``. OSV schema 1.7 (2025).
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
import tomllib
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any  # JSON

from tools.sbom import Library, libraries

VARIABLE = "VITRUVIAN_ADVISORIES"
PUBLIC = "https://api.osv.dev"
ACCEPTED = Path(__file__).with_name("advisories.toml")
SECONDS = 30
AT_ONCE = 500
CLEAN, FOUND, NOT_REACHED = 0, 1, 3


class NotReached(Exception):
    """The source could not be asked, or answered otherwise than it says it does."""


@dataclass(frozen=True)
class Weakness:
    """One advisory that names one of our libraries."""

    ident: str
    library: Library


def ask(source: str, body: object) -> Any:
    """One question to the source; raises `NotReached`."""
    try:
        request = urllib.request.Request(  # noqa: S310 - web addresses only, as asked next
            f"{source.rstrip('/')}/v1/querybatch",
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        if request.type not in {"https", "http"}:
            raise NotReached
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            return json.load(answer)
    except (OSError, ValueError):
        raise NotReached from None


def weaknesses(source: str, found: list[Library]) -> list[Weakness]:
    """Every advisory about every library; raises `NotReached`."""
    known = []
    for start in range(0, len(found), AT_ONCE):
        asking: dict[Library, str | None] = dict.fromkeys(found[start : start + AT_ONCE])
        while asking:
            known += _page(source, asking)
    return known


def _page(source: str, asking: dict[Library, str | None]) -> list[Weakness]:
    """One page of answers; what has a further page stays in `asking`, with its token."""
    queries = [
        {"package": {"purl": one.purl}} | ({"page_token": token} if token else {})
        for one, token in asking.items()
    ]
    said = ask(source, {"queries": queries})
    answers = said.get("results") if isinstance(said, dict) else None
    if not isinstance(answers, list) or len(answers) != len(queries):
        raise NotReached
    found = []
    for one, answer in zip(list(asking), answers, strict=True):
        found += [Weakness(each["id"], one) for each in answer.get("vulns", [])]
        asking[one] = answer.get("next_page_token")
        if not asking[one]:
            del asking[one]
    return found


def accepted_now(rules: Mapping[str, Mapping[str, Any]], *, today: dt.date) -> set[str]:
    """Advisories that were looked at and do not touch us, until their day of review."""
    return {ident for ident, rule in rules.items() if rule["why"] and rule["until"] >= today}


def told(known: list[Weakness], accepted: set[str]) -> tuple[list[str], int]:
    """What to say, and the exit code."""
    lines = [
        f"{'accepted' if one.ident in accepted else 'WEAKNESS'} {one.ident} in {one.library.name} "
        f"{one.library.version} ({'installed' if one.library.required else 'extra or development'})"
        f": https://osv.dev/{one.ident}"
        for one in known
    ]
    open_ones = [one for one in known if one.ident not in accepted]
    if open_ones:
        lines.append("Upgrade in pyproject.toml or web/package.json, or argue in advisories.toml.")
    return lines, FOUND if open_ones else CLEAN


def main(arguments: list[str] | None = None) -> int:
    """Look up and tell: 0 nothing, 1 a weakness, 3 not looked up."""
    parser = argparse.ArgumentParser(prog="python -m tools.advisories", description=__doc__)
    parser.add_argument("--source", default=os.environ.get(VARIABLE, PUBLIC), help="address")
    asked = parser.parse_args(arguments)
    found = libraries()
    try:
        known = weaknesses(asked.source, found)
    except NotReached:
        print(
            f"NOT LOOKED UP: the source of advisories could not be reached, so nothing is known "
            f"of the {len(found)} libraries. Name another with {VARIABLE}, or ask again online."
        )
        return NOT_REACHED
    lines, code = told(
        known, accepted_now(tomllib.loads(ACCEPTED.read_text("utf-8")), today=today())
    )
    print("\n".join([*lines, f"{len(found)} libraries looked up, {len(known)} advisories"]))
    return code


def today() -> dt.date:
    """The present day."""
    return dt.datetime.now(dt.UTC).date()


if __name__ == "__main__":
    sys.exit(main())
