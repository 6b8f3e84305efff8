"""How the command line is written down: a parser whose commands explain themselves."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn  # argparse types what it parses into as Any

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


class Words(argparse.ArgumentParser):
    """A parser whose commands explain themselves by the docstring of what runs them."""

    def command(self, name: str, run: Command, *, example: str) -> Words:
        """Add one command under this one."""
        sentence = (run.__doc__ or "").strip().splitlines()[0]
        added: Words = self.commands.add_parser(
            name, help=sentence, description=sentence, epilog=f"example: vitruvian {example}"
        )
        added.set_defaults(run=run)
        # Whoever reads "run it again with --debug" adds the word at the end.
        added.add_argument(
            "--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS
        )
        return added

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
            f"See {self.prog} --help\n",
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
        self.commands = self.add_subparsers(
            title="commands", required=True, metavar="COMMAND", parser_class=Words
        )
        return self

    def add_group(self, name: str, sentence: str) -> Words:
        """Add a word under which commands of its own stand."""
        added: Words = self.commands.add_parser(name, help=sentence, description=sentence)
        return added.group()

    def lake(self) -> Words:
        """Needs the folder of a lake."""
        words = "the folder of the lake"
        self.add_argument("--lake", type=Path, required=True, metavar="DIR", help=words)
        return self

    def moment(self) -> Words:
        """May ask about a moment, and for JSON."""
        self.lake()
        self.add_argument("--known-at", metavar="T", help="as the care team could know it then")
        self.add_argument("--recorded-at", metavar="T", help="as it was stored here then")
        return self.json()

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
