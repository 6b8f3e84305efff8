"""The bill of materials: every library of the two locks, in CycloneDX.

What a default installation brings along is `required`; extras and what only development uses are
`optional`. The same locks give the same bytes: no time and no random number is in it.

References
----------
CycloneDX 1.6 (ECMA-424, 2024). Package URL: the types ``pypi`` and ``npm``.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Any  # JSON

from packaging.utils import canonicalize_name

from tools.licences import installed_by_default, stated_licence

ROOT = Path(__file__).resolve().parents[1]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Library:
    """One library at one version.

    Parameters
    ----------
    kind
        pypi or npm: which world it is from.
    required
        Whether a default installation brings it along.
    licence
        As its authors state it; empty where it is not installed here to be asked.
    sha512
        Of the archive, in hexadecimal; empty where the lock has one for each platform.
    """

    kind: str
    name: str
    version: str
    required: bool
    licence: str = ""
    sha512: str = ""

    @property
    def purl(self) -> str:
        """Its address in the words of all registries."""
        return f"pkg:{self.kind}/{self.name.replace('@', '%40')}@{self.version}"


def of_python(lock: str) -> Iterator[Library]:
    """The libraries that a requirements file pins."""
    required = set(installed_by_default())
    for name, pinned in PINNED.findall(lock):
        ident = canonicalize_name(name)
        yield Library("pypi", ident, pinned, ident in required, licence_of(ident))


def licence_of(name: str) -> str:
    """What an installed distribution states; empty for one that is not installed."""
    try:
        return stated_licence(distribution(name))
    except PackageNotFoundError:
        return ""


def of_web(lock: dict[str, Any]) -> Iterator[Library]:
    """The libraries that a package-lock of version 3 pins."""
    for place, entry in lock["packages"].items():
        name = place.rpartition("node_modules/")[2]
        if name and not entry.get("link"):
            algorithm, _, digest = entry.get("integrity", "").partition("-")
            sha512 = b64decode(digest).hex() if algorithm == "sha512" else ""
            required = not (entry.get("dev") or entry.get("optional"))
            licence = str(entry.get("license", ""))
            yield Library("npm", name, entry["version"], required, licence, sha512)


def libraries(root: Path = ROOT) -> list[Library]:
    """Everything in both locks, each version once."""
    web = json.loads((root / "web" / "package-lock.json").read_text("utf-8"))
    both = [*of_python((root / "requirements.lock").read_text("utf-8")), *of_web(web)]
    return sorted({one.purl: one for one in both}.values())


def component(one: Library) -> dict[str, Any]:
    """A library as CycloneDX describes it."""
    said: dict[str, Any] = {
        "type": "library",
        "bom-ref": one.purl,
        "name": one.name,
        "version": one.version,
        "purl": one.purl,
        "scope": "required" if one.required else "optional",
    }
    if one.licence:
        said["licenses"] = [{"license": {"name": one.licence}}]
    if one.sha512:
        said["hashes"] = [{"alg": "SHA-512", "content": one.sha512}]
    return said


def bill(found: list[Library]) -> dict[str, Any]:
    """The whole bill."""
    ours = {
        "type": "application",
        "bom-ref": "vitruvian",
        "name": "vitruvian",
        "version": version("vitruvian"),
        "licenses": [{"license": {"id": "Apache-2.0"}}],
    }
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": ours},
        "components": [component(one) for one in found],
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the bill."""
    parser = argparse.ArgumentParser(prog="python -m tools.sbom", description=__doc__)
    parser.add_argument("out", type=Path, help="the file to write")
    asked = parser.parse_args(arguments)
    found = libraries()
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(bill(found), indent=1) + "\n", "utf-8")
    required = sum(one.required for one in found)
    print(f"{asked.out}: {len(found)} libraries, {required} of them in a default installation")
    return 0


if __name__ == "__main__":
    sys.exit(main())
