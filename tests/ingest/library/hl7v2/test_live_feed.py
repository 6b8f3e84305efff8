"""MLLP: answered only once durable, each message once, whatever dies in between."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.ingest.library.hl7v2.samples import PID, message, potassium, visit
from tests.ingest.support import SYSTEM, rows
from vitruvian.base.errors import Unavailable
from vitruvian.ingest.engine.listeners import (
    END,
    START,
    Feed,
    Listening,
    MllpListener,
    Receiver,
    receiver_of,
)
from vitruvian.ingest.library.hl7v2.live import answer_to
from vitruvian.lake import Lake

ANY_PORT = Listening(port=0, absorb_every_seconds=3600)


def receiver(lake: Lake) -> Receiver:
    found = receiver_of("hl7v2", Feed(lake, SYSTEM, "test", "Europe/Berlin"))
    assert found is not None
    return found


async def talk(listener: MllpListener, messages: Sequence[bytes], *, answers: int) -> list[bytes]:
    """Send everything at once; read so many answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(b"".join(START + each + END for each in messages))
    found = [await reader.readuntil(END) for _ in range(answers)]
    writer.close()
    return found


def session(lake: Lake, messages: Sequence[bytes], *, answers: int) -> list[bytes]:
    async def run() -> list[bytes]:
        listener = MllpListener(receiver(lake), ANY_PORT)
        await listener.start()
        try:
            return await talk(listener, messages, answers=answers)
        finally:
            await listener.stop()

    return asyncio.run(run())


@pytest.mark.parametrize(
    "bad",
    [
        message("ADT^A01", PID, msh="T|2.5"),
        message("", PID),
        message("ADT^A01", PID, msh="P|3.0"),
        b"hello",
    ],
)
def test_message_not_accepted__gets_ar_and_the_next_one_aa(lake: Lake, bad: bytes) -> None:
    first, second = session(lake, [bad, potassium("4.1")], answers=2)
    assert b"\rMSA|AR|" in first
    assert b"\rMSA|AA|" in second
    assert len([event for event in rows(lake, "event") if event["category"] == "laboratory"]) == 1


def test_answer__names_the_control_id_and_nothing_of_the_patient() -> None:
    said = answer_to(message("ADT^A01", PID, control="C-77"), "") or b""
    assert b"MSA|AA|C-77" in said
    assert not any(word in said for word in (b"Ward", b"M-1", b"1950"))


@pytest.mark.parametrize(
    "wish, answered", [("|||AL|NE", b"MSA|CA|"), ("|||NE|AL", b"MSA|AA|"), ("|||ER|NE", None)]
)
def test_enhanced_mode__answers_as_the_sender_wishes(wish: str, answered: bytes | None) -> None:
    said = answer_to(message("ADT^A01", PID, msh=f"P|2.5{wish}"), "")
    assert said is None if answered is None else said is not None and answered in said


def test_messages_are_answered_in_order_and_mapped_once(lake: Lake) -> None:
    sent = [potassium(f"4.{n}", at=f"202403051040{n:02}+0100") for n in range(30)]
    answers = session(lake, [*sent, *sent], answers=60)
    controls = [answer.split(b"MSA|AA|")[1].split(b"\r")[0] for answer in answers]
    assert controls == [each.split(b"|")[9] for each in (*sent, *sent)]
    kinds = [row["resource_type"] for row in rows(lake, "resource")]
    assert kinds == ["HL7v2/ORU_R01"] * 30
    (event,) = [event for event in rows(lake, "event") if event["category"] == "laboratory"]
    assert event["numeric_value"] == 4.29


def test_receiver_that_died_before_mapping__maps_when_it_starts_again(tmp_path: Path) -> None:
    with Lake.create(tmp_path / "lake", site="test") as lake:
        answers = receiver(lake).receive([potassium("4.1"), visit("A01", at="20240304080000")])
        assert all(b"MSA|AA" in (answer or b"") for answer in answers)
    with Lake.open(tmp_path / "lake") as lake:
        assert rows(lake, "event") == []
        again = receiver(lake)
        again.receive([potassium("4.1")])
        assert again.absorb() == 3
        assert again.absorb() == 0
        assert len(rows(lake, "resource")) == 2
        assert (
            len([event for event in rows(lake, "event") if event["category"] == "laboratory"]) == 1
        )


def test_message_that_could_not_be_stored__is_not_answered(lake: Lake) -> None:
    class Full(Unavailable):
        pass

    class Broken:
        def receive(self, _: Sequence[bytes], /) -> list[bytes | None]:
            raise Full

        def absorb(self) -> int:
            return 0

    async def run() -> bytes:
        listener = MllpListener(Broken(), ANY_PORT)
        await listener.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(START + potassium("4.1") + END)
        said = await reader.read()
        writer.close()
        await listener.stop()
        return said

    assert asyncio.run(run()) == b""


def test_frame_cut_short__is_not_stored(lake: Lake) -> None:
    async def run() -> None:
        listener = MllpListener(receiver(lake), ANY_PORT)
        await listener.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(START + potassium("4.1")[:-20])
        writer.close()
        assert await reader.read() == b""
        await listener.stop()

    asyncio.run(run())
    assert rows(lake, "resource") == []


LISTENER = """
import sys
from pathlib import Path
from vitruvian.ingest.engine.listeners import Feed, Listening, listen, receiver_of
from vitruvian.lake import Lake
from vitruvian.trust import Access
me = Access(who="system", role="system", purpose="operations")
with Lake.create(Path(sys.argv[1]), site="test") as lake:
    receiver = receiver_of("hl7v2", Feed(lake, me, "test", "Europe/Berlin"))
    announce = lambda said: print(said, flush=True)
    listen(receiver, Listening(port=0, absorb_every_seconds=0.05), announce=announce)
"""


def answered_before_the_end(folder: Path, sent: Sequence[bytes], *, end: signal.Signals) -> int:
    """How many messages a listener of its own answered before it was ended."""
    command = [sys.executable, "-c", LISTENER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().split()[-1])
        answered = 0
        with socket.create_connection(("127.0.0.1", port)) as line, line.makefile("rb") as answers:
            for number, each in enumerate(sent):
                line.sendall(START + each + END)
                if number < len(sent) // 2:
                    answered += _read_answer(answers)
            process.send_signal(end)
            process.wait(60)
    return answered


def _read_answer(answers: BinaryIO) -> int:
    said = b""
    while not said.endswith(END):
        said += answers.read(1)
    return int(b"MSA|AA|" in said)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_listener_ended_in_the_middle__keeps_what_it_answered_once(
    tmp_path: Path, end: signal.Signals
) -> None:
    sent = [visit("A08", at=f"202403051040{n:02}+0100") for n in range(40)]
    answered = answered_before_the_end(tmp_path / "lake", sent, end=end)
    assert answered == 20
    with Lake.open(tmp_path / "lake") as lake:
        again = receiver(lake)
        again.absorb()
        first = [row["bytes"] for row in rows(lake, "resource")]
        assert {each.rstrip(b"\r") for each in sent[:20]} <= set(first)
        again.receive(sent)
        again.absorb()
        kept = [row["bytes"] for row in rows(lake, "resource")]
        assert sorted(kept) == sorted(each.rstrip(b"\r") for each in sent)
