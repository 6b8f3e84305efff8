"""How the command line is written down: a parser whose commands explain themselves."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from vitruvian.cli.terminal import BAD_INPUT

Command = Callable[[argparse.Namespace], int]


class Words(argparse.ArgumentParser):
    """A parser whose commands explain themselves by the docstring of what runs them."""

    def command(self, name: str, run: Command, *, example: str) -> Words:
        """Add one command under this one."""
        sentence = (run.__doc__ or "").strip().splitlines()[0]
        added: Words = self.commands.add_parser(
            name, help=sentence, description=sentence, epilog=f"example: vitruvian {example}"
        )
        added.set_defaults(run=run)
        return added

    def error(self, message: str) -> NoReturn:
        """Usage and what is wrong, without repeating what was typed: it could be a name."""
        said = message.split(": ")
        kept = said[: 1 + said[0].startswith(("argument", "the following"))]
        self.exit(BAD_INPUT, f"{self.format_usage()}{self.prog}: error: {': '.join(kept)}\n")

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
        self.add_argument("--lake", type=Path, required=True, metavar="DIR", help="its folder")
        return self

    def moment(self) -> Words:
        """May ask about a moment, and for JSON."""
        self.lake()
        self.add_argument("--known-at", metavar="T", help="as the care team could know it then")
        self.add_argument("--recorded-at", metavar="T", help="as it was stored here then")
        return self.json()

    def json(self) -> Words:
        """May answer in JSON."""
        self.add_argument("--json", action="store_true", help="answer in JSON")
        return self
