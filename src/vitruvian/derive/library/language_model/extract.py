"""Facts that a language model on the site's own machine reads; off until it is asked for by name.

The model is given one part of one note at a time and has no tools, no memory and no other note, so
that orders hidden in a text reach no further than the facts of that text, and these count only
where their words stand in it.
"""

from __future__ import annotations

import json
import tomllib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from vitruvian.base.manifest import Manifest
from vitruvian.derive.engine.extractor import Finding, release_of
from vitruvian.derive.errors import EndpointSilent, SettingsMissing
from vitruvian.derive.library.language_model.answer import (
    MOST_FACTS,
    Said,
    Unusable,
    anchored,
    facts_of,
    number_in,
    schema,
)  # fmt: skip
from vitruvian.derive.library.language_model.endpoint import (
    NoAnswer,
    endpoint_from_settings,
    model_named,
)  # fmt: skip
from vitruvian.derive.text import Context, Note, Terms
from vitruvian.terms.codes import text_code

FOLDER = Path(__file__).parent
# About 2,000 tokens of text: small models get lost in more.
PART_AT_MOST, PARTS_AT_MOST = 8_000, 16
MOST_TOKENS = 4_096
# So many questions in a row without an answer, and the endpoint is taken for broken.
PATIENCE = 5
LANES = {
    "problem": "problem", "medicine": "medication", "procedure": "procedure",
    "allergy": "allergy", "imaging": "imaging", "measurement": "laboratory",
}  # fmt: skip
BY_MODEL, DISPUTED = "language-model", "context-disputed"


class Extractor:
    """Asks the model about each part of a note, and counts what could not be used."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self._dropped: Counter[str] = Counter()
        self._silent = 0

    @property
    def release(self) -> str:
        """The model's name, the prompt's version, and a hash of the prompt."""
        return f"{model_named()} prompt {prompt()['version']} {release_of(FOLDER)}"

    def terms(self, language: str) -> tuple[Terms, ...]:  # noqa: ARG002 (the protocol's)
        """None: it looks for no words of its own."""
        return ()

    def dropped(self) -> Counter[str]:
        """What was left out since this was last asked, by reason."""
        told, self._dropped = self._dropped, Counter()
        return told

    def extract(self, note: Note) -> Iterable[Finding]:
        """What the model reads in a note and the note bears out.

        Raises
        ------
        SettingsMissing
            When no endpoint is named.
        EndpointNotOurs
            When the endpoint is on a host that the site did not declare.
        EndpointSilent
            When nobody answers there, or it fails again and again.
        """
        if self.manifest.missing_settings:
            raise SettingsMissing(self.manifest.name, self.manifest.missing_settings)
        spans = parts_of(note)
        self._count("beyond-the-longest-note", len(spans) - PARTS_AT_MOST)
        for first, last in spans[:PARTS_AT_MOST]:
            yield from self._of_part(note, first, last)

    def _of_part(self, note: Note, first: int, last: int) -> Iterator[Finding]:
        shown = note.folded.shown[first:last]
        told = self._asked(shown)
        self._count("too-many-facts", len(told) - MOST_FACTS)
        plain = shown.replace("\n", " ")
        for fact in told[:MOST_FACTS]:
            try:
                yield finding(note, anchored(fact, plain), first)
            except Unusable as fault:
                self._count(fault.reason)

    def _asked(self, shown: str) -> list[Any]:
        """The facts of an answer; none where it cannot be used."""
        endpoint = endpoint_from_settings()
        try:
            body = endpoint.ask(question(shown, endpoint.model))
        except NoAnswer as fault:
            self._count(fault.reason)
            self._silent += fault.endpoint_failed
            if self._silent >= PATIENCE:
                self._silent = 0
                raise EndpointSilent(why=f"{PATIENCE} questions in a row, {fault.reason}") from None
            return []
        self._silent = 0
        try:
            return facts_of(body)
        except Unusable as fault:
            self._count(fault.reason)
            return []

    def _count(self, reason: str, number: int = 1) -> None:
        if number > 0:
            self._dropped[reason] += number


@cache
def prompt() -> dict[str, str]:
    """What the model is asked, with its version."""
    return tomllib.loads((FOLDER / "prompt.toml").read_text("utf-8"))


def question(shown: str, model: str) -> bytes:
    """One request for a completion: the instructions, and a part of a note as all the rest."""
    asked = {
        "model": model,
        "messages": [
            {"role": "system", "content": prompt()["system"].strip()},
            {"role": "user", "content": shown},
        ],
        "temperature": 0,
        "seed": 0,
        "max_tokens": MOST_TOKENS,
        "stream": False,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "facts", "strict": True, "schema": schema()},
        },
    }
    return json.dumps(asked).encode("ascii")


def parts_of(note: Note) -> list[tuple[int, int]]:
    """Spans of a note that are asked about one by one: whole sentences, blank ones left out."""
    shown, starts = note.folded.shown, note.sentence_starts
    spans, first = [], 0
    while first < len(shown):
        last = len(shown)
        if last - first > PART_AT_MOST:
            sentence = starts[bisect_right(starts, first + PART_AT_MOST) - 1]
            last = sentence if sentence > first else first + PART_AT_MOST
        if shown[first:last].strip():
            spans.append((first, last))
        first = last
    return spans


def finding(note: Note, said: Said, first: int) -> Finding:
    """An anchored fact as a finding; our own reading of its context is kept beside the model's."""
    told, (start, end) = said.fields, (said.start + first, said.end + first)
    ours = note.context(start, end)
    relation = ours.relation if told["experiencer"] == ours.experiencer else None
    theirs = Context(
        told["polarity"], told["certainty"], told["temporality"], told["experiencer"], relation
    )
    words = note.folded.shown[start:end].replace("\n", " ")
    plain = Finding(
        start, end, LANES[told["kind"]], text_code(words), words, theirs, act=_act(told),
        state="stopped" if told["act"] == "stopped" else None,
        # A language without a pack has no words by which we could doubt.
        flags=(BY_MODEL, DISPUTED) if note.pack.version and theirs != ours else (BY_MODEL,),
    )  # fmt: skip
    return _with_detail(plain, told["kind"], told["detail"])


def _act(told: Any) -> str:
    if told["kind"] not in {"medicine", "procedure"}:
        return "observed"
    return "reported" if told["act"] in {"stopped", "observed"} else str(told["act"])


def _with_detail(plain: Finding, kind: str, detail: str) -> Finding:
    """Dose, value or reaction, each as written."""
    if not detail or kind in {"problem", "procedure"}:
        return plain
    if kind == "medicine":
        return plain._replace(dose_text=detail)
    number = number_in(detail) if kind == "measurement" else None
    if number is None:
        return plain._replace(text_value=detail)
    comparator, written, unit = number
    return plain._replace(
        numeric_value=float(written.replace(",", ".")), value_as_sent=written, unit_as_sent=unit,
        comparator=comparator,
    )  # fmt: skip
