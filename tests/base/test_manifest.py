"""Manifests: read as data, refused with a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vitruvian.base.manifest import BadManifest, find_plugins, read_manifest

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
name = "fhir"
version = "1"
title = "FHIR R4"
standard = "HL7 FHIR R4 4.0.1"
reads = ["application/fhir+json"]
yields = ["resource", "event"]
status = "stable"
packages = ["json", "no_such_package"]
"""


def plugin(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "fhir"
    folder.mkdir()
    (folder / "manifest.toml").write_text(text)
    return folder


def test_manifest__missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadManifest, match=r"manifest\.toml is missing"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    "text, fault",
    [
        ("name = ", "not TOML"),
        (GOOD.replace('version = "1"', ""), "version"),
        (GOOD + 'colour = "red"', "colour"),
        (GOOD.replace('"fhir"', '"other"'), "calls itself 'other'"),
        (GOOD.replace('"stable"', '"perfect"'), "status 'perfect'"),
    ],
)
def test_manifest__fault_is_named(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(BadManifest, match=fault):
        read_manifest(plugin(tmp_path, text))


def test_manifest__good_one_reads_and_names_missing_packages(tmp_path: Path) -> None:
    manifest = read_manifest(plugin(tmp_path, GOOD))
    assert manifest.yields == ("resource", "event")
    assert manifest.missing_packages == ("no_such_package",)


def test_find_plugins__lists_only_folders_with_a_manifest(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    assert find_plugins(tmp_path) == ()
    folder = plugin(tmp_path, GOOD)
    assert find_plugins(tmp_path) == (folder,)
