"""All commands, and what happens when one of them fails."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version

from vitruvian.base.errors import VitruvianError
from vitruvian.cli.airlock import add_airlock
from vitruvian.cli.cohort import add_cohort
from vitruvian.cli.data import add_data
from vitruvian.cli.deidentify import add_deidentify
from vitruvian.cli.genome import add_genome, add_terms
from vitruvian.cli.guides import add_guides
from vitruvian.cli.identity import add_identity
from vitruvian.cli.keeping import add_keeping
from vitruvian.cli.notes import add_notes
from vitruvian.cli.patients import add_patients
from vitruvian.cli.terminal import BAD_INPUT, DONE, FAILED, INTERRUPTED, warn
from vitruvian.cli.words import Command, Words

SERVER_ERRORS = 500

# What a person comes for, in the order of a first day; every command stands on one shelf.
SHELVES = {
    "begin": ("demo", "ingest", "serve"),
    "one patient": ("find", "picture", "trace", "abstract"),
    "many patients": ("cohort", "guide", "alert", "view", "export"),
    "data that comes in": ("which", "listen", "quarantine", "identity", "genome", "terms"),
    "notes": ("derive", "review"),
    "research": ("deidentify", "deidentify-files", "airlock"),
    "who may see what": ("account", "client", "policy", "consent", "glass", "audit"),
    "keep a lake": (
        *("check", "compact", "backup", "restore", "key", "migrate", "storage"),
        *("retention", "erase"),
    ),
}


def parser() -> Words:
    """All commands with their options."""
    whole = Words(
        prog="vitruvian",
        description="Hospital data of every kind in, one aligned picture of each patient out.",
        epilog="Each command explains itself: vitruvian ingest --help",
    )
    whole.shelves = SHELVES
    whole.add_argument("--version", action="version", version=f"vitruvian {version('vitruvian')}")
    whole.add_argument("--debug", action="store_true", help="show where an error arose")
    whole.group()
    add_data(whole)
    add_notes(whole)
    add_deidentify(whole)
    add_airlock(whole)
    add_patients(whole)
    add_identity(whole)
    add_genome(whole)
    add_terms(whole)
    add_cohort(whole)
    add_guides(whole)
    add_keeping(whole)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; failures are one sentence on standard error, never a traceback."""
    asked = parser().parse_args(arguments)
    try:
        run: Command = asked.run
        return run(asked)
    except KeyboardInterrupt:
        return _interrupted(asked)
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    except Exception as error:
        if asked.debug:
            raise
        if isinstance(error.__cause__, KeyboardInterrupt):  # DuckDB, stopped while it works
            return _interrupted(asked)
        print(f"vitruvian: {sentence_of(error)}", file=sys.stderr)
        ours = isinstance(error, VitruvianError) and error.status < SERVER_ERRORS
        return BAD_INPUT if ours else FAILED


def _interrupted(asked: argparse.Namespace) -> int:
    """Ctrl-C; commands that leave work half done say how it stands."""
    warn(getattr(asked, "stopped", None))
    return INTERRUPTED


def sentence_of(error: Exception) -> str:
    """One sentence for the terminal; the words of a foreign error could hold patient data."""
    if isinstance(error, VitruvianError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        # Not the whole error: it would name the file, and names of files can be names of people.
        return (
            f"the operating system refused: {error.strerror}. Check that the files and folders "
            "given exist, can be read and written by you, and that the disk is not full; "
            "--debug shows which one."
        )
    return (
        f"something unforeseen went wrong ({type(error).__name__}). This is a defect of "
        "Vitruvian: run the command again with --debug and report where it arose."
    )
