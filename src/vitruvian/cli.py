"""The command `vitruvian`."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from vitruvian.base.errors import BadInput, NotFound, VitruvianError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from vitruvian.lake import Lake, Reader
    from vitruvian.picture import Moment
    from vitruvian.trust import Access, Purpose

Command = Callable[[argparse.Namespace], int]
DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
SERVER_ERRORS = 500
DEFAULT_PORT = 8420


class BadInstant(BadInput):
    """A moment that is not an instant."""

    def __init__(self) -> None:
        super().__init__(
            "A moment given on the command line cannot be read. "
            "Expected an ISO 8601 date or date and time, such as 2024-05-01T12:00+02:00; "
            "without a zone it is taken as UTC."
        )


class NoSuchFile(NotFound):
    """A file named on the command line cannot be read."""

    def __init__(self, option: str) -> None:
        super().__init__(
            f"The file given as {option} does not exist or cannot be read. Check the path."
        )


def access_of(purpose: Purpose) -> Access:
    """The one at the terminal, as the door wants to know them."""
    from vitruvian.trust import Access

    return Access(who=f"terminal:{getpass.getuser()}", role="operator", purpose=purpose)


def moment_of(text: str | None) -> datetime | None:
    """An instant from the command line; raises `BadInstant`."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInstant from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


@contextmanager
def reading(asked: argparse.Namespace) -> Iterator[tuple[Reader, Moment]]:
    """The lake as of the moment asked for."""
    from vitruvian.lake import Lake
    from vitruvian.picture import Moment

    moment = Moment(
        now=datetime.now(UTC),
        known_at=moment_of(asked.known_at),
        recorded_at=moment_of(asked.recorded_at),
    )
    with (
        Lake.open(asked.lake) as lake,
        lake.read(
            access_of("treatment"), known_at=moment.known_at, recorded_at=moment.recorded_at
        ) as reader,
    ):
        yield reader, moment


def read_bytes(path: Path, *, option: str) -> bytes:
    """A whole file; raises `NoSuchFile`."""
    try:
        return path.read_bytes()
    except OSError:
        raise NoSuchFile(option) from None


def say(line: str) -> None:
    """One line on standard output, at once."""
    print(line, flush=True)


def say_json(answer: object) -> None:
    """An answer as JSON."""
    import orjson

    say(orjson.dumps(answer, option=orjson.OPT_UTC_Z | orjson.OPT_INDENT_2).decode())


def draw(drawing: RenderableType) -> None:
    """A drawing on the terminal, without colours where it is not one."""
    from rich.console import Console

    Console(highlight=False).print(drawing)


def run_ingest(asked: argparse.Namespace) -> int:
    """Take files in; 1 when a source or a record was refused."""
    from vitruvian.ingest import ingest
    from vitruvian.ingest.engine.progress import watch
    from vitruvian.ingest.engine.walk import expect_paths
    from vitruvian.lake import Lake

    expect_paths(asked.paths)  # a mistyped path makes no lake
    with (
        Lake.create(asked.lake, site=asked.site or "hospital") as lake,
        watch(size_of(asked.paths)) as watcher,
    ):
        report = ingest(
            asked.paths,
            lake,
            access=access_of("operations"),
            site=asked.site,
            time_zone=asked.time_zone,
            progress=watcher,
        )
    if asked.json:
        say_json(report.as_json())
    else:
        for line in report.as_lines():
            say(line)
    broken = any(source.outcome == "refused" for source in report.sources)
    return FAILED if broken or report.rejected else DONE


def size_of(paths: Sequence[Path]) -> int:
    """Bytes below some paths, for the progress bar."""
    files = [each for path in paths for each in (path.rglob("*") if path.is_dir() else [path])]
    return sum(each.stat().st_size for each in files if each.is_file())


def run_serve(asked: argparse.Namespace) -> int:
    """Serve until stopped."""
    from vitruvian.api.serve import Address, serve
    from vitruvian.lake import Lake

    address = Address(asked.host, asked.port)
    if address.warning is not None:
        print(f"vitruvian: {address.warning}", file=sys.stderr, flush=True)
    with Lake.open(asked.lake) as lake:
        serve(lake, address, announce=say)
    return DONE


def run_picture(asked: argparse.Namespace) -> int:
    """One patient's picture."""
    from vitruvian.picture import build_picture
    from vitruvian.picture.terminal import draw_picture

    with reading(asked) as (reader, moment):
        picture = build_picture(reader, asked.person, moment=moment)
    if asked.json:
        say_json(picture)
    else:
        draw(draw_picture(picture))
    return DONE


def run_trace(asked: argparse.Namespace) -> int:
    """An event's birth; 1 when recomputing gives another value."""
    from vitruvian.picture import trace_event
    from vitruvian.picture.terminal import draw_trace

    with reading(asked) as (reader, _):
        trace = trace_event(reader, asked.event)
    if asked.json:
        say_json(trace)
    else:
        draw(draw_trace(trace))
    return FAILED if trace.recomputed == "different" else DONE


def run_view(asked: argparse.Namespace) -> int:
    """Rows of a ViewDefinition as NDJSON."""
    from vitruvian.views import parse_view, rows_as_ndjson
    from vitruvian.views import run_view as rows_of_view

    view = parse_view(read_bytes(asked.view, option="VIEW"))
    lines = read_bytes(asked.input, option="--input").splitlines()
    for row in rows_as_ndjson(rows_of_view(view, lines, engine=asked.engine)):
        sys.stdout.buffer.write(row)
    sys.stdout.flush()
    return DONE


