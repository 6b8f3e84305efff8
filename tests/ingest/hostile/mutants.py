"""Good files made bad: bytes flipped, cut, doubled; numbers and texts replaced by hostile ones."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

Dice = random.Random
Mutation = Callable[[bytes, Dice], bytes]

NUMBERS = (
    *(b"0", b"-1", b"1e999", b"-1e-999", b"NaN", b"Infinity", b"9223372036854775808", b"1e308"),
    *(b"99999999999999999999999999999999999999", b"0.1e", b"--5", b"1,5", b"4294967296", b"null"),
)
TEXTS = (
    *(b"", b" ", b"\x00", b"\xff\xfe", b"\\ud800", b"\\u0000", b"0000-00-00", b"9999-12-31"),
    *(b"2024-02-30T25:61:61Z", b"-0001-01-01", b"2024-01-01T00:00:00+99:99", b"10000-01-01"),
    *(b"%s%n{0}", b"' OR 1=1 --", b"../../etc/passwd", b"Patient/", b"#", b"urn:uuid:", b"|^~\\&"),
    *(b"A" * 70_000, "\u202e\U0001f3e5\u0301".encode(), b"[" * 3000, b'{"a":' * 3000),
)
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_QUOTED = re.compile(rb'(?<=")[^"\n]{0,200}(?=")')
_FIELD = re.compile(rb"(?<=[,|^\t;=])[^,|^\t;=\r\n]{0,200}")


def mutated(data: bytes, dice: Dice) -> bytes:
    """The same bytes after one to four mutations."""
    for _ in range(dice.choice((1, 1, 2, 4))):
        data = dice.choice(MUTATIONS)(data, dice)
    return data


def _flip(data: bytes, dice: Dice) -> bytes:
    held = bytearray(data)
    for _ in range(dice.choice((1, 1, 8, 64))):
        if held:
            held[dice.randrange(len(held))] = dice.randrange(256)
    return bytes(held)


def _cut(data: bytes, dice: Dice) -> bytes:
    return data[: dice.randrange(len(data) + 1)]


def _remove(data: bytes, dice: Dice) -> bytes:
    start = dice.randrange(len(data) + 1)
    return data[:start] + data[start + dice.choice((1, 4, 40, 4000)) :]


def _double(data: bytes, dice: Dice) -> bytes:
    start = dice.randrange(len(data) + 1)
    return data + data[start : start + dice.choice((4, 400, 40_000))]


def _insert(data: bytes, dice: Dice) -> bytes:
    start = dice.randrange(len(data) + 1)
    return data[:start] + dice.choice((*NUMBERS, *TEXTS)) + data[start:]


def _swap_lines(data: bytes, dice: Dice) -> bytes:
    lines = data.splitlines(keepends=True)
    dice.shuffle(lines)
    return b"".join(lines)


def _replaced(pattern: re.Pattern[bytes], values: tuple[bytes, ...]) -> Mutation:
    def replace(data: bytes, dice: Dice) -> bytes:
        found = list(pattern.finditer(data[:200_000]))
        if not found:
            return _flip(data, dice)
        for one in sorted(dice.sample(found, min(len(found), 3)), key=lambda m: -m.start()):
            data = data[: one.start()] + dice.choice(values) + data[one.end() :]
        return data

    return replace


MUTATIONS: tuple[Mutation, ...] = (
    *(_flip, _cut, _remove, _double, _insert, _swap_lines),
    *(_replaced(_NUMBER, NUMBERS), _replaced(_QUOTED, (*TEXTS, *NUMBERS))),
    *(_replaced(_FIELD, (*TEXTS, *NUMBERS)), _replaced(_NUMBER, TEXTS)),
)
