"""Licences of everything a default installation brings along.

Follows the dependencies of the installed `vitruvian` distribution, without the
development group, and compares each licence with `licences.toml`.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

RULES = Path(__file__).with_name("licences.toml")


def installed_by_default(root: str = "vitruvian") -> dict[str, Distribution]:
    """Distributions that installing `root` brings along, without extras, by name."""
    found: dict[str, Distribution] = {}
    waiting = [root]
    while waiting:
        package = distribution(waiting.pop())
        found[canonicalize_name(package.name)] = package
        waiting += [name for name in _requires(package) if name not in found]
    return found


def _requires(package: Distribution) -> list[str]:
    wanted = [Requirement(line) for line in package.requires or []]
    return [
        canonicalize_name(need.name)
        for need in wanted
        if need.marker is None or need.marker.evaluate({"extra": ""})
    ]


def stated_licence(package: Distribution) -> str:
    """The licence a distribution states: SPDX expression, else classifiers, else free text."""
    if expression := package.metadata.get_all("License-Expression"):
        return str(expression[0])
    classifiers = package.metadata.get_all("Classifier") or []
    words = [line.rsplit("::", 1)[-1].strip() for line in classifiers if "License ::" in line]
    free_text = package.metadata.get_all("License") or ["not stated"]
    return " AND ".join(words) or str(free_text[0]).strip()


def is_permissive(licence: str, *, permissive: set[str]) -> bool:
    """Whether a licence leaves the user free: every AND part, and one of every OR part.

    Parameters
    ----------
    licence
        SPDX expression or the older words of package metadata.
    permissive
        Words that count as permissive.

    Examples
    --------
    >>> is_permissive("MIT OR GPL-3.0", permissive={"MIT"})
    True
    >>> is_permissive("MPL-2.0 AND (Apache-2.0 OR MIT)", permissive={"MIT"})
    False
    """
    inner = re.compile(r"\(([^()]*)\)")
    while match := inner.search(licence):
        verdict = is_permissive(match[1], permissive=permissive)
        word = next(iter(permissive)) if verdict else "not-permissive"
        licence = licence[: match.start()] + word + licence[match.end() :]
    return all(
        any(choice.strip() in permissive for choice in part.split(" OR "))
        for part in licence.split(" AND ")
    )


def objections(packages: dict[str, Distribution], rules: dict[str, Any]) -> list[str]:
    """One sentence for each licence that is neither permissive nor excepted."""
    permissive = set(rules["permissive"])
    excepted = {name: entry["licence"] for name, entry in rules["exceptions"].items()}
    return [
        f"{name} {package.version}: {licence}. Expected a permissive licence. "
        "Use another library, or argue the exception in tools/licences.toml."
        for name, package in sorted(packages.items())
        if (licence := stated_licence(package)) != excepted.get(name)
        and not is_permissive(licence, permissive=permissive)
    ]


def main() -> int:
    """Print objections; 1 when there are any."""
    packages = installed_by_default()
    found = objections(packages, tomllib.loads(RULES.read_text("utf-8")))
    print("\n".join(found) or f"Licences: {len(packages)} packages, all permissive or argued.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
