"""What of an answer counts: only what the note bears out, at one exact place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.derive.library.language_model.server import Model, fact
from vitruvian.derive.engine.extractor import Extractor, Finding, left_out
from vitruvian.derive.text import Note, pack_for

TEXT = "No fever today. Cough since Monday.\r\nTakes  metformin 500 mg. Fever last week, no pills. Cough\u0302 today."
SURE = "Cough since Monday."


def read(extractor: Extractor, text: str, language: str = "en") -> list[Finding]:
    return list(extractor.extract(Note(text, pack_for(language))))


def quoted(extractor: Extractor, text: str, language: str = "en") -> list[str]:
    note = Note(text, pack_for(language))
    return [text[slice(*note.folded.origin(f.start, f.end))] for f in extractor.extract(note)]


WRONG: dict[str, tuple[str, Any]] = {
    "words that are not there": ("not-in-the-note", fact("diabetes", "diabetes mellitus")),
    "a passage that is not there": ("not-in-the-note", fact("Cough", "Cough since Tuesday.")),
    "a quote outside its passage": ("not-in-the-note", fact("fever", SURE)),
    "another case": ("not-in-the-note", fact("cough", SURE)),
    "a piece of a word": ("not-in-the-note", fact("pill", "no pills")),
    "a letter without its mark": ("not-in-the-note", fact("Cough", "Cough\u0302 today")),
    "a mark without its letter": ("not-in-the-note", fact("\u0302 today", "Cough\u0302 today")),
    "nothing quoted": ("not-the-form", fact("", SURE)),
    "spaces quoted": ("not-the-form", fact("  \n", SURE)),
    "no passage": ("not-in-the-note", fact("Cough", "")),
    "another dose": (
        "detail-not-in-passage",
        fact("metformin", "Takes metformin 500 mg.", kind="medicine", detail="5000 mg"),
    ),
    "an unknown kind": ("not-the-form", fact("Cough", SURE, kind="diagnosis")),
    "an unknown polarity": ("not-the-form", fact("Cough", SURE, polarity="maybe")),
    "another patient": ("not-the-form", fact("Cough", SURE, subject_id=2)),
    "a code of its own": ("not-the-form", fact("Cough", SURE, code="ICD10//C34.9")),
    "a missing field": ("not-the-form", {"kind": "problem", "quote": "Cough"}),
    "a number for words": ("not-the-form", fact("Cough", SURE, detail=7)),
    "a list for words": ("not-the-form", {**fact("Cough", SURE), "quote": ["Cough"]}),
    "no fact at all": ("not-the-form", "Cough"),
    "nothing": ("not-the-form", None),
    "a quote without end": ("not-the-form", fact("x" * 5_000, "x" * 5_000)),
}


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_fact__is_left_out_and_counted_and_the_next_counts(
    extractor: Extractor, model: Model, kind: str
) -> None:
    reason, told = WRONG[kind]
    model.answer = lambda _: [told, fact("Cough", SURE)]
    assert quoted(extractor, TEXT) == ["Cough"]
    assert left_out([extractor]) == {reason: 1}


def test_words_that_stand_twice__need_a_passage_that_stands_once(
    extractor: Extractor, model: Model
) -> None:
    text = "Fever on Monday. Fever on Friday."
    model.answer = lambda _: [fact("Fever", "Fever"), fact("Fever", "Fever on Friday")]
    (found,) = read(extractor, text)
    assert found.start == text.rindex("Fever")
    assert left_out([extractor]) == {"place-not-clear": 1}


def test_too_many_facts__are_cut_and_counted(extractor: Extractor, model: Model) -> None:
    model.answer = lambda _: [fact("Cough", SURE)] * 1_000
    assert len(read(extractor, TEXT)) == 200
    assert left_out([extractor]) == {"too-many-facts": 800}


def test_fact__has_a_code_of_its_words_and_what_the_model_says_of_it(
    extractor: Extractor, model: Model
) -> None:
    model.answer = lambda _: [
        fact(
            "metformin", "Takes metformin 500 mg", kind="medicine", act="stopped", detail="500 mg"
        ),
        fact("fever", "No fever", polarity="negated"),
        fact("Fever", "Fever last week", temporality="historical"),
    ]
    medicine, fever, before = read(extractor, TEXT)
    assert (medicine.category, medicine.code) == ("medication", "TEXT//metformin")
    assert (medicine.act, medicine.state, medicine.dose_text) == ("reported", "stopped", "500 mg")
    assert (fever.context.polarity, fever.flags) == ("negated", ("language-model",))
    assert before.flags == ("language-model", "context-disputed")


@pytest.mark.parametrize(
    "case",
    [
        ("10.2 g/dL", 10.2, "g/dL", None),
        ("10,2 g/dl", 10.2, "g/dl", None),
        ("<5 mg/L", 5.0, "mg/L", "<"),
        ("98 %", 98.0, "%", None),
        ("7", 7.0, None, None),
        ("1,200", None, None, None),
        ("high", None, None, None),
        ("120/80", 120.0, "/80", None),
    ],
)
def test_value__is_as_written_or_words(
    extractor: Extractor, model: Model, case: tuple[str, float | None, str | None, str | None]
) -> None:
    written, number, unit, comparator = case
    model.answer = lambda part: [fact("Value", part, kind="measurement", detail=written)]
    (found,) = read(extractor, f"Value {written} today")
    assert (found.numeric_value, found.unit_as_sent, found.comparator) == (number, unit, comparator)
    assert found.unit is None
    assert (found.text_value == written) == (number is None)


@pytest.mark.parametrize(
    "case",
    [
        ("nb", "Hun har høy feber\r\n  og hoste.", "høy feber og", "høy feber\r\n  og"),
        ("zh", "患者发热三天\uff0c无咳嗽。", "发热", "发热"),
        ("fr", "Fie\u0300vre depuis hier 😀.", "Fi\u00e8vre", "Fie\u0300vre"),
        ("ar", "لديه حمى منذ أمس.", "حمى", "حمى"),
        ("xx", "\uff26\uff45\uff56\uff45\uff52 today", "Fever", "\uff26\uff45\uff56\uff45\uff52"),
    ],
)
def test_any_language__is_quoted_exactly(
    extractor: Extractor, model: Model, case: tuple[str, str, str, str]
) -> None:
    language, text, quote, expected = case
    model.answer = lambda part: [fact(quote, part.replace("\n", " "))]
    assert quoted(extractor, text, language) == [expected]


WORDS = st.sampled_from(
    [
        "fever",
        " ",
        "\r\n",
        "  ",
        "e\u0301",
        "\u0301",
        "😀",
        "无",
        "发热",
        "حمى",
        "\uff21",
        ".",
        "1",
        "\x00",
    ]
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(WORDS, max_size=25), st.integers(0, 30), st.integers(1, 9))
def test_whatever_is_quoted__the_span_holds_those_words(
    extractor: Extractor, model: Model, words: list[str], first: int, length: int
) -> None:
    text = "".join(words)
    said: list[str] = []

    def copying(part: str) -> list[Any]:
        said[:] = [part[first : first + length]]
        return [fact(said[0], part)]

    model.answer = copying
    for found in quoted(extractor, text):
        assert "".join(Note(found, pack_for("en")).folded.shown.split()) == "".join(said[0].split())
