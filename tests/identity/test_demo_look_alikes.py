"""The demo hospital's twins, namesakes, newborns and people registered twice: against its truth."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.ingest.support import SYSTEM, rows, take
from vitruvian.demo import lives, write_demo, write_look_alikes
from vitruvian.identity.matching import pair_id, propose
from vitruvian.identity.review import waiting
from vitruvian.lake import Lake

pytest.importorskip("splink", reason="likely pairs need the optional package splink")
PATIENTS = 18


def test_offered__are_those_registered_twice_and_nobody_else(tmp_path: Path) -> None:
    write_demo(tmp_path / "demo", patients=PATIENTS, layout="ndjson")
    write_look_alikes(tmp_path / "demo" / "look-alikes", lives(1, PATIENTS))
    with Lake.create(tmp_path / "lake", site="test") as lake:
        patients = tmp_path / "demo" / "fhir" / "Patient.ndjson"
        take(lake, patients, tmp_path / "demo" / "look-alikes")
        subjects = {row["key"]: row["subject_id"] for row in rows(lake, "resource_key")}
        propose(lake, access=SYSTEM)
        with lake.read(SYSTEM) as reader:
            offered = {int(each.pair_id) for each in waiting(reader).items}
            assert reader.persons() == {}
    truth = (tmp_path / "demo" / ".truth" / "identity.ndjson").read_text().splitlines()
    told = [json.loads(line) for line in truth]
    pairs = {pair_id(*(subjects[f"Patient/{one}"] for one in each["patients"])): each["kind"]
             for each in told}  # fmt: skip
    twice = {number for number, kind in pairs.items() if kind in {"slip", "married", "birth slip"}}
    assert len(twice) == PATIENTS / 2
    assert offered == twice
