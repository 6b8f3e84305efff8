"""How likely two records are one person: Fellegi and Sunter's model, by splink on DuckDB.

References
----------
Fellegi IP, Sunter AB. A theory for record linkage. J Am Stat Assoc 1969;64:1183-1210,
doi:10.1080/01621459.1969.10501049. Linacre R et al. Splink: free software for probabilistic record
linkage at scale. Int J Popul Data Sci 2022;7(3), doi:10.23889/ijpds.v7i3.1794.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vitruvian.identity.errors import NoMatcher
from vitruvian.identity.matching.fields import NUMBER, Field, Level, Plan, plan_of, table_of
from vitruvian.identity.matching.likeness import Likeness

ENOUGH_PEOPLE, ENOUGH_SURE = 1_000, 50
"""From how many records, and how many pairs beyond doubt, a hospital trains its own weights."""
OFFERED = 0.5
"""A pair is offered when it is likelier one person than two."""
_RANDOM_PAIRS = 1e6
# One value in two thousand at the rarest: below that, chance weighs more than rarity.
_RAREST = 0.0005
_ENDS = ("unique_id_l", "unique_id_r")
# splink's types are not exported; `Any` stands for its linker.
Linker = Any


@dataclass(frozen=True)
class Evidence:
    """How one field of two records compares; ``weight`` in bits speaks for (+) or against (-)."""

    field: str
    level: str
    weight: float


@dataclass(frozen=True)
class Pair:
    """Two subjects, the lower id first, how likely they are one person (0 to 1), and why."""

    left: int
    right: int
    probability: float
    weight: float
    evidence: tuple[Evidence, ...]

    def level(self, field: str) -> str | None:
        """How a field compares; None where nothing could be compared."""
        return next((each.level for each in self.evidence if each.field == field), None)


@dataclass(frozen=True)
class Scored:
    """What a run found: pairs above the threshold, how many were looked at, how it was trained."""

    pairs: tuple[Pair, ...]
    trained: bool
    plan: Plan


def score(
    people: Sequence[Likeness], *, least: float = OFFERED, temp: Path | None = None
) -> Scored:
    """The pairs that are likely one person, the likeliest first.

    Nobody says which pairs are right: how often chance agrees (u) is counted on random pairs of
    these records, how often one person's records agree (m) by expectation-maximisation. With fewer
    than `ENOUGH_PEOPLE` records or `ENOUGH_SURE` pairs beyond doubt the stated values stand.

    Parameters
    ----------
    people
        Everybody; those who say too little are compared with nobody.
    least
        The least probability, 0 to 1.
    temp
        Where the engine may put what does not fit into memory; None for nowhere.

    Raises
    ------
    NoMatcher
        Without the optional package splink.
    """
    telling = [each for each in people if each.tells]
    plan = plan_of(telling)
    if len(telling) < 2:  # noqa: PLR2004  a pair has two
        return Scored((), trained=False, plan=plan)
    with _quiet(), _engine(temp) as api:
        api.duckdb_con.register("people_given", table_of(telling, plan))
        api.duckdb_con.execute("CREATE TABLE people AS FROM people_given ORDER BY unique_id")
        sure = _count_sure(api, plan)
        linker = _linker(api, plan, prior=_prior(len(telling), sure, plan))
        trained = len(telling) >= ENOUGH_PEOPLE and sure >= ENOUGH_SURE
        if trained:
            _train(linker, plan)
        found = linker.inference.predict(threshold_match_probability=least)
        rows = _told(api, found.physical_name, plan)
    pairs = sorted(_pairs(rows, plan), key=lambda one: (-one.weight, one.left, one.right))
    return Scored(tuple(pairs), trained=trained, plan=plan)


@contextmanager
def _engine(temp: Path | None) -> Iterator[Any]:
    try:
        from splink import DuckDBAPI  # noqa: PLC0415  an optional package
    except ImportError:
        raise NoMatcher from None
    api = DuckDBAPI(":memory:")
    try:
        folder = "" if temp is None else str(temp)
        api.duckdb_con.execute("SET temp_directory = ?", [folder])
        api.duckdb_con.execute("SET memory_limit = '2GB'")
        yield api
    finally:
        api.duckdb_con.close()


@contextmanager
def _quiet() -> Iterator[None]:
    """Without splink's own words: it names columns it could not train, which is told otherwise."""
    spoken = logging.getLogger("splink")
    before = spoken.level
    spoken.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        spoken.setLevel(before)


