"""French context beside edsnlp (BSD-3-Clause), on every term of the labelled set in French.

edsnlp brings spaCy and some sixty packages, so it runs in an interpreter of its own:
`EDSNLP_PYTHON` names one that has it (0.23.0 was measured).
"""

from __future__ import annotations

import json
import os
import subprocess
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.derive.labelled.forms import Label, items
from vitruvian.derive.text import Context, Note, pack_for

Said = tuple[bool, bool, bool, bool]
QUALIFIERS = ("negation", "hypothesis", "family", "history")
Term = tuple[str, int, int]


@pytest.fixture(scope="module")
def labelled() -> list[tuple[Term, Said]]:
    """Terms with a context, and what the reader says of each."""
    return [
        ((item.text, label.start, label.end), said(label))
        for item in items("fr")
        for label in item.labels
        if label.kind in {"problem", "tumour", "metastasis", "imaging"}
    ]


@pytest.fixture(scope="module")
def theirs(labelled: list[tuple[Term, Said]]) -> list[Said]:
    """What edsnlp says."""
    python = os.environ.get("EDSNLP_PYTHON")
    if not python:
        pytest.skip("EDSNLP_PYTHON names no interpreter that has edsnlp")
    done = subprocess.run(
        [python, "-I", str(Path(__file__).with_name("edsnlp_reads.py"))],
        input=json.dumps([term for term, _ in labelled]), capture_output=True, check=True,
        text=True,
    )  # fmt: skip
    told: list[dict[str, bool]] = json.loads(done.stdout.splitlines()[-1])
    return [(one["negation"], one["hypothesis"], one["family"], one["history"]) for one in told]


def said(label: Label) -> Said:
    """A reader's context in four answers."""
    told = label.says
    return (
        told.get("polarity") == "negated",
        told.get("certainty", "certain") != "certain" or told.get("temporality") == "hypothetical",
        told.get("experiencer") == "family" or "relation" in told,
        told.get("temporality") == "historical",
    )


def of_context(context: Context) -> Said:
    """Ours in four answers."""
    return (
        context.polarity == "negated",
        context.certainty != "certain" or context.temporality == "hypothetical",
        context.experiencer == "family",
        context.temporality == "historical",
    )


def ours(term: Term) -> Said:
    """What our rules say of a term at a place of the text as sent."""
    text, start, end = term
    note = Note(text, pack_for("fr"))
    places = [note.folded.origin(place, place + 1)[0] for place in range(len(note.words))]
    return of_context(note.context(bisect_left(places, start), bisect_left(places, end)))


def f1(answers: Sequence[Said], expected: Sequence[Said], which: int) -> float:
    """Of one qualifier."""
    pairs = [(a[which], e[which]) for a, e in zip(answers, expected, strict=True)]
    right = sum(a and e for a, e in pairs)
    return 2 * right / max(1, sum(a for a, _ in pairs) + sum(e for _, e in pairs))


@pytest.mark.parametrize("name", QUALIFIERS)
def test_context__is_no_worse_than_that_of_edsnlp(
    name: str, labelled: list[tuple[Term, Said]], theirs: list[Said]
) -> None:
    which = QUALIFIERS.index(name)
    expected = [each for _, each in labelled]
    mine = f1([ours(term) for term, _ in labelled], expected, which)
    other = f1(theirs, expected, which)
    assert mine >= other
