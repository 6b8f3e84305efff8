"""Swapped samples are found, and samples in order are left in peace: sex and kinship planted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.identity.samples.family import genomes, vcf_of
from tests.ingest.support import PATIENT, SYSTEM, ndjson, take
from vitruvian.base.ids import stable_id
from vitruvian.cli import main
from vitruvian.identity.samples import SampleReport, SexCounts, check_samples, judge_sex
from vitruvian.identity.samples.kinship import degree_of, kinship
from vitruvian.lake import Lake

SEXES = {"father": "male", "mother": "female", "son": "male", "daughter": "female",
         "man": "male", "woman": "female"}  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    people = [PATIENT | {"id": name, "gender": sex} for name, sex in SEXES.items()]
    with Lake.create(tmp_path / "lake", site="test") as opened:
        take(opened, ndjson(inbox / "people.ndjson", *people))
        yield opened


def sheet(path: Path, **of: str) -> Path:
    lines = [
        f"{sample.replace('_', '-')},Patient/{person},germline\n" for sample, person in of.items()
    ]
    path.write_text("sample,patient,origin\n" + "".join(lines), "utf-8")
    return path


def told(lake: Lake) -> SampleReport:
    with lake.read(SYSTEM) as reader:
        return check_samples(reader)


def person(name: str) -> int:
    return stable_id("test", f"Patient/{name}")


def codes(report: SampleReport) -> list[tuple[str, set[int]]]:
    return sorted((each.code, set(each.persons)) for each in report.problems)


# ------------------------------------------------------------------ refusals


def test_files_that_leave_out_the_reference__are_not_compared(lake: Lake, tmp_path: Path) -> None:
    """Two such files of strangers share only what both carry, and would look alike."""
    people = genomes(1)
    for name in ("man", "woman"):
        take(lake, vcf_of(tmp_path / f"{name}.vcf", {name: people[name]}, only_differing=True))
    report = told(lake)
    assert (report.compared, report.incomparable, report.problems) == (0, 1, ())


def test_few_calls_on_x__tell_no_sex() -> None:
    assert judge_sex(SexCounts(0, 29, 600, 400)) == "not looked"
    assert judge_sex(SexCounts(0, 100, 50, 40)) == "not looked"


def test_x_and_y_that_disagree__are_unclear() -> None:
    assert judge_sex(SexCounts(60, 40, 600, 400, y_called=90, y_offered=100)) == "unclear"
    assert judge_sex(SexCounts(0, 100, 600, 400, y_called=2, y_offered=100)) == "unclear"


def test_few_calls__tell_no_kinship() -> None:
    assert np.isnan(kinship(np.ones((2, 99), np.int8))).all()


# ------------------------------------------------------------------ in order


def test_samples_in_order__are_no_problem(lake: Lake, tmp_path: Path) -> None:
    people = {name: genome for name, genome in genomes(2).items() if name in SEXES}
    take(lake, sheet(tmp_path / "s.csv", **{name: name for name in people}))
    take(lake, vcf_of(tmp_path / "all.vcf", people))
    report = told(lake)
    assert report.problems == ()
    assert {each.person_id: each.told for each in report.samples} == {
        person(name): sex for name, sex in SEXES.items()
    }
    kin = {frozenset(pair.persons) for pair in report.pairs}
    family = [("father", "son"), ("father", "daughter"), ("mother", "son"),
              ("mother", "daughter"), ("son", "daughter")]  # fmt: skip
    assert kin == {frozenset(map(person, pair)) for pair in family}
    assert {pair.degree for pair in report.pairs} == {"first degree"}


def test_one_person_sampled_twice__is_no_problem(lake: Lake, tmp_path: Path) -> None:
    people = genomes(3)
    take(lake, sheet(tmp_path / "s.csv", mother="mother", mother_again="mother"))
    twice = {name: people[name] for name in ("mother", "mother-again")}
    take(lake, vcf_of(tmp_path / "two.vcf", twice))
    report = told(lake)
    assert report.problems == ()
    assert [pair.degree for pair in report.pairs] == ["same genome"]


# ------------------------------------------------------------------ swaps


def test_swap_of_a_man_and_a_woman__is_found_by_sex(lake: Lake, tmp_path: Path) -> None:
    people = genomes(4)
    take(lake, sheet(tmp_path / "s.csv", man="woman", woman="man"))
    take(lake, vcf_of(tmp_path / "two.vcf", {name: people[name] for name in ("man", "woman")}))
    assert codes(told(lake)) == sorted(
        [("sex-differs", {person("man")}), ("sex-differs", {person("woman")})]
    )


def test_one_genome_in_two_people__is_found_by_kinship(lake: Lake, tmp_path: Path) -> None:
    people = genomes(5)
    take(lake, sheet(tmp_path / "s.csv", mother="mother", mother_again="woman"))
    twice = {name: people[name] for name in ("mother", "mother-again")}
    take(lake, vcf_of(tmp_path / "two.vcf", twice))
    assert codes(told(lake)) == [("one-genome-two-people", {person("mother"), person("woman")})]


def test_two_genomes_in_one_person__is_found_by_kinship(lake: Lake, tmp_path: Path) -> None:
    people = genomes(6)
    take(lake, sheet(tmp_path / "s.csv", mother="mother", woman="mother"))
    take(lake, vcf_of(tmp_path / "two.vcf", {name: people[name] for name in ("mother", "woman")}))
    assert codes(told(lake)) == [("two-genomes-one-person", {person("mother")})]


def test_files_with_called_regions__are_compared(lake: Lake, tmp_path: Path) -> None:
    people = genomes(7)
    (tmp_path / "all.bed").write_text("chr1\t0\t248956422\n", "utf-8")
    lines = "".join(f"{name},Patient/{of},germline,all.bed\n" for name, of in
                    {"mother": "mother", "mother-again": "woman", "man": "man"}.items())  # fmt: skip
    (tmp_path / "s.csv").write_text("sample,patient,origin,called\n" + lines, "utf-8")
    take(lake, tmp_path / "s.csv", tmp_path / "all.bed")
    for name in ("mother", "mother-again", "man"):
        take(lake, vcf_of(tmp_path / f"{name}.vcf", {name: people[name]}, only_differing=True))
    report = told(lake)
    assert codes(report) == [("one-genome-two-people", {person("mother"), person("woman")})]
    assert report.incomparable == 0


def test_command__says_the_problem_and_fails(
    lake: Lake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = genomes(8)
    take(lake, sheet(tmp_path / "s.csv", man="woman"))
    take(lake, vcf_of(tmp_path / "one.vcf", {"man": people["man"]}))
    lake.close()
    assert main(["genome", "check", "--lake", str(tmp_path / "lake")]) == 1
    said = capsys.readouterr().out
    assert "PROBLEM sex-differs" in said
    assert "Patient/woman" not in said


# ------------------------------------------------------------------ the formula


def plain(one: list[int], other: list[int]) -> float:
    """Equation 11 of Manichaikul et al. 2010 as squared differences, site by site."""
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if a >= 0 and b >= 0]
    fewest = min(sum(a == 1 for a, _ in pairs), sum(b == 1 for _, b in pairs))
    return 0.5 - sum((a - b) ** 2 for a, b in pairs) / (4 * fewest)


def test_kinship__equals_the_published_formula_with_missing_calls() -> None:
    dice = np.random.default_rng(9)
    made = dice.choice(np.array([-1, 0, 1, 2], np.int8), size=(4, 2000))
    found = kinship(made)
    for a in range(4):
        for b in range(4):
            assert found[a, b] == pytest.approx(plain(made[a].tolist(), made[b].tolist()), abs=1e-6)


@pytest.mark.parametrize("value, degree", [
    (0.5, "same genome"), (0.354, "first degree"), (0.177, "second degree"), (0.0884, "not close"),
])  # fmt: skip
def test_degree__has_the_limits_of_king(value: float, degree: str) -> None:
    assert degree_of(value) == degree


def test_neighbours__count_as_one_site(lake: Lake, tmp_path: Path) -> None:
    """A short stretch of one chromosome is inherited whole and tells no kinship."""
    path = vcf_of(tmp_path / "two.vcf", {name: genomes(10)[name] for name in ("man", "woman")})
    text = path.read_text("utf-8").split("\n")
    near = [line.split("\t") for line in text if line.startswith("chr1\t")]
    short = ["\t".join(["chr1", str(10_000 + n), *rest[2:]]) for n, rest in enumerate(near)]
    head = [line for line in text if line.startswith("#")]
    path.write_text("\n".join([*head, *short]) + "\n", "utf-8")
    take(lake, path)
    assert (told(lake).compared, told(lake).incomparable) == (0, 1)