def run_demo(asked: argparse.Namespace) -> int:
    """Write a made-up hospital."""
    from vitruvian.demo import write_demo

    report = write_demo(asked.out, patients=asked.patients, seed=asked.seed, layout=asked.layout)
    say(f"wrote {report.patients:,} patients, {report.total:,} resources; ground truth beside them")
    return DONE


def run_check(asked: argparse.Namespace) -> int:
    """Compare every stored byte with its checksum; 1 when something differs."""
    from vitruvian.lake import check_folder

    findings = [f"{found.kind}: {found.what}" for found in check_folder(asked.lake)]
    for finding in findings:
        say(finding)
    say(f"findings: {len(findings)}" if findings else "every stored file is as it was written")
    return FAILED if findings else DONE


def run_compact(asked: argparse.Namespace) -> int:
    """Move the hot log into tables, rewrite them in order, remove what nobody needs."""
    from vitruvian.lake import Lake

    access = access_of("operations")
    with Lake.open(asked.lake) as lake:
        moved = lake.drain(access)
        lake.compact(access)
        removed = lake.vacuum(access)
    say(f"moved {moved:,} rows out of the log, removed {removed:,} files")
    return DONE


def run_account_add(asked: argparse.Namespace) -> int:
    """Make an account and print its first link."""
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        shown = asked.display_name or asked.name
        lake.accounts.create(asked.name, display_name=shown, role=asked.role)
        return say_link(lake, asked)


def run_account_link(asked: argparse.Namespace) -> int:
    """Print a new one-time link."""
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        return say_link(lake, asked)


def say_link(lake: Lake, asked: argparse.Namespace) -> int:
    """Print a one-time link in a line of its own."""
    from vitruvian.api.serve import sign_in_link

    say(sign_in_link(lake, asked.name, base=asked.url.rstrip("/")))
    return DONE


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


def parser() -> Words:
    """All commands with their options."""
    whole = Words(
        prog="vitruvian",
        description="Hospital data of every kind in, one aligned picture of each patient out.",
        epilog="Each command explains itself: vitruvian ingest --help",
    )
    whole.add_argument("--debug", action="store_true", help="show where an error arose")
    whole.group()
    add_data(whole)
    add_patients(whole)
    add_keeping(whole)
    return whole


def add_data(whole: Words) -> None:
    """Commands about data on its way in."""
    ingest = whole.command("ingest", run_ingest, example="ingest exports/ --lake lake").lake()
    ingest.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files and folders")
    ingest.add_argument("--site", help="the hospital that sends; the lake's own if not given")
    ingest.add_argument("--time-zone", metavar="ZONE", help="IANA zone of times without one")
    ingest.json()
    demo = whole.command("demo", run_demo, example="demo --out hospital --patients 50")
    demo.add_argument("--out", type=Path, required=True, metavar="DIR", help="an empty folder")
    demo.add_argument("--patients", type=int, default=200, metavar="N")
    demo.add_argument("--seed", type=int, default=1, metavar="S")
    demo.add_argument("--layout", choices=("bundles", "ndjson"), default="bundles")
    view = whole.add_group("view", "Views as SQL on FHIR defines them.")
    run = view.command("run", run_view, example="view run VIEW.json --input FILE.ndjson")
    run.add_argument("view", type=Path, metavar="VIEW.json", help="a ViewDefinition")
    run.add_argument("--input", type=Path, required=True, metavar="FILE.ndjson")
    run.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb")


def add_patients(whole: Words) -> None:
    """Commands that show patients."""
    serve = whole.command("serve", run_serve, example="serve --lake lake --port 8420").lake()
    serve.add_argument("--host", default="127.0.0.1", help="other than this machine: warns")
    serve.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes any free one")
    example = "picture 4611686018427387904 --lake lake --known-at 2024-05-01"
    picture = whole.command("picture", run_picture, example=example).moment()
    picture.add_argument("person", type=int, metavar="PERSON", help="id of the person")
    trace = whole.command("trace", run_trace, example="trace 123456789 --lake lake").moment()
    trace.add_argument("event", type=int, metavar="EVENT", help="id of the event")


def add_keeping(whole: Words) -> None:
    """Commands that look after a lake."""
    whole.command("check", run_check, example="check --lake lake").lake()
    whole.command("compact", run_compact, example="compact --lake lake").lake()
    account = whole.add_group("account", "Local accounts.")
    add = account.command("add", run_account_add, example="account add rossi --lake lake").lake()
    add.add_argument("--display-name", metavar="NAME", help="as the page shows it")
    add.add_argument("--role", choices=("clinician", "administrator"), default="clinician")
    link = account.command("link", run_account_link, example="account link rossi --lake lake")
    for each in (add, link.lake()):
        each.add_argument("name", metavar="NAME", help="what the account signs in with")
        each.add_argument("--url", default=f"http://127.0.0.1:{DEFAULT_PORT}", help="of the server")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; failures are one sentence on standard error, never a traceback."""
    asked = parser().parse_args(arguments)
    try:
        run: Command = asked.run
        return run(asked)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    except Exception as error:
        if asked.debug:
            raise
        print(f"vitruvian: {sentence_of(error)}", file=sys.stderr)
        ours = isinstance(error, VitruvianError) and error.status < SERVER_ERRORS
        return BAD_INPUT if ours else FAILED


def sentence_of(error: Exception) -> str:
    """One sentence for the terminal; the words of a foreign error could hold patient data."""
    if isinstance(error, VitruvianError):
        return str(error)
    return (
        f"something unforeseen went wrong ({type(error).__name__}). This is a defect of "
        "Vitruvian: run the command again with --debug and report where it arose."
    )
