"""Whatever is done to a text for matching, every place leads back to the text as sent."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from vitruvian.derive.text import Lexicon, Terms
from vitruvian.derive.text.fold import fold, words_of

ODD = "a Bé\u0301e\u0301ßİÅå\u0130\r\n\t \u00a0\u2003.,;:()-\u2013\u0627\u0644\u05d0😀👩‍⚕️한漢ﬁ\u200b\u0307"
ODD += "\uff10\uff13\uff21\uff1a\uff0c\uff1b\u3002\u3001\u3000\u672a\u89c1\u764c"
# Full-width forms, but for the three signs that end a Chinese sentence.
NARROW = {0xFEE0 + c: c for c in range(0x21, 0x7F) if chr(c) not in "!;?"}
TEXTS = st.text(alphabet=st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=["Cs"])))


@given(st.text(st.characters(max_codepoint=127)) | TEXTS)
def test_words_of_a_term__are_those_of_a_whole_text(term: str) -> None:
    assert words_of(term) == " ".join(fold(term).words.split())


@given(TEXTS)
@example("Chest\r\n  PAIN, u\u0308bel")
@example("\u0301 leading mark")
@example("x\u0344 e\u0301 y\u0302\u0323 \ufb2c\u0302")
@example("  \n\n ")
def test_places__lead_back_to_the_same_letter(text: str) -> None:
    folded = fold(text)
    for place, letter in enumerate(folded.shown):
        start, end = folded.origin(place, place + 1)
        piece = text[start:end]
        if letter.isspace():
            assert piece.isspace() or not piece.strip()
        else:
            signs = unicodedata.normalize("NFC", piece.translate(NARROW))
            # marks behind one letter have no order of their own
            assert letter in (signs if unicodedata.combining(letter) else signs[0])


@given(TEXTS)
def test_strings__have_the_same_places(text: str) -> None:
    folded = fold(text)
    assert len(folded.shown) == len(folded.folded) == len(folded.words)


@given(TEXTS)
def test_white_space__is_collapsed(text: str) -> None:
    shown = fold(text).shown
    assert not any(a.isspace() and b.isspace() for a, b in pairwise(shown))


@given(TEXTS, TEXTS, st.sampled_from(["chest pain", "Übelkeit", "brystsmerter på høyre side"]))
def test_term__is_quoted_as_it_was_sent(before: str, after: str, term: str) -> None:
    sent = unicodedata.normalize("NFD", term).upper().replace(" ", "\r\n  ")
    text = f"{before} . {sent} . {after}"
    folded = fold(text)
    found = [
        text[slice(*folded.origin(start, end))]
        for start, end, _ in Terms([(term, "it")]).find(folded.words)
    ]
    assert sent in found


@given(st.text(alphabet="aB.1 "))
@example("One.  Two.   Three.  ")
def test_plain_text__is_folded_as_every_other_text_is(text: str) -> None:
    plain, other = fold(text), fold(f"{text}\u00e9")
    assert other.shown == f"{plain.shown}\u00e9"
    for place in range(len(plain.shown)):
        assert plain.origin(place, place + 1) == other.origin(place, place + 1)


@given(TEXTS)
@example(".\u0301 \u0301x\u0302")
def test_mark_without_a_composed_letter__stays_whatever_else_is_in_the_text(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    alone, beside = fold(composed), fold(f"{composed}e\u0301")
    assert beside.shown == f"{alone.shown}\u00e9"
    for place in range(len(alone.shown)):
        assert alone.origin(place, place + 1) == beside.origin(place, place + 1)


def test_one_letter__keeps_its_mark() -> None:
    assert fold("e\u0301").origin(0, 1) == (0, 2)


def test_spans__hold_beyond_the_basic_plane() -> None:
    text = "😀😀 no  fever 👩‍⚕️ then fever"
    folded = fold(text)
    spans = [folded.origin(s, e) for s, e, _ in Terms([("fever", 1)]).find(folded.words)]
    assert [text[a:b] for a, b in spans] == ["fever", "fever"]


@given(TEXTS, TEXTS)
@example("\uff21\u0301\u3000", "e\u0301\r\n")
def test_chinese_term__is_quoted_as_it_was_sent_without_spaces(before: str, after: str) -> None:
    sent = "\uff2b\uff32\uff21\uff33\u57fa\u56e0"
    text = f"{before}。{sent}\u7a81\u53d8{after}"
    folded, terms = fold(text), Terms([("KRAS\u57fa\u56e0", "it")])
    (found,) = Lexicon([terms]).find(folded.words)[terms]
    assert text[slice(*folded.origin(found.start, found.end))] == sent


def test_name_in_letters__is_no_part_of_a_longer_one_in_chinese() -> None:
    terms = Terms([("ALK", "it"), ("\u764c", "other")])
    words = fold("ALK\u9633\u6027 ALKX 2ALK \u764cALK").words
    assert [m.start for m in terms.find(words)] == [0, 16, 17]
