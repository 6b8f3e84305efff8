"""A plug-in is one folder with a manifest, cases and a page; it edits no line elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house_rules.tree import ROOT, SOURCE, plugin_folders, short
from vitruvian.base.manifest import read_manifest

PLUGINS = plugin_folders()


def room_and_name(folder: Path) -> tuple[str, str]:
    room, _, name = folder.relative_to(SOURCE).parts
    return room, name


@pytest.mark.parametrize("folder", PLUGINS, ids=short)
def test_plugin__has_a_manifest_that_names_its_standard(folder: Path) -> None:
    manifest = read_manifest(folder)
    assert manifest.standard
    assert manifest.reads
    assert manifest.yields


@pytest.mark.parametrize("folder", PLUGINS, ids=short)
def test_plugin__has_cases(folder: Path) -> None:
    room, name = room_and_name(folder)
    assert list((ROOT / "tests" / room / "library" / name).glob("test_*.py")) != []


@pytest.mark.parametrize("folder", PLUGINS, ids=short)
def test_plugin__has_a_page(folder: Path) -> None:
    room, name = room_and_name(folder)
    assert (ROOT / "docs" / "reference" / room / f"{name}.md").is_file()


@pytest.mark.parametrize("folder", PLUGINS, ids=short)
def test_plugin__is_named_nowhere_outside_its_folders(folder: Path) -> None:
    room, name = room_and_name(folder)
    imported = f"{room}.library.{name}"
    elsewhere = [
        short(path)
        for path in SOURCE.rglob("*.py")
        if folder not in path.parents and imported in path.read_text("utf-8")
    ]
    assert elsewhere == []
