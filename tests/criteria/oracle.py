"""What es-aces answers, as an independent truth for strict mode.

es-aces is a development dependency only. Its `omegaconf` dependency wants an antlr runtime
older than the one FHIRPath needs; nothing used here calls it, so a stand-in takes its place.
"""

from __future__ import annotations

import sys
import tempfile
import types
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

# Any: es-aces ships no types.
Answer = list[dict[str, Any]]

aces = pytest.importorskip("aces", reason="es-aces is not installed: strict mode has no oracle")
if "omegaconf" not in sys.modules:
    _stand_in = types.ModuleType("omegaconf")
    _stand_in.DictConfig = dict  # type: ignore[attr-defined]
    sys.modules["omegaconf"] = _stand_in

from aces import config, predicates, query  # type: ignore[import-untyped]  # noqa: E402


def run_aces(task: Path, events: Path) -> Any:
    """The data frame es-aces gives for a task file over a file of MEDS events."""
    cfg = config.TaskExtractorConfig.load(task)
    where = types.SimpleNamespace(path=str(events), standard="meds")
    return query.query(cfg, predicates.get_predicates_df(cfg, where))


def ask_aces(task: str, events: pa.Table) -> Answer:
    """The rows es-aces gives for a task over MEDS events, ordered by subject and trigger.

    Rows without a trigger are left out: es-aces adds one for a subject whose window ends at an
    event that never comes, when the windows form one chain.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "task.yaml"
        path.write_text(task, "utf-8")
        pq.write_table(events, Path(folder) / "events.parquet")
        found = run_aces(path, Path(folder) / "events.parquet")
    if found.is_empty():
        return []
    rows = [row for row in found.to_dicts() if row["trigger"] is not None]
    return sorted(rows, key=lambda row: (row["subject_id"], row["trigger"]))


def same_answer(ours: Answer, theirs: Answer) -> bool:
    """Whether subject, trigger, index, label and every window agree, row by row."""
    return chosen(ours) == chosen(theirs) and all(
        _same_windows(one, other) for one, other in zip(ours, theirs, strict=True)
    )


def _same_windows(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Ends and counts of each window; es-aces turns the ends of a backward length around."""
    for key, value in ours.items():
        window, _, what = key.partition(" ")
        if not what:
            continue
        summary = theirs[f"{window}_summary"]
        ends = sorted((summary["timestamp_at_start"], summary["timestamp_at_end"]))
        if value != {"from": ends[0], "until": ends[1]}.get(what, summary.get(what)):
            return False
    return True


def chosen(rows: Answer) -> Answer:
    """Subject, trigger, index and label of each row."""
    wanted = ("subject_id", "trigger", "index_timestamp", "label")
    return [{key: row[key] for key in wanted if key in row} for row in rows]
