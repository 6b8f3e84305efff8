"""Every example in the documentation runs, in the order a reader meets it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_examples import CodeExample, EvalExample, find_examples

from tests.house_rules.tree import ROOT, short

COMMAND = Path(sys.executable).with_name("vitruvian")
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
ENDLESS = {"serve", "listen"}  # these run until stopped; the browser tests start them
PYTHON = [e for e in find_examples(*map(str, PAGES)) if e.prefix.split(" ")[0] == "python"]


@dataclass(frozen=True)
class Block:
    """Commands of one fenced shell block."""

    line: int
    commands: tuple[str, ...]


def shell_blocks(page: Path) -> Iterator[Block]:
    """Shell blocks of a page, with the `vitruvian` commands that end by themselves."""
    start, lines = 0, list[str]()
    for number, line in enumerate(page.read_text("utf-8").splitlines(), start=1):
        if line.strip() == "```sh":
            start, lines = number, []
        elif line.strip() == "```" and start:
            yield Block(start, tuple(c for c in map(str.strip, lines) if runs_to_its_end(c)))
            start = 0
        elif start:
            lines.append(line)


def runs_to_its_end(command: str) -> bool:
    """Whether a line is a command of ours that can be run in a test."""
    words = shlex.split(command, comments=True)
    return len(words) > 1 and words[0] == "vitruvian" and words[1] not in ENDLESS


PAGES_WITH_COMMANDS = [p for p in PAGES if "docs" in p.parts and any(shell_blocks(p))]


def assert_runs(command: str, *, folder: Path) -> None:
    """Run one `vitruvian` command line as a reader would."""
    arguments = shlex.split(command, comments=True)[1:]
    started = subprocess.run(
        [str(COMMAND), *arguments],
        cwd=folder,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert started.returncode == 0, f"{command}\n{started.stderr[-2000:]}"


def fault_of(example: CodeExample, eval_example: EvalExample) -> str:
    """What an example raised, in words, or nothing.

    The exception itself stays here: pytest-examples rewrites its traceback in a way that
    CPython 3.11 cannot print.
    """
    try:
        eval_example.run_print_check(example)
    except Exception as failure:  # noqa: BLE001  whatever an example raises, the page is wrong
        return f"{type(failure).__name__}: {failure}"
    return ""


@pytest.mark.parametrize("example", PYTHON, ids=str)
def test_python_example__runs(
    example: CodeExample,
    eval_example: EvalExample,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert fault_of(example, eval_example) == ""


@pytest.mark.parametrize("page", PAGES_WITH_COMMANDS, ids=short)
def test_commands_of_a_page__run_in_order(page: Path, tmp_path: Path) -> None:
    commands = [command for block in shell_blocks(page) for command in block.commands]
    for command in commands:
        assert_runs(command, folder=tmp_path)


def test_shell_blocks__keep_only_commands_that_end(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```sh\nmake run\nvitruvian check --lake x  # why\nvitruvian serve\n```\n")
    assert [block.commands for block in shell_blocks(page)] == [
        ("vitruvian check --lake x  # why",)
    ]
