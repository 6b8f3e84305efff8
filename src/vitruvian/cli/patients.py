"""Commands that show patients."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.cli.terminal import DONE, FAILED, draw, reading, say, say_json
from vitruvian.cli.words import Words, port_of

if TYPE_CHECKING:
    from vitruvian.api.serve import Address

DEFAULT_PORT = 8420


def add_patients(whole: Words) -> None:
    """Commands that show patients."""
    serve = whole.command("serve", run_serve, example="serve --lake lake --port 8420").lake()
    words = "other than this machine: needs --certificate or --behind-proxy"
    serve.add_argument("--host", default="127.0.0.1", help=words)
    serve.add_argument("--port", type=port_of, default=DEFAULT_PORT, help="0 takes any free one")
    words = "read-only view of what was stored last, when the writer is dead or hangs"
    serve.add_argument("--emergency", action="store_true", help=words)
    words = "most memory to use, such as 4GiB; 2GiB if not given"
    serve.add_argument("--memory-limit", default="2GiB", metavar="SIZE", help=words)
    _add_encryption(serve)
    example = "picture 4611686018427387904 --lake lake --known-at 2024-05-01"
    find = whole.command("find", run_find, example="find --lake lake").moment()
    find.asks = (
        "The name, identifier or birth date is typed when it asks, not on the command line: "
        "there it would stay in the history of the shell."
    )
    find.add_argument("--limit", type=int, default=20, metavar="N", help="most lines; 20")
    picture = whole.command("picture", run_picture, example=example).moment()
    picture.add_argument("person", type=int, metavar="PERSON", help="id, as `find` gives it")
    trace = whole.command("trace", run_trace, example="trace 123456789 --lake lake").moment()
    trace.add_argument("event", type=int, metavar="EVENT", help="id, as `picture` shows it")


def _add_encryption(serve: Words) -> None:
    words = "PEM: the server's certificate, then those that vouch for it"
    serve.add_argument("--certificate", type=Path, metavar="FILE", help=words)
    words = "PEM: its private key, without a passphrase"
    serve.add_argument("--key", type=Path, metavar="FILE", help=words)
    words = "IP address of the reverse proxy that encrypts; then nothing else is answered"
    serve.add_argument("--behind-proxy", metavar="ADDRESS", help=words)
    words = "what people type, such as https://vitruvian.example; its name is answered for"
    serve.add_argument("--url", metavar="URL", help=words)


def run_serve(asked: argparse.Namespace) -> int:
    """Serve the web application and its interfaces until stopped."""
    from vitruvian.api.guard.tls import certificate_of
    from vitruvian.api.serve import Address, serve
    from vitruvian.ingest.engine.limits import MIB, Limits, memory_of
    from vitruvian.jobs import audit_watched, kept_up
    from vitruvian.lake import Lake

    certificate = certificate_of(asked.certificate, asked.key)
    address = Address(asked.host, asked.port, certificate, asked.behind_proxy, asked.url)
    address.expect_usable()
    memory = f"{Limits(memory_bytes=memory_of(asked.memory_limit)).engine_bytes // MIB}MiB"
    if asked.emergency:
        return _serve_emergency(asked, address, memory=memory)
    with Lake.open(asked.lake, memory_limit=memory) as lake, kept_up(lake), audit_watched(lake):
        serve(lake, address, announce=say)
    return DONE


def _serve_emergency(asked: argparse.Namespace, address: Address, *, memory: str) -> int:
    from vitruvian.api.serve import serve
    from vitruvian.lake import emergency_view

    with emergency_view(asked.lake, memory_limit=memory) as lake:
        say(f"Emergency view, read-only: what was stored until {lake.until:%Y-%m-%d %H:%M:%S} UTC")
        say(f"Who looks is audited in {lake.path}; keep that folder")
        serve(lake, address, announce=say)
    return DONE


def run_find(asked: argparse.Namespace) -> int:
    """Find a patient; asks for a name, an identifier or a birth date, the start is enough.

    What is looked for is typed when asked, or piped in: as an argument it would stay in the
    history of the shell.
    """
    from vitruvian.picture import Page, find_patients
    from vitruvian.picture.terminal import draw_patients

    if sys.stdin.isatty():
        print("name, identifier or birth date: ", end="", file=sys.stderr, flush=True)
    words = sys.stdin.readline().strip()
    with reading(asked) as (reader, moment):
        found = find_patients(reader, words, moment=moment, page=Page(limit=asked.limit))
    if asked.json:
        say_json(found)
    else:
        draw(draw_patients(found))
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
    """An event's birth: its record's own bytes, each step, and the value recomputed now.

    Returns
    -------
    int
        1 when recomputing gives another value.
    """
    from vitruvian.derive import read_again
    from vitruvian.picture import trace_event
    from vitruvian.picture.terminal import draw_trace

    with reading(asked) as (reader, _):
        trace = trace_event(reader, asked.event, read_again=read_again)
    if asked.json:
        say_json(trace)
    else:
        draw(draw_trace(trace))
    return FAILED if trace.recomputed == "different" else DONE
