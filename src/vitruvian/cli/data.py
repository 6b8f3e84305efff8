"""Commands about data on its way in, and about views of it."""

from __future__ import annotations

import argparse
import io
import shutil
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.base.errors import BadInput, Unavailable
from vitruvian.cli.terminal import (
    DONE,
    FAILED,
    BadInstant,
    access_of,
    read_bytes,
    say,
    say_json,
    warn,
)
from vitruvian.cli.words import Words, port_of

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
OPEN_FEED = (
    "this feed can be reached from other machines, and neither MLLP nor DICOM is encrypted or "
    "signed in here. Let a firewall admit the sender alone, or put a TLS tunnel before it."
)
STOPPED = (
    "stopped. What was published stays, and no file is half in it; run the same command again "
    "to take in the rest."
)

if TYPE_CHECKING:
    from vitruvian.ingest import IngestReport
    from vitruvian.ingest.engine.listeners import Feed


class NoListener(Unavailable):
    """The adapter of live HL7 v2 messages is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "No adapter here takes live HL7 v2 messages. Expected the plug-in hl7v2, which comes "
            "with Vitruvian; install it again."
        )


class NoDicomListener(Unavailable):
    """The adapter of DICOM objects is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "DICOM objects cannot be received here: the package pydicom is not installed. "
            'Install it with: pip install "vitruvian[imaging]".'
        )


class NoFeed(BadInput):
    """No feed is named to listen for."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing to listen for. Expected --mllp PORT for HL7 v2 messages, --dicom PORT for "
            "images, or both."
        )


class LakeIsGiven(BadInput):
    """The lake's folder holds a path to be taken in, or is one."""

    def __init__(self, place: int) -> None:
        super().__init__(
            f"Path number {place} of those given lies in the lake's folder, or is it. Expected a "
            "lake in a folder of its own, apart from the files of the hospital. Nothing was "
            "changed. Name another folder with --lake."
        )


def add_data(whole: Words) -> None:
    """Commands about data on its way in."""
    ingest = whole.command("ingest", run_ingest, example="ingest exports/ --lake lake").lake()
    ingest.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files and folders")
    ingest.sender()
    words = "most memory to use, such as 1GB; 2GiB if not given"
    ingest.add_argument("--memory-limit", default="2GiB", metavar="SIZE", help=words)
    ingest.json().set_defaults(stopped=STOPPED)
    feed = whole.command("listen", run_listen, example="listen --lake lake --mllp 2575").lake()
    feed.add_argument(
        "--mllp", type=port_of, metavar="PORT", help="HL7 v2 messages; 0 takes any free"
    )
    words = "images over DICOM (extra: imaging); 0 takes any free; reports of Storage Commitment "
    words += "go to the addresses in the TOML file that VITRUVIAN_DICOM_PEERS names"
    feed.add_argument("--dicom", type=port_of, metavar="PORT", help=words)
    feed.add_argument("--host", default="127.0.0.1", help="other than this machine: unencrypted")
    feed.sender()
    words = "answer to a message that is kept in quarantine; AA if not given"
    feed.add_argument("--unmapped", choices=("AA", "AE"), default="AA", help=words)
    which = whole.command("which", run_which, example="which exports/ --source 5c0b1f9e7d3a2468")
    which.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="as they were ingested")
    words = "a source that a report or a page names, or the start of it; may be given again"
    which.add_argument("--source", action="append", metavar="ID", help=words)
    which.json()
    _add_demo(whole)
    view = whole.add_group("view", "Views as SQL on FHIR defines them.")
    run = view.command("run", run_view, example="view run VIEW.json --input FILE.ndjson")
    run.add_argument("view", type=Path, metavar="VIEW.json", help="a ViewDefinition")
    words = "resources, one a line"
    run.add_argument("--input", type=Path, required=True, metavar="FILE.ndjson", help=words)
    words = "duckdb, or Spark Connect (extra: spark); the same rows"
    run.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb", help=words)


_EVERYBODY = 1 << 30


def _add_demo(whole: Words) -> None:
    demo = whole.command("demo", run_demo, example="demo --out hospital --patients 50")
    demo.add_argument("--out", type=Path, required=True, metavar="DIR", help="an empty folder")
    demo.add_argument("--patients", type=int, default=200, metavar="N", help="how many; 200")
    demo.add_argument("--seed", type=int, default=1, metavar="S", help="same seed, same hospital")
    words = "the hospital's today: a date, or now; 2026-06-30 if not given, so that files repeat"
    demo.add_argument("--today", metavar="DATE", help=words)
    words = "one Bundle a patient, or one NDJSON file a type"
    demo.add_argument("--layout", choices=("bundles", "ndjson"), default="bundles", help=words)
    words = "the same lives as OMOP tables too, in DIR/omop"
    demo.add_argument("--omop", action="store_true", help=words)
    words = "visits and results of the first N patients (all) as HL7 v2 messages too, in DIR/hl7v2"
    demo.add_argument("--hl7v2", type=int, nargs="?", const=_EVERYBODY, metavar="N", help=words)
    words = "N (all) further registrations, in DIR/look-alikes: people twice, twins, namesakes"
    demo.add_argument(
        "--look-alikes", type=int, nargs="?", const=_EVERYBODY, metavar="N", help=words
    )


