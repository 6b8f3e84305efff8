"""Samples of a lake held against what is recorded: sex, and who is whose genome.

A swapped tube looks like a wrong sex, like one genome in two people, or like two genomes in one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from vitruvian.identity.samples.kinship import SAME_ABOVE, SECOND_ABOVE, degree_of, kinship
from vitruvian.identity.samples.reading import BUILDS, Compared, compared, sex_counts
from vitruvian.identity.samples.sex import SexCounts, SexJudged, judge_sex

if TYPE_CHECKING:
    from vitruvian.lake import Reader

Code = Literal["sex-differs", "sex-unclear", "one-genome-two-people", "two-genomes-one-person"]
_SEXES = ("male", "female")


@dataclass(frozen=True)
class SampleSex:
    """One sample's sex as recorded and as its genome tells it.

    ``recorded`` is None when nobody said it, or two sources disagree; ``f`` is PLINK's F on X.
    """

    assay_id: int
    person_id: int
    recorded: str | None
    told: SexJudged
    f: float | None
    y_called: int
    y_offered: int


@dataclass(frozen=True)
class Pair:
    """Two samples that are one genome, or close relatives."""

    assays: tuple[int, int]
    persons: tuple[int, int]
    kinship: float
    degree: str


@dataclass(frozen=True)
class SampleProblem:
    """What cannot be as it is recorded."""

    code: Code
    assays: tuple[int, ...]
    persons: tuple[int, ...]
    message: str


@dataclass(frozen=True)
class SampleReport:
    """What the samples of a lake tell.

    ``incomparable`` counts pairs that nothing can be said of: of different files, and nobody said
    where they were called, or too few calls in both.
    """

    samples: tuple[SampleSex, ...]
    pairs: tuple[Pair, ...]
    problems: tuple[SampleProblem, ...]
    compared: int
    incomparable: int

    def as_json(self) -> dict[str, Any]:
        """The stable JSON form; ids are strings, as a browser would round them."""
        said: dict[str, Any] = _texts(asdict(self))
        return said


def _texts(said: Any) -> Any:
    """Ids of 64 bits as text, wherever they stand."""
    if isinstance(said, dict):
        ids = ("assay_id", "person_id", "assays", "persons")
        return {
            key: ([str(n) for n in value] if isinstance(value, tuple) else str(value))
            if key in ids
            else _texts(value)
            for key, value in said.items()
        }
    return [_texts(each) for each in said] if isinstance(said, tuple | list) else said


def check_samples(reader: Reader) -> SampleReport:
    """Hold every sample of a lake against the recorded sex, and against every other one.

    Notes
    -----
    Samples of tumours are compared by kinship only: a lost X reads as one X. Two samples of
    different files are compared only when it is known where both were called (a BED file or a
    gVCF): a VCF that leaves out what is reference would make strangers look alike.
    """
    columns = ["assay_id", "subject_id", "linked", "origin"]
    rows = reader.rows("assay", columns=columns).to_pylist()
    persons = reader.persons()
    person_of = {row["assay_id"]: persons.get(row["subject_id"], row["subject_id"]) for row in rows}
    recorded = _recorded(reader, persons)
    counts = sex_counts(reader)
    samples = tuple(
        _sample(row["assay_id"], person_of, recorded, counts.get(row["assay_id"], _NOTHING))
        for row in sorted(rows, key=lambda row: row["assay_id"])
        if row["origin"] != "somatic"
    )
    seen = [_compare(compared(reader, build), person_of) for build in BUILDS]
    pairs = tuple(pair for found, _, _ in seen for pair in found)
    problems = (*_sex_problems(samples), *_pair_problems(pairs))
    close = tuple(pair for pair in pairs if pair.kinship > SECOND_ABOVE)
    done, left = sum(count for _, count, _ in seen), sum(count for *_, count in seen)
    return SampleReport(samples, close, problems, done, left)


_NOTHING = SexCounts(0, 0, 0, 0)


def _recorded(reader: Reader, persons: Mapping[int, int]) -> dict[int, str | None]:
    """The sex of each person; None where sources disagree or say neither."""
    found: dict[int, set[str]] = {}
    for row in reader.rows("patient", columns=["subject_id", "sex"]).to_pylist():
        if row["sex"] in _SEXES:
            person = persons.get(row["subject_id"], row["subject_id"])
            found.setdefault(person, set()).add(row["sex"])
    return {person: min(said) if len(said) == 1 else None for person, said in found.items()}


def _sample(
    assay: int,
    person_of: Mapping[int, int],
    recorded: Mapping[int, str | None],
    counts: SexCounts,
) -> SampleSex:
    person = person_of[assay]
    return SampleSex(
        assay, person, recorded.get(person), judge_sex(counts), counts.f, counts.y_called,
        counts.y_offered,
    )  # fmt: skip


def _compare(samples: Compared, person_of: Mapping[int, int]) -> tuple[list[Pair], int, int]:
    """Pairs of one person and pairs of one genome, or kin; how many were and were not compared."""
    values = kinship(samples.genotypes)
    file, complete = np.array(samples.files), np.array(samples.complete, bool)
    may = (file[:, None] == file) | (complete[:, None] & complete)
    told = np.triu(may & ~np.isnan(values), k=1)
    persons = [person_of[assay] for assay in samples.assays]
    one = np.array(persons, np.int64)
    told_of = told & ((values > SECOND_ABOVE) | (one[:, None] == one))
    found = [
        Pair(
            (samples.assays[a], samples.assays[b]), (persons[a], persons[b]),
            round(float(values[a, b]), 4), degree_of(float(values[a, b])),
        )
        for a, b in np.argwhere(told_of)
    ]  # fmt: skip
    every = len(persons) * (len(persons) - 1) // 2
    return found, int(told.sum()), every - int(told.sum())


def _sex_problems(samples: tuple[SampleSex, ...]) -> Iterator[SampleProblem]:
    for sample in samples:
        of = ((sample.assay_id,), (sample.person_id,))
        if sample.told == "unclear":
            yield SampleProblem("sex-unclear", *of, _UNCLEAR)
        elif sample.told in _SEXES and sample.recorded not in (None, sample.told):
            yield SampleProblem("sex-differs", *of, _DIFFERS)


def _pair_problems(pairs: tuple[Pair, ...]) -> Iterator[SampleProblem]:
    for pair in pairs:
        same, one = pair.kinship > SAME_ABOVE, pair.persons[0] == pair.persons[1]
        if same and not one:
            yield SampleProblem("one-genome-two-people", pair.assays, pair.persons, _ONE_GENOME)
        elif one and not same:
            yield SampleProblem("two-genomes-one-person", pair.assays, pair.persons, _TWO_GENOMES)


_DIFFERS = (
    "The genome tells another sex than is recorded for the person: the tube may be another's. "
    "Check the sample's way from the ward, and the recorded sex."
)
_UNCLEAR = (
    "The genome tells neither one X nor two: the sample may hold two people's blood, or the "
    "person an unusual number of sex chromosomes. Ask the laboratory."
)
_ONE_GENOME = (
    "Two samples are one genome and belong to two people: a swap, one person registered twice, "
    "or identical twins. Check both samples; link the two records if they are one person."
)
_TWO_GENOMES = (
    "Two samples of one person are not one genome: one of them is another's, or two people were "
    "linked as one. Check both samples and the links."
)
