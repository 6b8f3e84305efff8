"""Reference pages say what the code says, and every shelf is complete."""

from __future__ import annotations

import argparse
from itertools import pairwise

import pytest

from tests.house_rules.tree import ROOT
from tools import reference
from tools.shelves import SHELVES, contents, navigation, pages_on, told

DOCUMENTS = ROOT / "docs"


@pytest.mark.parametrize("name", sorted(reference.pages()))
def test_reference_page__is_as_the_code_writes_it(name: str) -> None:
    written = reference.pages()[name]()
    kept = (DOCUMENTS / "reference" / name).read_text("utf-8")
    assert kept == written, f"docs/reference/{name} is stale: run `make docs`"


def test_error__has_a_sentence_of_its_own() -> None:
    silent = [error.__name__ for error in reference.error_classes() if "__doc__" not in vars(error)]
    assert silent == []


def test_command__is_documented_with_its_subcommands() -> None:
    parser = argparse.ArgumentParser(prog="tool")
    commands = parser.add_subparsers()
    commands.add_parser("view").add_subparsers().add_parser("run")
    names = [command.prog for command in reference.subcommands(parser)]
    assert names == ["tool", "tool view", "tool view run"]


def test_route__is_a_row_with_its_answers() -> None:
    openapi = {"paths": {"/health": {"get": {"summary": "Alive.", "responses": {"200": {}}}}}}
    assert reference.route_rows(openapi) == [("GET", "`/health`", "Alive.", "200")]


def test_navigation__holds_every_page_once() -> None:
    listed = str(navigation(DOCUMENTS))
    pages = [page.relative_to(DOCUMENTS).as_posix() for page in DOCUMENTS.rglob("*.md")]
    assert [page for page in pages if listed.count(f"'{page}'") != 1] == []


def test_page__lies_on_a_shelf() -> None:
    shelves = {*SHELVES.values(), "images"}
    folders = {path.name for path in DOCUMENTS.iterdir() if path.is_dir()}
    assert folders <= shelves


def test_page__opens_with_its_title() -> None:
    untitled = [
        page.name
        for page in DOCUMENTS.rglob("*.md")
        if not page.read_text("utf-8").startswith("# ")
    ]
    assert untitled == []


def test_prose__has_one_sentence_per_line() -> None:
    crowded = [
        f"{page.relative_to(DOCUMENTS).as_posix()}:{number}"
        for page in DOCUMENTS.rglob("*.md")
        for number, line in prose_lines(page.read_text("utf-8"))
        if sentences(line) > 1
    ]
    assert crowded == []


def prose_lines(text: str) -> list[tuple[int, str]]:
    """Numbered lines outside code blocks, tables and lists."""
    kept, in_code = [], False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("```"):
            in_code = not in_code
        elif not in_code and line[:1].isupper():
            kept.append((number, line))
    return kept


def sentences(line: str) -> int:
    """How many sentences end inside a line, counting only what is surely an end.

    Examples
    --------
    >>> sentences("One ends here. Another begins."), sentences("FHIR R4 (4.0.1) reads e.g. Bundles.")
    (2, 1)
    """
    words = line.rstrip().split(" ")
    inner = [a for a, b in pairwise(words) if a.endswith(".") and len(a) > 4 and b[:1].isupper()]
    return len(inner) + 1


@pytest.mark.parametrize("shelf", sorted(SHELVES.values()))
def test_index_of_a_shelf__lists_every_page_with_its_first_sentence(shelf: str) -> None:
    listed = contents(DOCUMENTS, shelf)
    for path in pages_on(DOCUMENTS / shelf):
        title, sentence = told(DOCUMENTS / path)
        assert title
        assert sentence, f"docs/{path} says nothing under its title"
        assert path.endswith("index.md") or f"[{title}]({path.removeprefix(f'{shelf}/')})" in listed