def run_ingest(asked: argparse.Namespace) -> int:
    """Take files and folders in; what is already stored is skipped.

    Returns
    -------
    int
        1 when a source or a record was refused, or nothing was loaded into a new lake.
    """
    from vitruvian.ingest.engine.walk import expect_paths
    from vitruvian.ingest.errors import NothingRecognised, NothingToRead

    expect_paths(asked.paths)  # a mistyped path makes no lake
    _expect_apart(asked.lake, asked.paths)
    stood = asked.lake.exists()
    fresh = not stood or (asked.lake.is_dir() and not any(asked.lake.iterdir()))
    try:
        report = _ingested(asked)
    except (NothingRecognised, NothingToRead) as nothing:
        if fresh:
            _take_away(asked.lake, folder_too=not stood)
        if asked.json and isinstance(nothing, NothingRecognised):
            say_json(nothing.report.as_json())
        raise
    _say_report(report, as_json=asked.json)
    if fresh and not report.offered and any(source.problem_count for source in report.sources):
        _take_away(asked.lake, folder_too=not stood)
        warn("nothing was loaded, so no lake was made; what to do stands beside each source")
        return FAILED
    broken = any(source.outcome == "refused" for source in report.sources)
    return FAILED if broken or report.rejected else DONE


def _expect_apart(lake: Path, paths: Sequence[Path]) -> None:
    """A lake among the files of an export would be taken in with them the next time."""
    for place, path in enumerate(paths, start=1):
        if path.resolve().is_relative_to(lake.resolve()):
            raise LakeIsGiven(place)


def _say_report(report: IngestReport, *, as_json: bool) -> None:
    if as_json:
        say_json(report.as_json())
        return
    for line in report.as_lines():
        say(line)
    if report.refused or any(source.problem_count for source in report.sources):
        say("Which file a source is: vitruvian which PATH --source ID")


def _ingested(asked: argparse.Namespace) -> IngestReport:
    from vitruvian.ingest import Limits, ingest
    from vitruvian.ingest.engine.limits import MIB, memory_of
    from vitruvian.ingest.engine.progress import watch
    from vitruvian.lake import Lake

    limits = Limits(memory_bytes=memory_of(asked.memory_limit))
    memory, site = f"{limits.engine_bytes // MIB}MiB", asked.site or "hospital"
    with (
        Lake.create(asked.lake, site=site, memory_limit=memory) as lake,
        watch(size_of(asked.paths)) as watcher,
    ):
        return ingest(
            asked.paths,
            lake,
            access=access_of("operations"),
            site=asked.site,
            time_zone=asked.time_zone,
            progress=watcher,
            limits=limits,
        )


def run_which(asked: argparse.Namespace) -> int:
    """Which file each source of a report is; reports leave names of files out.

    Returns
    -------
    int
        1 when no file is a source that was asked for.
    """
    from vitruvian.ingest import Limits
    from vitruvian.ingest.engine.walk import sources_below

    wanted = tuple(asked.source or [""])
    found = [
        each for each in sources_below(asked.paths, limits=Limits()) if each[0].startswith(wanted)
    ]
    if asked.json:
        names = ("source_id", "file", "member")
        say_json([dict(zip(names, map(str, each), strict=True)) for each in found])
    else:
        for source_id, path, member in found:
            say(f"{source_id}  {path}{member and f' > {member}'}")
    missing = [each for each in wanted if not any(s.startswith(each) for s, _, _ in found)]
    for each in missing:
        warn(f"no file below these paths is source {each}; give the paths as they were ingested")
    return FAILED if missing else DONE


def _take_away(lake: Path, *, folder_too: bool) -> None:
    """Leave no empty lake behind where nothing was read."""
    for each in lake.iterdir():
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink()
    if folder_too:
        lake.rmdir()


def size_of(paths: Sequence[Path]) -> int:
    """Bytes below some paths, for the progress bar."""
    files = [each for path in paths for each in (path.rglob("*") if path.is_dir() else [path])]
    return sum(each.stat().st_size for each in files if each.is_file())