def _rule(sql: str) -> dict[str, str]:
    return {"blocking_rule": sql, "sql_dialect": "duckdb"}


def _count_sure(api: Any, plan: Plan) -> int:
    """How many pairs are one person beyond reasonable doubt."""
    found = " UNION ".join(
        "SELECT l.unique_id AS a, r.unique_id AS b FROM people l JOIN people r "  # noqa: S608  our own text; values are bound
        f"ON ({rule}) WHERE l.unique_id < r.unique_id"
        for rule in plan.sure
    )
    ((count,),) = api.duckdb_con.execute(f"SELECT count(*) FROM ({found})").fetchall()  # noqa: S608  our own text; values are bound
    return int(count)


def _prior(people: int, sure: int, plan: Plan) -> float:
    """How likely two records picked at random are one person: at least one pair in all."""
    return float(min(0.1, max(1, sure) / plan.sure_finds / (people * (people - 1) / 2)))


def _linker(api: Any, plan: Plan, *, prior: float) -> Linker:
    from splink import Linker as Made  # noqa: PLC0415  an optional package

    settings = {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": prior,
        "comparisons": [_comparison(field) for field in plan.fields],
        "blocking_rules_to_generate_predictions": [_rule(each) for each in plan.blocking],
        "retain_intermediate_calculation_columns": True,
        "retain_matching_columns": True,
        "max_iterations": 50,
    }
    return Made(api.register("people"), settings, log_level=None)


def _comparison(field: Field) -> dict[str, Any]:
    missing = {
        "sql_condition": field.missing, "label_for_charts": "missing", "is_null_level": True,
    }  # fmt: skip
    levels = [_level(each, field) for each in field.levels]
    return {"output_column_name": field.name, "comparison_levels": [missing, *levels]}


def _level(level: Level, field: Field) -> dict[str, Any]:
    said: dict[str, Any] = {
        "sql_condition": level.when or "ELSE",
        "label_for_charts": level.name,
        "m_probability": level.m,
        "u_probability": level.u,
    }
    if field.rare is not None and level is field.levels[0]:
        rare = {"column": field.rare, "weight": 1.0}
        said |= {f"tf_adjustment_{name}": value for name, value in rare.items()}
        said["tf_minimum_u_value"] = _RAREST
    return said


def _train(linker: Linker, plan: Plan) -> None:
    linker.training.estimate_u_using_random_sampling(max_pairs=_RANDOM_PAIRS, seed=1)
    for rule in plan.training:
        linker.training.estimate_parameters_using_expectation_maximisation(_rule(rule))


def _told(api: Any, table: str, plan: Plan) -> list[dict[str, Any]]:
    """The scored pairs without what the records say: only how their fields compare."""
    wanted = [*_ENDS, "match_weight", "match_probability"]
    for field in plan.fields:
        wanted += [f"gamma_{field.name}", f"mw_{field.name}"]
        wanted += [f"mw_tf_adj_{field.name}"] * (field.rare is not None)
    sql = f"SELECT {', '.join(wanted)} FROM {table}"  # noqa: S608  our own names
    rows: list[dict[str, Any]] = api.duckdb_con.execute(sql).to_arrow_table().to_pylist()
    return rows


def _pairs(rows: Sequence[dict[str, Any]], plan: Plan) -> Iterator[Pair]:
    for row in rows:
        low, high = sorted(row[end] for end in _ENDS)
        evidence = tuple(_evidence(row, plan))
        yield Pair(low, high, row["match_probability"], row["match_weight"], evidence)


def _evidence(row: dict[str, Any], plan: Plan) -> Iterator[Evidence]:
    for field in plan.fields:
        held = row[f"gamma_{field.name}"]
        if held >= 0:
            rarity = row.get(f"mw_tf_adj_{field.name}") or 0.0
            level = field.levels[len(field.levels) - 1 - held]
            named = field.name if field.system is None else f"{NUMBER}{field.system}"
            yield Evidence(named, level.name, row[f"mw_{field.name}"] + rarity)
