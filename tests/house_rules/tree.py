"""The repository as the house rules see it: files that are, or are about to be, tracked."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "vitruvian"
PLUGIN_ROOMS = ("ingest", "derive", "guides", "risks")


@cache
def repository_files() -> tuple[Path, ...]:
    """Files git tracks or would track, as absolute paths."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    names = [name for name in listed.decode("utf-8").split("\0") if name]
    return tuple(sorted(path for name in names if (path := ROOT / name).is_file()))


def files_under(*tops: str, suffix: str) -> list[Path]:
    """Repository files below the named folders that end in `suffix`."""
    return [
        path
        for path in repository_files()
        if path.suffix == suffix and path.relative_to(ROOT).parts[0] in tops
    ]


def short(path: Path) -> str:
    """The path as a reader of the repository writes it."""
    return path.relative_to(ROOT).as_posix()


def text_of(path: Path) -> str | None:
    """The file's text, or None when it is not text."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return None


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a Python file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def plugin_folders() -> list[Path]:
    """Every plug-in: a folder below a plug-in room's library that holds files."""
    return sorted(
        folder
        for room in PLUGIN_ROOMS
        for folder in (SOURCE / room / "library").glob("*")
        if folder.is_dir() and folder.name != "__pycache__" and any(folder.glob("*.*"))
    )
