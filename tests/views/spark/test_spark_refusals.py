"""Spark absent, away, or fed with what a view refuses: one sentence, nothing quoted."""

from __future__ import annotations

import json
import sys

import pyarrow as pa
import pytest

from tests.views.support import column, view_of
from vitruvian.lake.engines.spark import Spark, open_spark
from vitruvian.lake.errors import SparkFailed, SparkMissing, SparkUnreachable
from vitruvian.views import (
    NotOneValue,
    Options,
    RepeatTooDeep,
    UnreadableResource,
    compile_view,
    parse_view,
    run_on_spark,
    run_view,
    translated,
)

SECRET = "Gundersen"
PATIENT = {"resourceType": "Patient", "name": [{"family": SECRET}, {"family": "Gale"}]}


def table_of(*texts: str) -> pa.Table:
    return pa.table({"resource": texts})


def test_absent_package__is_one_sentence_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pysail.spark", "pyspark.sql"):
        monkeypatch.setitem(sys.modules, module, None)
    view = parse_view(view_of("Patient", {"column": [column("id", "id")]}))
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    with pytest.raises(SparkMissing, match=r"needs the package pysail.*vitruvian\[spark\]"):
        run_view(view, ["{}"], engine="spark")
    monkeypatch.setenv("SPARK_REMOTE", "sc://127.0.0.1:1")
    with pytest.raises(SparkMissing, match="needs the package pyspark-client"):
        run_view(view, ["{}"], engine="spark")


def test_address_that_is_none__is_refused(spark: Spark) -> None:
    with (
        pytest.raises(SparkUnreachable, match="Expected an address like sc://host"),
        open_spark("not an address"),
    ):
        pass


def test_server_that_does_not_answer__is_told_at_once(spark: Spark) -> None:
    with pytest.raises(SparkUnreachable), open_spark("sc://127.0.0.1:9"):
        pass


def test_several_values__stop_the_run_and_name_the_path_only(spark: Spark) -> None:
    view = parse_view(view_of("Patient", {"column": [column("family", "name.family")]}))
    with pytest.raises(NotOneValue, match="/select/0/column/0/path") as refused:
        run_on_spark(view, table_of(json.dumps(PATIENT)), spark)
    assert SECRET not in str(refused.value)


def test_several_values__of_a_resource_that_does_not_pass_are_no_matter(spark: Spark) -> None:
    where = [{"path": "active = true"}]
    view = view_of("Patient", {"column": [column("family", "name.family")]}, where=where)
    assert run_on_spark(parse_view(view), table_of(json.dumps(PATIENT)), spark).num_rows == 0


def test_text_that_is_no_json__stops_the_run_and_names_its_record(spark: Spark) -> None:
    view = parse_view(view_of("Patient", {"column": [column("id", "id")]}))
    with pytest.raises(UnreadableResource, match="Input line 2 ") as refused:
        run_on_spark(view, table_of('{"resourceType": "Patient"}', '{"id": "Gunder'), spark)
    assert "Gunder" not in str(refused.value)


def test_repeat__deeper_than_stated_stops_the_run(spark: Spark) -> None:
    items: list[object] = []
    for name in "abc":
        items = [{"linkId": name, "item": items}]
    answers = {"resourceType": "QuestionnaireResponse", "item": items}
    view = view_of(
        "QuestionnaireResponse", {"repeat": ["item"], "column": [column("id", "linkId")]}
    )
    spark.show("deep", table_of(json.dumps(answers)))
    found = {
        depth: compile_view(
            parse_view(view), source="deep", options=Options(engine="spark", repeat_depth=depth)
        )
        for depth in (2, 3)
    }
    with pytest.raises(SparkFailed) as refused:
        spark.query(found[2].sql)
    assert isinstance(translated(refused.value), RepeatTooDeep)
    assert sorted(spark.query(found[3].sql).column("id").to_pylist()) == ["a", "b", "c"]


def test_failure_of_the_engine__withholds_its_words(spark: Spark) -> None:
    with pytest.raises(SparkFailed) as refused:
        spark.query(f"SELECT raise_error('{SECRET}')")
    assert SECRET not in str(refused.value)
