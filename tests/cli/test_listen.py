"""A live feed by the command: answered once durable, on the timeline when it ends."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

ADMISSION = b"\r".join(
    [
        b"MSH|^~\\&|PAS|ST|VITRUVIAN|ST|20240501120000||ADT^A01|m1|P|2.5",
        b"PID|1||77^^^ST^MR||Quux^Anna||19500601|F",
        b"PV1|1|I|WARD7^1^2||||||||||||||||V1|||||||||||||||||||||||||20240501115000",
    ]
)


def test_listen__answers_an_admission_and_shows_it_in_the_lake(tmp_path: Path) -> None:
    words = ["listen", "--lake", str(tmp_path / "lake"), "--mllp", "0", "--time-zone", "UTC"]
    command = [sys.executable, "-m", "vitruvian", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as listener:
        assert listener.stdout is not None
        port = re.search(r"port (\d+)", listener.stdout.readline())
        assert port is not None
        with socket.create_connection(("127.0.0.1", int(port[1])), timeout=60) as sender:
            sender.sendall(b"\x0b" + ADMISSION + b"\x1c\r")
            answer = sender.recv(4096)
        listener.send_signal(signal.SIGTERM)
        assert listener.wait(timeout=120) == 0
    assert b"MSA|AA|m1" in answer
    with Lake.open(tmp_path / "lake") as lake, lake.read(SYSTEM) as reader:
        assert reader.rows("encounter", columns=["class_code"]).num_rows == 1
