"""Secrets come from files or the environment, never from an argument, and stand in no settings."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house_rules.tree import files_under, short
from vitruvian.cli import main
from vitruvian.cli.main import parser

SECRET = re.compile(
    r"passw|passphrase|secret|token|credential|api.?key|\bkey\b|pin\b", re.IGNORECASE
)


def options(of: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    """Every option and word of every command."""
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from options(below)
        else:
            yield of.prog, action


def test_no_option__takes_a_secret() -> None:
    found = list(options(parser()))
    assert len(found) > 150
    taking = [
        (command, action)
        for command, action in found
        if action.nargs != 0
        and any(
            SECRET.search(name.replace("-", " ")) for name in (*action.option_strings, action.dest)
        )
    ]
    assert taking, "keys lie in files, and files are named"
    assert [one for one in taking if one[1].type is not Path] == []


@pytest.mark.parametrize("word", ["--password", "--secret", "--token", "--passphrase"])
def test_secret_typed_as_an_argument__is_refused_and_not_repeated(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["account", "add", "rossi", "--lake", "lake", word, "Zaphod-Beeblebrox-42"])
    said = capsys.readouterr()
    assert "Zaphod" not in said.out + said.err


def test_environment__names_settings_of_ours_and_no_secret() -> None:
    read = re.compile(r"environ(?:\.get\(|\[)\s*[f]?[\"']([^\"']+)[\"']|getenv\(\s*[\"']([^\"']+)")
    names = {
        (short(path), one or other)
        for path in files_under("src", suffix=".py")
        for one, other in read.findall(path.read_text("utf-8"))
    }
    strange = [(p, n) for p, n in names if not re.match(r"VITRUVIAN_|SPARK_REMOTE$|RUST_LOG$", n)]
    assert strange == []
