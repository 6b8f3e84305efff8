"""Whatever is done to a text for matching, every place leads back to the text as sent."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from vitruvian.derive.text import Terms
from vitruvian.derive.text.fold import fold

ODD = "a Bé\u0301e\u0301ßİÅå\u0130\r\n\t \u00a0\u2003.,;:()-\u2013\u0627\u0644\u05d0😀👩‍⚕️한漢ﬁ\u200b\u0307"
TEXTS = st.text(alphabet=st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=["Cs"])))


@given(TEXTS)
@example("Chest\r\n  PAIN, u\u0308bel")
@example("\u0301 leading mark")
@example("  \n\n ")
def test_places__lead_back_to_the_same_letter(text: str) -> None:
    folded = fold(text)
    for place, letter in enumerate(folded.shown):
        start, end = folded.origin(place, place + 1)
        piece = text[start:end]
        if letter.isspace():
            assert piece.isspace() or not piece.strip()
        else:
            assert unicodedata.normalize("NFC", piece)[0] == letter


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


def test_spans__hold_beyond_the_basic_plane() -> None:
    text = "😀😀 no  fever 👩‍⚕️ then fever"
    folded = fold(text)
    spans = [folded.origin(s, e) for s, e, _ in Terms([("fever", 1)]).find(folded.words)]
    assert [text[a:b] for a, b in spans] == ["fever", "fever"]
