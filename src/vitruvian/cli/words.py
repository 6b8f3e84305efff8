"""How the command line is written down: a parser whose commands explain themselves."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn  # argparse types what it parses into as Any

from vitruvian.base.clock import is_zone
from vitruvian.cli.terminal import BAD_INPUT

Command = Callable[[argparse.Namespace], int]
LARGEST_PORT = 65535
NUMBER = "invalid int value"
CHOICE = re.compile(r"argument (.+): invalid choice: (.*) \(choose from ([^()]*)\)", re.DOTALL)


class NoPort(argparse.ArgumentTypeError):
    """What was given is no port."""

    def __init__(self) -> None:
        super().__init__(f"expected a whole number from 0 to {LARGEST_PORT}")


def port_of(text: str) -> int:
    """A port to listen on, 0 to 65535; 0 takes any free one."""
    if not (text.isascii() and text.isdecimal()) or int(text) > LARGEST_PORT:
        raise NoPort
    return int(text)


class NoZone(argparse.ArgumentTypeError):
    """What was given is no time zone."""

    def __init__(self) -> None:
        super().__init__("expected an IANA name such as Europe/Rome")


def zone_of(text: str) -> str:
    """A time zone by its IANA name."""
    if not is_zone(text):
        raise NoZone
    return text


class NoCount(argparse.ArgumentTypeError):
    """What was given is no count of one or more."""

    def __init__(self) -> None:
        super().__init__("expected a whole number of 1 or more")


def at_least_one(text: str) -> int:
    """A count of one or more."""
    if not (text.isascii() and text.isdecimal()) or int(text) < 1:
        raise NoCount
    return int(text)


class Words(argparse.ArgumentParser):
    """A parser whose commands explain themselves by the docstring of what runs them."""

    example: str | None = None
    asks: str | None = None  # what is never an argument, since the command itself asks for it
    shelves: Mapping[str, Sequence[str]] | None = None

    def command(self, name: str, run: Command, *, example: str) -> Words:
        """Add one command under this one."""
        sentence = (run.__doc__ or "").strip().splitlines()[0]
        added = self._added(name, sentence)
        added.example = f"vitruvian {example}"
        added.set_defaults(run=run)
        # Whoever reads "run it again with --debug" adds the word at the end.
        added.add_argument(
            "--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS
        )
        return added

    def _added(self, name: str, sentence: str) -> Words:
        added: Words = self.commands.add_parser(name, help=sentence, description=sentence)
        self.sentences[name] = sentence
        return added

    def format_help(self) -> str:
        """Every word; many commands shelf by shelf, an example as it is typed, never broken."""
        told = self._on_shelves() if self.shelves else super().format_help()
        return f"{told}\nexample:\n  {self.example}\n" if self.example else told

    def _on_shelves(self) -> str:
        shown = self._get_formatter()
        shown.add_usage(self.usage, self._actions, self._mutually_exclusive_groups)
        shown.add_text(self.description)
        for title, names in (self.shelves or {}).items():
            shown.start_section(title)
            for name in names:
                words = self.sentences[name]
                shown.add_argument(argparse.Action([], name, metavar=name, help=words))
            shown.end_section()
        shown.start_section("options")
        shown.add_arguments([each for each in self._actions if each.option_strings])
        shown.end_section()
        shown.add_text(self.epilog)
        return shown.format_help()

    def parse_known_args(  # type: ignore[override]  # the one overload that is called
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """What was typed; a word too many is told by the command it was given to."""
        found, left = super().parse_known_args(args, namespace)
        if left:
            self.error("unrecognized arguments")
        return found, left

    def error(self, message: str) -> NoReturn:
        """What is wrong and what to do, without repeating what was typed: it could be a name."""
        if message == "the following arguments are required: COMMAND":
            self.exit(BAD_INPUT, f"{self.format_help()}\n{self.prog}: error: no command given.\n")
        self.exit(
            BAD_INPUT,
            f"{self.format_usage()}{self.prog}: error: {self._told(message)} "
            f"{f'{self.asks} ' if self.asks else ''}See {self.prog} --help\n",
        )

    def _told(self, message: str) -> str:
        chosen = CHOICE.fullmatch(message)
        if chosen:
            return _choices(*chosen.groups())
        if message.startswith("unrecognized arguments"):
            return "a word or option too many: this command does not know it."
        said = message.split(": ")
        kept = said[: 1 + said[0].startswith(("argument", "the following"))]
        return ": ".join(kept).replace(NUMBER, "expected a whole number") + "."

    def group(self) -> Words:
        """Expect a command here."""
        self.sentences: dict[str, str] = {}
        self.commands = self.add_subparsers(
            title="commands", required=True, metavar="COMMAND", parser_class=Words
        )
        return self

    def add_group(self, name: str, sentence: str) -> Words:
        """Add a word under which commands of its own stand."""
        return self._added(name, sentence).group()

    def lake(self) -> Words:
        """Needs the folder of a lake."""
        words = "the folder of the lake"
        self.add_argument("--lake", type=Path, required=True, metavar="DIR", help=words)
        return self

    def sender(self) -> Words:
        """Takes data from somebody, who may send times without a zone."""
        words = "the hospital that sends; the lake's own if not given"
        self.add_argument("--site", help=words)
        words = "IANA zone of times without one, such as Europe/Rome; UTC if not given"
        self.add_argument("--time-zone", type=zone_of, metavar="ZONE", help=words)
        return self

    def moment(self) -> Words:
        """May ask about a moment, and for JSON."""
        self.lake()
        words = "as the care team could know it then: a date, or a date and time"
        self.add_argument("--known-at", metavar="T", help=words)
        self.add_argument("--recorded-at", metavar="T", help="as it was stored here then")
        return self.json()

    def engine(self) -> Words:
        """Computes over a lake, with either engine."""
        words = (
            "what runs it; spark needs a drained lake, and is the server that SPARK_REMOTE names"
        )
        self.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb", help=words)
        return self

    def account(self) -> Words:
        """Is done by an account, which shows by its password that it is who it says."""
        words = "your account; its password is asked for"
        self.add_argument("--as", dest="account", required=True, metavar="NAME", help=words)
        return self

    def json(self) -> Words:
        """May answer in JSON."""
        self.add_argument("--json", action="store_true", help="answer in JSON")
        return self


def _choices(word: str, typed: str, expected: str) -> str:
    """That a word is none of those expected, and which of them is nearest to it."""
    known = [each.strip("'") for each in expected.split(", ")]
    near = get_close_matches(typed.strip("'"), known, n=1)
    many = ", ".join(known)
    what = "there is no such command" if word == "COMMAND" else f"argument {word}: no such choice"
    return f"{what}. {f'Did you mean {near[0]}?' if near else f'Expected one of: {many}.'}"
