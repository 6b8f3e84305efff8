"""What must not stand in the repository: machine paths, registry addresses, loose ends."""

from __future__ import annotations

import re

import pytest

from tests.house_rules.tree import files_under, functions_of, repository_files, short, text_of

# Each pattern is written so that it does not find itself.
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.])/(?:w[o]rk|r[o]ot|U[s]ers|h[o]me)/[\w.]",
    "a registry address": r"--(?:extra-)?index-url\b\s*=?\s*ht[t]p|\"resolved\":\s*\"ht[t]p|registry\s*=\s*ht[t]p",
    "a key": r"BEGIN (?:RSA |EC |OPENSSH )?PRIVATE K[E]Y",
}
LOOSE_END = re.compile(r"\b(?:T[O]DO|F[I]XME|X[X]X)\b(?!.*(?:#\d+|issues/\d+))")


def findings(pattern: re.Pattern[str], *, suffixes: tuple[str, ...] | None = None) -> list[str]:
    """File and line of each place where the pattern stands; never the text itself."""
    return [
        f"{short(path)}:{number}"
        for path in repository_files()
        if (suffixes is None or path.suffix in suffixes) and (text := text_of(path)) is not None
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_repository__does_not_hold(what: str) -> None:
    assert findings(re.compile(FORBIDDEN[what])) == []


def test_loose_end__names_its_issue() -> None:
    assert findings(LOOSE_END, suffixes=(".py", ".ts", ".tsx", ".md", ".toml", ".css")) == []


def test_print__is_called_only_by_the_command_line() -> None:
    callers = [
        short(path)
        for path in files_under("src", suffix=".py")
        if re.search(r"^\s*print\(", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert [name for name in callers if not name.startswith("src/vitruvian/cli")] == []


def test_test__asserts_or_expects_something() -> None:
    speaks = re.compile(r"assert|raises|check|expect|verify|snapshot|warns", re.IGNORECASE)
    silent = []
    for path in files_under("tests", suffix=".py"):
        lines = path.read_text("utf-8").splitlines()
        for function in functions_of(path):
            body = "\n".join(lines[function.lineno : function.end_lineno])
            if function.name.startswith("test_") and not speaks.search(body):
                silent.append(f"{short(path)}:{function.lineno} {function.name}")
    assert silent == []
