"""Commands about cohorts."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.cli.terminal import DONE, FAILED, draw, read_bytes, reading, say, say_json
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from vitruvian.criteria.cohorts import Answer, Asked, Definition
    from vitruvian.lake import Reader


def add_cohort(whole: Words) -> None:
    """Commands about cohorts."""
    cohort = whole.add_group("cohort", "Who meets a definition: check it, run it, explain it.")
    example = "cohort examples --out definitions"
    shown = cohort.command("examples", run_examples, example=example).json()
    shown.add_argument("--out", type=Path, metavar="DIR", help="copy the files there")
    check = cohort.command("check", run_check, example="cohort check cohort.yaml").json()
    _file(check)
    example = "cohort run cohort.yaml --lake lake --out answer"
    run = _file(cohort.command("run", run_cohort, example=example).moment())
    words = "write members.csv, group.json, and labels.parquet for MEDS"
    run.add_argument("--out", type=Path, metavar="DIR", help=words)
    run.engine()
    example = "cohort why cohort.yaml 4611686018427387904 --lake lake"
    why = _file(cohort.command("why", run_why, example=example).moment())
    why.add_argument("person", type=int, metavar="PERSON", help="id, as `find` gives it")
    why.engine()
    _add_diff(cohort)
    example = "cohort floor researcher 10 --lake lake"
    floor = cohort.command("floor", run_floor, example=example).lake()
    floor.add_argument("role", metavar="ROLE", help="a role of accounts")
    floor.add_argument("least", type=int, metavar="N", help="least count; 0 shows patients too")


def _add_diff(cohort: Words) -> None:
    example = "cohort diff cohort.yaml --first-known-at 2024-05-01 --lake lake"
    diff = _file(cohort.command("diff", run_diff, example=example).moment())
    words = "the other definition; the same one where two dates or two sites are compared"
    diff.add_argument("second", type=Path, nargs="?", metavar="SECOND", help=words)
    words = "ask the first as the care team could know it then"
    diff.add_argument("--first-known-at", metavar="T", help=words)
    words = "ask the first as it was stored here then"
    diff.add_argument("--first-recorded-at", metavar="T", help=words)
    words = "ask the first of what this site told"
    diff.add_argument("--first-site", metavar="SITE", help=words)
    words = "ask both of what this site told; with --first-site the second only"
    diff.add_argument("--site", metavar="SITE", help=words)
    diff.engine()


def _file(command: Words) -> Words:
    command.add_argument("file", type=Path, metavar="FILE", help="a definition in YAML")
    return command


def run_examples(asked: argparse.Namespace) -> int:
    """The definitions to begin with."""
    from vitruvian.criteria.cohorts import examples

    if asked.out is not None:
        asked.out.mkdir(parents=True, exist_ok=True)
        for each in examples():
            (asked.out / f"{each.name}.yaml").write_text(each.text, "utf-8")
    if asked.json:
        say_json([{"name": each.name, "title": each.title} for each in examples()])
    else:
        for each in examples():
            say(f"{each.name}.yaml  {each.title}")
        if asked.out is None:
            say("copy them to change them: vitruvian cohort examples --out DIR")
    return DONE


def run_check(asked: argparse.Namespace) -> int:
    """Whether a definition can be used as written; says in which line it cannot."""
    from vitruvian.criteria.cohorts.shown.terminal import draw_complaint
    from vitruvian.criteria.errors import BrokenDefinition

    try:
        definition = _definition(asked.file)
    except BrokenDefinition as problem:
        if asked.json:
            say_json({"ok": False, "complaint": problem.complaint})
        else:
            draw(draw_complaint(problem.complaint))
        return FAILED
    if asked.json:
        say_json({"ok": True, "title": definition.title, "logic": definition.logic})
    else:
        say(f"{definition.title}: can be used as written ({definition.logic} logic).")
    return DONE


def run_cohort(asked: argparse.Namespace) -> int:
    """Who is in, and how many are left after each line."""
    from vitruvian.criteria.cohorts.shown.terminal import answer_json, draw_answer

    definition = _definition(asked.file)
    with _asking(asked) as (reader, asked_of):
        from vitruvian.criteria.cohorts import ask

        answer = ask(definition, asked_of)
        if asked.out is not None:
            _write(answer, reader, asked.out)
        snapshot = reader.snapshot.id
    if asked.json:
        say_json(answer_json(answer, snapshot=snapshot, logic=definition.logic))
    else:
        draw(draw_answer(answer, snapshot=snapshot))
    return DONE


def run_why(asked: argparse.Namespace) -> int:
    """Why one person is in, out or unknown: every line, and the events behind it."""
    from vitruvian.criteria.cohorts.shown.terminal import draw_why
    from vitruvian.criteria.cohorts.why import why
    from vitruvian.picture import expect_patient

    definition = _definition(asked.file)
    with _asking(asked) as (reader, asked_of):
        found = why(definition, asked_of, asked.person)
        if not found.triggers:
            expect_patient(reader, asked.person)
    if asked.json:
        say_json(found)
    else:
        draw(draw_why(found))
    return DONE


def run_diff(asked: argparse.Namespace) -> int:
    """Which persons two definitions, dates or sites judge differently, and by which line."""
    from vitruvian.criteria.cohorts import compare
    from vitruvian.criteria.cohorts.shown.terminal import draw_comparison
    from vitruvian.criteria.errors import NothingToCompare

    first, second = _definition(asked.file), _definition(asked.second or asked.file)
    if asked.second is None and not _first_is_elsewhere(asked):
        raise NothingToCompare
    with _asking(asked, site=asked.site) as (_, now), _asking_first(asked, now) as before:
        found = compare(first, second, now, of_first=before)
    if asked.json:
        say_json(found)
    else:
        draw(draw_comparison(found))
    return DONE


def run_floor(asked: argparse.Namespace) -> int:
    """Set the least count that a role sees on the cohort page."""
    from vitruvian.criteria.cohorts.kept.saved import Shelf
    from vitruvian.lake import Lake

    with Lake.open(asked.lake):
        shelf = Shelf(asked.lake)
        shelf.set_floor(asked.role, least=max(asked.least, 0))
        shelf.close()
    what = f"counts from {asked.least} on" if asked.least > 0 else "all counts, and patients"
    say(f"The role {asked.role} sees {what}.")
    return DONE


def _definition(path: Path) -> Definition:
    from vitruvian.criteria.cohorts import read_definition

    return read_definition(read_bytes(path, option="FILE").decode("utf-8", "replace"))


def _first_is_elsewhere(asked: argparse.Namespace) -> bool:
    return bool(asked.first_known_at or asked.first_recorded_at or asked.first_site)


@contextmanager
def _asking_first(asked: argparse.Namespace, second: Asked) -> Iterator[Asked]:
    """What the first side is asked of: another date, another site, or the same as the second."""
    from vitruvian.criteria.errors import OnlyOnDuckDB

    if not _first_is_elsewhere(asked):
        yield second
        return
    if asked.engine != "duckdb":
        raise OnlyOnDuckDB
    moments = {
        "known_at": asked.first_known_at or asked.known_at,
        "recorded_at": asked.first_recorded_at or asked.recorded_at,
    }
    there = argparse.Namespace(**{**vars(asked), **moments})
    with _asking(there, site=asked.first_site or asked.site) as (_, first):
        yield first


@contextmanager
def _asking(
    asked: argparse.Namespace, *, site: str | None = None
) -> Iterator[tuple[Reader, Asked]]:
    from vitruvian.criteria.cohorts import Asked
    from vitruvian.criteria.over_lake.sites import require_site
    from vitruvian.risks import scores

    with reading(asked) as (reader, _):
        require_site(reader, site)
        if asked.engine == "duckdb":
            yield reader, Asked(reader, scores(), site)
            return
        from vitruvian.criteria.over_lake.on_spark import LakeOnSpark
        from vitruvian.lake.engines.spark import open_spark

        with open_spark() as spark:
            yield reader, Asked(LakeOnSpark(reader, spark), scores(), site)


def _write(answer: Answer, reader: Reader, folder: Path) -> None:
    """The members as files that others read."""
    import orjson

    from vitruvian.criteria.cohorts.shown.export import as_csv, as_group, as_meds

    folder.mkdir(parents=True, exist_ok=True)
    group = as_group(answer, reader, at=reader.snapshot.published_at)
    (folder / "members.csv").write_text(as_csv(answer), "utf-8", newline="")
    (folder / "labels.parquet").write_bytes(as_meds(answer))
    (folder / "group.json").write_bytes(orjson.dumps(group, option=orjson.OPT_INDENT_2))