def run_listen(asked: argparse.Namespace) -> int:
    """Take messages and images until stopped; each is answered once it is durable."""
    from vitruvian.ingest.engine.listeners import Feed
    from vitruvian.jobs import audit_watched, kept_up
    from vitruvian.lake import Lake

    if asked.mllp is None and asked.dicom is None:
        raise NoFeed
    warn(OPEN_FEED if asked.host not in LOOPBACK else None)
    site = asked.site or "hospital"
    with Lake.create(asked.lake, site=site) as lake, kept_up(lake), ExitStack() as serving:
        serving.enter_context(audit_watched(lake))
        sender = (asked.site or lake.site, asked.time_zone)
        feed = Feed(lake, access_of("operations"), *sender, tell_unmapped=asked.unmapped == "AE")
        if asked.dicom is not None:
            _receive_images(asked, feed, serving)
        _receive_messages(asked, feed)
    return DONE


def _receive_images(asked: argparse.Namespace, feed: Feed, serving: ExitStack) -> None:
    from vitruvian.ingest.engine.listeners import Listening, server_of

    adapter = server_of("dicom")
    if adapter is None:
        raise NoDicomListener
    listening = Listening(host=asked.host, port=asked.dicom)
    port = serving.enter_context(adapter.server(feed, listening))
    say(f"DICOM on {asked.host} port {port}")


def _receive_messages(asked: argparse.Namespace, feed: Feed) -> None:
    """Messages until stopped; where none are wanted, only wait for the end."""
    from vitruvian.ingest.engine.listeners import (
        Listening,
        listen,
        receiver_of,
        wait_until_stopped,
    )

    if asked.mllp is None:
        wait_until_stopped()
        return
    receiver = receiver_of("hl7v2", feed)
    if receiver is None:
        raise NoListener
    listen(receiver, Listening(host=asked.host, port=asked.mllp), announce=say)


def run_view(asked: argparse.Namespace) -> int:
    """Rows of a ViewDefinition as NDJSON."""
    from vitruvian.views import parse_view, rows_as_ndjson
    from vitruvian.views import run_view as rows_of_view

    view = parse_view(read_bytes(asked.view, option="VIEW"))
    lines = unpacked(read_bytes(asked.input, option="--input")).splitlines()
    for row in rows_as_ndjson(rows_of_view(view, lines, engine=asked.engine)):
        sys.stdout.buffer.write(row)
    sys.stdout.flush()
    return DONE


def unpacked(data: bytes) -> bytes:
    """The content of a file, gzip taken off; within the bounds of an ingest."""
    from vitruvian.ingest import Limits
    from vitruvian.ingest.engine.walk import Offered, open_content, translated

    offered = Offered("", lambda: io.BytesIO(data), len(data))
    with translated("packed file"), open_content(offered, limits=Limits()) as stream:
        return stream.read()


def today_of(text: str | None, *, now: datetime) -> date:
    """The demo hospital's today, or its present instant for ``now``, to the hour.

    Raises
    ------
    BadInstant
        When the text is no date.

    Examples
    --------
    >>> today_of("now", now=datetime(2027, 3, 2, 9, 41, tzinfo=UTC)).isoformat()
    '2027-03-02T09:00:00+00:00'
    """
    from vitruvian.demo import TODAY

    if text is None:
        return TODAY
    if text == "now":
        return now.replace(minute=0, second=0, microsecond=0)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInstant from None


def run_demo(asked: argparse.Namespace) -> int:
    """Write a made-up hospital."""
    from vitruvian.demo import lives, write_demo, write_hl7v2, write_look_alikes, write_omop

    until = today_of(asked.today, now=datetime.now(UTC))
    report = write_demo(
        asked.out, patients=asked.patients, seed=asked.seed, layout=asked.layout, until=until
    )
    say(f"wrote {report.patients:,} patients, {report.total:,} resources; ground truth beside them")
    if asked.omop:
        rows = write_omop(asked.out / "omop", lives(asked.seed, asked.patients, until=until))
        say(f"wrote {sum(rows.values()):,} rows of OMOP; identity link omop/who-is-who.toml joins")
    if asked.hl7v2:
        told = lives(asked.seed, min(asked.hl7v2, asked.patients), until=until)
        sent = write_hl7v2(asked.out / "hl7v2", told)
        say(f"wrote {sum(sent.values()):,} HL7 v2 messages of the same lives")
        say("identity link .truth/who-is-who.toml joins them")
    if asked.look_alikes:
        told = lives(asked.seed, min(asked.look_alikes, asked.patients), until=until)
        counts = write_look_alikes(asked.out / "look-alikes", told)
        say(f"wrote {sum(counts.values()):,} look-alikes; identity match finds them")
    return DONE
