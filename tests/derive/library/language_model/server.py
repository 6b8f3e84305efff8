"""A small server that answers like an OpenAI-compatible one, well or badly, as a test wants."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

Fact = dict[str, Any]
Answer = Callable[[str], Any]
PLAIN = {
    "detail": "", "act": "observed", "polarity": "affirmed", "certainty": "certain",
    "temporality": "current", "experiencer": "patient",
}  # fmt: skip
# What the honest model knows, with what it says of it beside the plain.
KNOWN: dict[str, Fact] = {
    "fever": {"kind": "problem"},
    "feber": {"kind": "problem"},
    "cough": {"kind": "problem"},
    "weight loss": {"kind": "problem", "polarity": "negated"},
    "metformin": {"kind": "medicine", "act": "reported", "detail": "500 mg twice a day"},
    "hemoglobin": {"kind": "measurement", "detail": "10.2 g/dL"},
    "Penicillin": {"kind": "allergy", "detail": "rash"},
    "Colonoscopy": {"kind": "procedure", "act": "reported"},
}


def fact(quote: str, passage: str, **said: Any) -> Fact:
    """One fact of the form that is asked for."""
    return {**PLAIN, "kind": "problem", "quote": quote, "passage": passage, **said}


def honest(part: str) -> list[Fact]:
    """What stands in the text, each with its line as passage."""
    found = []
    for line in part.splitlines():
        for word, said in KNOWN.items():
            if line.count(word) == 1 and part.count(line) == 1 and len(line) < 900:
                detail = said.get("detail", "") if said.get("detail", "") in line else ""
                found.append(fact(word, line, **{**said, "detail": detail}))
    return found


def completion(content: str, **said: Any) -> dict[str, Any]:
    """The body of an answer."""
    message = {"role": "assistant", "content": content, **said.pop("message", {})}
    choice = {"index": 0, "message": message, "finish_reason": "stop", **said}
    return {"object": "chat.completion", "model": "small", "choices": [choice]}


class Model:
    """The server, what it was asked, and how it answers.

    ``answer`` gets the part of a note: facts it gives back are sent as a completion, bytes as they
    are, a number as a status, and a function is called with the open connection's file.
    """

    def __init__(self) -> None:
        self.answer: Answer = honest
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.address = ""
        self.over = Event()

    def reply(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one question."""
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.asked.append(json.loads(body))
        self.headers.append({name.lower(): value for name, value in handler.headers.items()})
        told = self.answer(self.asked[-1]["messages"][-1]["content"])
        if callable(told):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            told(handler.wfile)
            return
        status = told if isinstance(told, int) else 200
        if isinstance(told, list):
            told = json.dumps(completion(json.dumps({"facts": told}))).encode()
        sent = told if isinstance(told, bytes) else b"{}"
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(sent)))
        if status in range(300, 400):
            handler.send_header("Location", f"{self.address}/elsewhere")
        handler.end_headers()
        handler.wfile.write(sent)


@contextmanager
def running() -> Iterator[Model]:
    """A model on a free port of this machine."""
    model = Model()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            with suppress(OSError):
                model.reply(self)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the library's name)
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    model.address = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield model
    finally:
        model.over.set()
        server.shutdown()
        server.server_close()
