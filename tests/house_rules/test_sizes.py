"""Nothing grows past what one reader holds in mind."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.house_rules.tree import ROOT, files_under, functions_of, repository_files, short

MOST_LINES_A_FILE = 400
MOST_LINES_A_FUNCTION = 30
MOST_FILES_A_FOLDER = 10
MOST_BYTES_A_FILE = 1_000_000

CODE = files_under("src", "tools", "bench", suffix=".py")
TESTS = files_under("tests", suffix=".py")
WEB = [path for kind in (".ts", ".tsx", ".css") for path in files_under("web", suffix=kind)]
HAND_WRITTEN = [path for path in [*CODE, *TESTS, *WEB] if ".gen." not in path.name]


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef, *, source: list[str]) -> int:
    """Lines of a body that say something: no docstring, no blank line, no comment."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not body:
        return 0
    lines = source[body[0].lineno - 1 : body[-1].end_lineno]
    return sum(1 for line in lines if line.strip() and not line.strip().startswith("#"))


@pytest.mark.parametrize("path", HAND_WRITTEN, ids=short)
def test_file__fits_in_400_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES_A_FILE


@pytest.mark.parametrize("path", CODE, ids=short)
def test_function__fits_in_30_lines(path: Path) -> None:
    source = path.read_text("utf-8").splitlines()
    long = {
        f"{short(path)}:{function.lineno} {function.name}": lines
        for function in functions_of(path)
        if (lines := body_lines(function, source=source)) > MOST_LINES_A_FUNCTION
    }
    assert long == {}


def test_folder__holds_ten_python_files_at_most() -> None:
    counts = Counter(path.parent.relative_to(ROOT).as_posix() for path in CODE)
    assert {folder: n for folder, n in counts.items() if n > MOST_FILES_A_FOLDER} == {}


def test_tracked_file__is_smaller_than_a_megabyte() -> None:
    sizes = {short(path): path.stat().st_size for path in repository_files()}
    assert {name: size for name, size in sizes.items() if size > MOST_BYTES_A_FILE} == {}


def test_body_lines__ignore_docstring_blanks_and_comments() -> None:
    text = 'def f():\n    """Say."""\n\n    # why\n    a = 1\n\n    return a\n'
    function = next(n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef))
    assert body_lines(function, source=text.splitlines()) == 2
