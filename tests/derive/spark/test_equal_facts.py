"""Extractors on the workers of Spark find what one process finds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.derive.lakes import SEEN, add, facts, note
from tests.views.spark.conftest import spark
from vitruvian.cli.main import main
from vitruvian.derive import Pace, derive
from vitruvian.derive.engine.library import extractor_named
from vitruvian.derive.engine.notes import AS_READ
from vitruvian.derive.engine.rows import Derivation, derivation_of
from vitruvian.derive.engine.spark.share import read_part, whole_subjects
from vitruvian.derive.errors import NotOnSpark, OtherKnowledge
from vitruvian.lake import Lake
from vitruvian.lake.engines.spark import Spark
from vitruvian.lake.errors import NotDrained, SparkFailed
from vitruvian.trust import SYSTEM

__all__ = ["spark"]

SAID = ["problems", "medicines", "oncology"]
# Long enough to have been copied when it comes again.
COPIED = (
    "No fever today. He takes metformin 500 mg twice a day. Stroke in 2012 with a good recovery. "
    "Adenocarcinoma of the sigmoid colon, pT3 pN1b, KRAS G12D mutated, and he is well otherwise."
)
TEXTS = [COPIED, "Chest pain.\r\n\r\nNo fe\u0301ver 😀.", "", "Ingen feber. Mor hadde brystkreft."]


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.create(tmp_path / "lake", site="test") as opened:
        yield opened


def many() -> list[dict[str, Any]]:
    """Notes of forty people, three each; the second repeats the first."""
    said = []
    for subject in range(1, 41):
        texts = (TEXTS[subject % 4], TEXTS[subject % 4], f"Cough for {subject} days.")
        for version, text in enumerate(texts, start=1):
            told: dict[str, Any] = {"time": None if subject == 7 else SEEN.replace(day=version)}
            told["language"] = None if subject % 2 else "en"
            said.append(note(text, subject=subject, version=version, **told))
    return said


def unsigned(lake: Lake) -> list[dict[str, Any]]:
    """The facts without what only says who wrote them and when."""
    unlike = {"recorded_at", "load_id", "derivation_id"}
    return [{k: v for k, v in fact.items() if k not in unlike} for fact in facts(lake)]


def test_notes_in_the_hot_log__are_refused_rather_than_missed(spark: Spark, lake: Lake) -> None:
    lake.append(SYSTEM, {"note": pa.Table.from_pylist([note("Fever.")]).to_pylist()})
    with pytest.raises(NotDrained, match="vitruvian compact"):
        derive(lake, access=SYSTEM, only=SAID, pace=Pace(spark=spark))


def test_extractor_with_settings_of_the_site__stays_here(
    spark: Spark, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = extractor_named("language_model")
    for setting in named.manifest.settings:
        monkeypatch.setenv(setting, "http://127.0.0.1:9/v1")
    with pytest.raises(NotOnSpark, match="without Spark"):
        derive(lake, access=SYSTEM, only=["language_model"], pace=Pace(spark=spark))


def test_worker_with_other_knowledge__reads_nothing() -> None:
    older = Derivation("problems", "0", json.dumps({"release": "older"}))
    with pytest.raises(OtherKnowledge, match="same package"):
        list(read_part(iter([]), derivations=(older,)))


def test_facts__are_those_of_one_process(spark: Spark, lake: Lake, tmp_path: Path) -> None:
    add(lake, "note", many())
    there = derive(lake, access=SYSTEM, only=SAID, pace=Pace(spark=spark, notes_a_share=50))
    with Lake.create(tmp_path / "other", site="test") as other:
        add(other, "note", many())
        here = derive(other, access=SYSTEM, only=SAID, pace=Pace(notes_a_share=50))
        expected = unsigned(other)
    assert unsigned(lake) == expected
    assert replace(there, seconds=0) == replace(here, seconds=0)
    assert there.shares > 1
    assert any("copied-forward" in fact["flags"] for fact in expected)
    assert derive(lake, access=SYSTEM, only=SAID, pace=Pace(spark=spark)).notes == 0


def test_worker_s_failure__quotes_no_note(
    spark: Spark, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(lake, "note", [note("Zebrafish syndrome.")])
    problems = extractor_named("problems")
    monkeypatch.setattr(type(problems), "release", "another", raising=True)
    one = derivation_of(problems, after="", upto="", share=0, shares=1)
    monkeypatch.undo()
    read = partial(read_part, derivations=(one,))
    with lake.read(SYSTEM) as reader:
        spark.show_table(reader, "note")
        with pytest.raises(SparkFailed) as failed:
            spark.read_by_workers("SELECT * FROM note", read, order=["note_id"], out=AS_READ)
    assert "zebrafish" not in str(failed.value).lower()


@pytest.mark.parametrize("size", [1, 3, 7, 1_000, 100_000])
def test_worker__has_all_notes_of_a_subject_in_one_batch(size: int) -> None:
    rows = [{**note("", subject=n // 7), "note_id": n, "is_new": True} for n in range(2_000)]
    sent = pa.Table.from_pylist(rows, schema=AS_READ).to_batches(max_chunksize=size)
    found = list(whole_subjects(iter(sent)))
    assert [n for batch in found for n in batch.column("note_id").to_pylist()] == list(range(2_000))
    subjects = [set(batch.column("subject_id").to_pylist()) for batch in found]
    assert sum(map(len, subjects)) == len(set().union(*subjects))


def test_command__reads_on_spark(
    spark: Spark, lake: Lake, capsys: pytest.CaptureFixture[str]
) -> None:
    del spark
    add(lake, "note", [note("Fever.")])
    lake.close()
    words = ["derive", "--lake", str(lake.path), "--only", "problems", "--engine", "spark"]
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["facts"] == {"problems": 1}
