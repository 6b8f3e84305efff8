"""Good HL7 v2 files, and the words that tests make messages of."""

from __future__ import annotations

from pathlib import Path

from tests.ingest.support import take
from vitruvian.lake import Lake

PID = "PID|1||M-1^^^WARD^MR||Ward^Test||19500214|F"
POTASSIUM = "OBX|{n}|NM|2823-3^Potassium^LN||{value}|mmol/L^^UCUM|3.5-5.1|{flag}|||{status}|||20240305071500+0100"


def message(
    kind: str, *segments: str, at: str = "20240305104000+0100", control: str = "", msh: str = ""
) -> bytes:
    """One message; `msh` is what follows MSH-10."""
    head = rf"MSH|^~\&|LAB|WARD|EHR|WARD|{at}||{kind}|{control or at}|{msh or 'P|2.5.1'}"
    return "\r".join([head, *segments, ""]).encode()


def potassium(
    value: str, *, status: str = "F", flag: str = "", at: str = "20240305104000+0100"
) -> bytes:
    """A result under the order F-1."""
    return message(
        "ORU^R01^ORU_R01",
        PID,
        f"OBR|1|P-1|F-1|2823-3^Potassium^LN|||20240305071500+0100|||||||||||||||||LAB|{status}",
        POTASSIUM.format(n=1, value=value, flag=flag, status=status),
        at=at,
    )


def visit(trigger: str, *, at: str, place: str = "W1^R1^B1", times: str = "") -> bytes:
    """An ADT message about visit V-1."""
    pv1 = f"PV1|1|I|{place}||||||||||||||||V-1^^^WARD" + "|" * 25 + times
    return message(f"ADT^{trigger}", f"EVN|{trigger}|{at}", PID, pv1, at=at)


def write(path: Path, *messages: bytes) -> Path:
    path.write_bytes(b"".join(messages))
    return path


def batch(path: Path, *messages: bytes) -> Path:
    head = rb"FHS|^~\&|LAB|WARD" + b"\r" + rb"BHS|^~\&|LAB|WARD" + b"\r"
    path.write_bytes(head + b"".join(messages) + f"BTS|{len(messages)}\rFTS|1\r".encode())
    return path


def load(lake: Lake, folder: Path, *messages: bytes) -> None:
    """Each message as a load of its own, in the order given."""
    for number, each in enumerate(messages):
        path = folder / f"{len(list(folder.iterdir()))}-{number}.hl7"
        path.write_bytes(each)
        report = take(lake, path, zone="Europe/Berlin")
        assert report.rejected == 0


def samples(folder: Path) -> list[Path]:
    """Small good files; the last one is of a form that can be seen to be cut short."""
    results = [potassium(f"4.{n}", at=f"2024030{n}104000+0100") for n in range(1, 7)]
    return [
        write(folder / "a.hl7", visit("A01", at="20240304080000+0100")),
        batch(folder / "b.hl7", *results),
    ]
