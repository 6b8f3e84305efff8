"""Run by another interpreter, which has edsnlp: what it says of terms at places of French texts.

Standard input holds a list of (text, start, end) as JSON; the answer is a list of objects.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import Any


def answers(asked: list[tuple[str, int, int]]) -> list[dict[str, bool]]:
    """Whether each term is negated, hypothetical or doubtful, of a relative, or past."""
    french: Any = import_module("edsnlp").blank("eds")
    make: Any = import_module("spacy.tokens").Span
    for name in ("normalizer", "sentences", "negation", "hypothesis", "family", "history"):
        french.add_pipe(f"eds.{name}")
    told = []
    for text, start, end in asked:
        doc = french.make_doc(text)
        span = doc.char_span(start, end, label="term", alignment_mode="expand")
        doc.ents = [make(doc, span.start, span.end, label="term")]
        for _, pipe in french.pipeline:
            doc = pipe(doc)
        (term,) = doc.ents
        told.append({name: bool(getattr(term._, name)) for name in
                     ("negation", "hypothesis", "family", "history")})  # fmt: skip
    return told


if __name__ == "__main__":
    json.dump(answers(json.load(sys.stdin)), sys.stdout)
