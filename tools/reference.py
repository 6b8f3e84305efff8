"""Write the reference pages that the code can write itself: `python -m tools.reference`."""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import pkgutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import vitruvian
from vitruvian import cli
from vitruvian.base.errors import VitruvianError
from vitruvian.cli.words import Words
from vitruvian.record.columns import Table
from vitruvian.record.tables import TABLES

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "reference"
OPENAPI = ROOT / "web" / "openapi.json"
HEAD = "# {title}\n\nWritten by `make docs` from {source}; edit that, not this page.\n"


def modules() -> Iterator[ModuleType]:
    """Every module of the package, imported."""
    yield vitruvian
    for found in pkgutil.walk_packages(vitruvian.__path__, "vitruvian."):
        if not found.name.endswith(".__main__"):
            yield importlib.import_module(found.name)


def error_classes() -> list[type[VitruvianError]]:
    """Every class of the error tree, by room and name."""
    for _ in modules():
        pass
    found: list[type[VitruvianError]] = []
    waiting = [VitruvianError]
    while waiting:
        error = waiting.pop()
        if error not in found and error.__module__.startswith("vitruvian."):
            found.append(error)
        waiting += error.__subclasses__()
    return sorted(found, key=lambda error: (room_of(error.__module__), error.__name__))


def room_of(module: str) -> str:
    """The room a module stands in."""
    return module.split(".")[1]


def first_sentence(text: str | None) -> str:
    """The first paragraph of a docstring on one line, safe inside a table."""
    paragraph = inspect.cleandoc(text or "").split("\n\n")[0]
    return " ".join(paragraph.split()).replace("|", "\\|")


def table_of(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def errors_page() -> str:
    """Every error: what it is, its HTTP status, what it is a kind of."""
    rows = [
        (
            f"`{error.__name__}`",
            room_of(error.__module__),
            str(error.status),
            f"`{error.__bases__[0].__name__}`",
            first_sentence(error.__doc__),
        )
        for error in error_classes()
    ]
    head = HEAD.format(title="Errors", source="the classes below `base/errors.py`")
    return head + "\n" + table_of(("error", "room", "HTTP", "kind of", "means"), rows)


def column_rows(table: Table) -> list[tuple[str, ...]]:
    """Name, type, whether it is always there, and meaning of each column."""
    return [
        (
            f"`{column.name}`",
            f"`{column.type}`".replace("|", "\\|"),
            "always" if column.required else "",
            column.meaning.replace("|", "\\|"),
        )
        for column in table.columns
    ]


def tables_page() -> str:
    """Every stored table, column by column."""
    page = HEAD.format(title="Tables", source="`record`")
    for table in TABLES.values():
        order = ", ".join(table.cluster_by)
        page += f"\n## {table.name}\n\n{table.meaning}\nKey `{table.key}`, sorted by {order}.\n\n"
        page += table_of(("column", "type", "present", "meaning"), column_rows(table))
    return page


def rooms_page() -> str:
    """What each room offers the rooms above it; the site fills it in from docstrings."""
    page = HEAD.format(title="Rooms", source="docstrings")
    for room in sorted(m.name for m in pkgutil.iter_modules(vitruvian.__path__) if m.ispkg):
        page += f"\n{room_entry(room)}\n"
    return page


def room_entry(room: str) -> str:
    """The room's docstrings, or the way to its own page where that shows them already."""
    own = PAGES / f"{room}.md"
    if own.exists() and f"::: vitruvian.{room}" in own.read_text("utf-8"):
        return f"## {room}\n\nOn [its own page]({own.name})."
    return f"::: vitruvian.{room}"


def subcommands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The parser itself and everything below it."""
    yield parser
    for action in parser._actions:  # noqa: SLF001  argparse has no public way to list them
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for child in dict.fromkeys(action.choices.values()):
                yield from subcommands(child)


def commands_page() -> str:
    """Every command that does something: what it does, an example, its words."""
    page = HEAD.format(title="Commands", source="the command line")
    page += "\nExit codes: 0 done, 1 failed, 2 what was asked for cannot be used.\n"
    for command in subcommands(cli.parser()):
        if isinstance(command, Words) and command.example:
            page += f"\n## {command.prog}\n\n{command.description}\n"
            page += f"Example: `{command.example}`\n\n"
            page += table_of(("word", "means", "if absent"), option_rows(command))
    return page


def option_rows(command: argparse.ArgumentParser) -> list[tuple[str, ...]]:
    """Name, meaning and default of each word a command tells of, `--help` aside."""
    return [
        (
            f"`{' '.join(filter(None, [*action.option_strings[:1], word_of(action)]))}`",
            action.help or "",
            absence_of(action),
        )
        for action in command._actions  # noqa: SLF001  argparse has no public way to list them
        if not isinstance(action, argparse._HelpAction)  # noqa: SLF001
        and action.help != argparse.SUPPRESS
    ]


def word_of(action: argparse.Action) -> str:
    """What stands for the value: the choices, a metavar, or nothing for a switch."""
    if action.nargs == 0:
        return ""
    if action.choices is not None:
        return " or ".join(map(str, action.choices))
    return str(action.metavar or action.dest.upper()) + ("..." if action.nargs == "+" else "")


def absence_of(action: argparse.Action) -> str:
    """What happens without the word."""
    if action.required:
        return "refused"
    return "" if action.default in (None, False) else f"`{action.default}`"


def route_rows(openapi: dict[str, Any]) -> list[tuple[str, ...]]:
    """Method, path, what it does and what it answers, of every route."""
    return [
        (
            method.upper(),
            f"`{path}`",
            first_sentence(route.get("description") or route.get("summary")),
            ", ".join(sorted(route["responses"])),
        )
        for path, methods in sorted(openapi["paths"].items())
        for method, route in sorted(methods.items())
    ]


def routes_page() -> str:
    """Every HTTP route of the committed OpenAPI snapshot."""
    page = HEAD.format(title="HTTP routes", source="the OpenAPI snapshot")
    page += "\nEvery error has one shape: `problem, title, detail, status, request_id`.\n"
    page += "No name, hospital number or value travels in a URL.\n"
    page += "A `person_id` says nothing by itself.\n\n"
    heads = ("method", "path", "does", "answers")
    return page + table_of(heads, route_rows(json.loads(OPENAPI.read_text("utf-8"))))


def pages() -> dict[str, Callable[[], str]]:
    """Page name to the function that writes it."""
    return {
        "commands.md": commands_page,
        "errors.md": errors_page,
        "rooms.md": rooms_page,
        "routes.md": routes_page,
        "tables.md": tables_page,
    }


def main() -> int:
    """Write every page."""
    for name, write in pages().items():
        (PAGES / name).write_text(write(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
