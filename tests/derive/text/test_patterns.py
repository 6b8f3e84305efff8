"""Several patterns at once: each is held as the standard library says, alone."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from vitruvian.derive.engine.extractor import knowledge
from vitruvian.derive.library.oncology.ways import ENGLISH, FOLDER, as_written, holds
from vitruvian.derive.text import Several

PATTERNS = {"stage": r"stage|\bstg", "short": " (?:CR|PR)", "han": "期|分期", "mark": r"\?"}
TEXTS = st.text(alphabet=st.sampled_from(list("stage stg CRPR期分?é\n")))


@given(TEXTS)
def test_several__are_each_held_as_if_asked_alone(text: str) -> None:
    held = {name for name, pattern in PATTERNS.items() if re.search(pattern, text)}
    assert Several(PATTERNS).held_in(text) == held


def test_words_asked_first__are_found_where_they_stand_and_nowhere_else() -> None:
    texts = ("Stage II, ECOG 1, pT2 N0", "no cancer here", "RECIST response: PR", "Ta, N0", "")
    names = [n for n in knowledge(FOLDER, "terms", ENGLISH)["patterns"] if n.endswith("_word")]
    for text in texts:
        for name in names:
            alone = re.search(as_written(name, ENGLISH), text) is not None
            assert holds(text, name, ENGLISH) == alone
    assert len(names) > 8
