"""Hostile text in every language: one endless line, control characters, patterns meant to explode."""

from __future__ import annotations

import itertools
from functools import cache

import pyarrow as pa
import pytest

from tests.derive.lakes import note
from vitruvian.derive.engine.library import extractors
from vitruvian.derive.engine.notes import AS_READ
from vitruvian.derive.engine.reading import Reading, read_batch
from vitruvian.derive.engine.rows import Derivation, derivation_of

LANGUAGES = ("en", "nb", "nn", "fr", "zh")
# What begins a fact in each language, over and over, with nothing that would end it.
BEGINNINGS = {
    "en": ["no history of ", "allergic to ", "metformin ", "Hb ", "stage ", "nodule of ", "KRAS "],
    "nb": ["ingen tegn til ", "allergisk mot ", "metformin ", "Hb er ", "stadium ", "knute på "],
    "nn": ["ikkje teikn til ", "allergisk mot ", "starta ", "vekta er ", "stadium ", "knutar på "],
    "fr": ["pas d'", "allergique à la ", "début de ", "Hb à ", "stade ", "nodule de "],
    "zh": ["未见", "否认药物", "二甲双胍片", "血红蛋白为", "期", "结节约", "突变"],
}
SIGNS = ["1", "1,", "1/", "1 x ", "(", "mg ", "T1", "%", ":", "\x00", "\u202e", "\ufeff", "\u0301"]
LENGTH = 30_000


@cache
def signed() -> dict[object, Derivation]:
    return {each: derivation_of(each) for each in extractors()}


def read(text: str, language: str) -> Reading:
    row = {**note(text, language=language), "is_new": True}
    row = {name: row.get(name) for name in AS_READ.names}
    return read_batch(pa.RecordBatch.from_pylist([row], schema=AS_READ), signed())  # type: ignore[arg-type]  # a cache has no better key


def in_bounds(read_so: Reading, text: str) -> bool:
    spans = [event["locator"].rpartition("=")[2] for event in read_so.events.to_pylist()]
    ends = [tuple(map(int, span.split(","))) for span in spans]
    return all(0 <= start < end <= len(text) for start, end in ends)


@pytest.mark.parametrize("language", LANGUAGES)
def test_beginnings_without_an_end__are_read_to_their_end(language: str) -> None:
    for words in BEGINNINGS[language]:
        text = words * (LENGTH // len(words))
        assert in_bounds(read(text, language), text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_signs_behind_every_beginning__are_read_to_their_end(language: str) -> None:
    for words, sign in itertools.product(BEGINNINGS[language], SIGNS):
        text = words + sign * 2_000
        assert in_bounds(read(text, language), text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_control_characters_between_letters__break_nothing(language: str) -> None:
    controls = "".join(map(chr, [*range(1, 32), *range(127, 160), 0x2028, 0x2029, 0x200D]))
    words = "".join(BEGINNINGS[language])
    text = "".join(letter + controls[place % len(controls)] for place, letter in enumerate(words))
    assert in_bounds(read(text * 20, language), text * 20)


@pytest.mark.torture
@pytest.mark.parametrize("language", LANGUAGES)
def test_line_of_a_hundred_megabytes__is_read_to_its_end(language: str) -> None:
    said = "".join(f"{words}12 mg, " for words in BEGINNINGS[language])
    line = said + "abc def " * 1_250
    text = line * (100_000_000 // len(line.encode()))
    assert in_bounds(read(text, language), text)
