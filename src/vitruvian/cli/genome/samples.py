"""Commands about genomes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from vitruvian.cli.terminal import DONE, FAILED, access_of, say, say_json
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from vitruvian.identity.samples import SampleReport


def add_genome(whole: Words) -> None:
    """Commands about genomes."""
    genome = whole.add_group("genome", "Samples and their genomes.")
    check = genome.command("check", run_check, example="genome check --lake lake")
    check.lake()
    check.json()


def run_check(asked: argparse.Namespace) -> int:
    """Find swapped samples by sex and kinship; 1 when one cannot be whose it is said to be."""
    from vitruvian.identity.samples import check_samples
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake, lake.read(access_of("operations")) as reader:
        report = check_samples(reader)
    if asked.json:
        say_json(report.as_json())
    else:
        _tell(report)
    return FAILED if report.problems else DONE


def _tell(report: SampleReport) -> None:
    told = {"male": 0, "female": 0, "unclear": 0, "not looked": 0}
    for sample in report.samples:
        told[sample.told] += 1
    say(
        f"{len(report.samples):,} germline samples: {told['female']:,} with two X, "
        f"{told['male']:,} with one X, {told['unclear']:,} unclear, "
        f"{told['not looked']:,} with too few calls on X to tell"
    )
    say(
        f"{report.compared:,} pairs of samples compared; {report.incomparable:,} cannot be "
        "(too few calls in both, or nobody said where they were called)"
    )
    for pair in report.pairs:
        if pair.persons[0] != pair.persons[1] and pair.degree != "same genome":
            people = " and ".join(str(person) for person in pair.persons)
            say(f"persons {people}: {pair.degree} relatives (kinship {pair.kinship:.3f})")
    for problem in report.problems:
        people = " and ".join(str(person) for person in dict.fromkeys(problem.persons))
        say(f"PROBLEM {problem.code}, person {people}: {problem.message}")
    if not report.problems:
        say("no sample contradicts what is recorded")
