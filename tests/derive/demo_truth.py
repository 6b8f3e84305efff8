"""`python -m tests.derive.demo_truth`: facts read from notes of made-up lives beside their truth.

What was planted counts as told where a note holds its words; a fact read is right where the life
holds it at all, by code, and by value where it has one.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from tests.derive.labelled.scoring import Count, total
from vitruvian.demo import lives
from vitruvian.derive.engine.library import extractors
from vitruvian.derive.engine.notes import AS_READ
from vitruvian.derive.engine.reading import read_batch
from vitruvian.derive.engine.rows import derivation_of

Fact = tuple[str, str, float | None]
KINDS = ("diagnosis", "medicine", "measurement", "smoking")
ICD10, ATC, LOINC = "icd-10", "atc", "loinc"
SMOKING = "72166-2"


def measured(seed: int, count: int) -> dict[str, Count]:
    """Right, invented and missed facts of each kind, over some lives."""
    told: dict[str, list[Count]] = defaultdict(list)
    for life in lives(seed, count):
        text = "\n".join(paper.text.lower() for paper in life.documents)
        truth, found = set(planted(life)), set(read(life))
        for kind in KINDS:
            ours = {fact for fact in found if fact[0] == kind}
            held = {fact: words for fact, words in truth if fact[0] == kind}
            missed = {f for f, words in held.items() if f not in ours and in_words(text, words)}
            right = len(ours & held.keys())
            told[kind].append(Count(right, len(ours) - right, len(missed)))
    return {kind: total(counts) for kind, counts in told.items()}


def in_words(text: str, words: str) -> bool:
    """Whether a note tells what is called so; what has no words of its own is not asked for."""
    return bool(words) and words.lower() in text


def planted(life: Any) -> Iterator[tuple[Fact, str]]:
    """What the life holds, and the words it is called by."""
    for condition in life.conditions:
        for code in coded(condition.concept, ICD10):
            yield ("diagnosis", _family(code), None), condition.concept.text
    for given in (*life.prescriptions, *life.administrations):
        yield ("medicine", given.drug.text.lower(), None), given.drug.text
    for result in life.measurements:
        for code in coded(result.concept, LOINC):
            if code == SMOKING and result.finding:
                said = result.finding.codings[0].code
                yield ("smoking", _DAILY.get(said, said), None), ""
        for part in (result, *result.components):
            for code in coded(part.concept, LOINC):
                if part.value:
                    words = f"{part.concept.text} {part.value} {part.unit}"
                    yield ("measurement", code, float(part.value)), words


def coded(concept: Any, system: str) -> Iterator[str]:
    """Its codes of one system."""
    return (one.code for one in concept.codings if system in one.system.lower())


def read(life: Any) -> Iterator[Fact]:
    """What our extractors read in its notes, of the patient and affirmed."""
    rows = [
        {
            "note_id": number, "subject_id": 1, "version_id": number, "site": "test",
            "source_id": "test", "locator": f"record {number}", "known_at": paper.time,
            "time": paper.time, "known_at_basis": "stated", "language": "en", "text": paper.text,
            "is_new": True,
        }
        for number, paper in enumerate(life.documents)
    ]  # fmt: skip
    batch = pa.RecordBatch.from_pylist(rows, schema=AS_READ)
    derivations = {each: derivation_of(each) for each in extractors()}
    for event in read_batch(batch, derivations).events.to_pylist():
        affirmed = event["polarity"] == "affirmed" and event["certainty"] == "certain"
        if (
            affirmed
            and event["experiencer"] == "patient"
            and event["temporality"] != "hypothetical"
        ):
            yield from _fact(event)


def _fact(event: dict[str, Any]) -> Iterator[Fact]:
    system, _, code = event["code"].partition("//")
    if event["category"] == "problem" and system.startswith("ICD10"):
        if not code.startswith("R"):  # no symptom is planted
            yield "diagnosis", _family(code), None
    elif event["category"] == "medication" and system in {"RXNORM", "ATC"}:
        yield "medicine", event["code_text"].lower(), None
    elif code == SMOKING:
        yield "smoking", (event["value_code"] or "").partition("//")[2], None
    elif event["category"] in {"vital", "laboratory"} and event["numeric_value"] is not None:
        yield "measurement", code, float(event["numeric_value"])


def _family(code: str) -> str:
    """The category of ICD-10; one for diabetes, whose type a note may leave out."""
    return "E10-E14" if "E10" <= code < "E15" else code.partition(".")[0]


# A daily smoker is one who smokes.
_DAILY = {"449868002": "77176002"}


def main() -> None:
    """A line a kind."""
    for kind, counts in measured(3, int(sys.argv[1]) if len(sys.argv) > 1 else 200).items():
        sys.stdout.write(
            f"{kind:<12} precision {counts.precision:.3f} recall {counts.recall:.3f} {counts}\n"
        )


if __name__ == "__main__":
    main()
