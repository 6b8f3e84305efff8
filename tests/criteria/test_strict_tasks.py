"""Strict mode answers as es-aces does, on tasks of our own over every construct."""

from __future__ import annotations

import pytest

from tests.criteria.aces_tasks import SEED, TASKS, digest, ours, text_of
from tests.criteria.oracle import ask_aces, same_answer
from tests.criteria.strategies import records_of
from tests.criteria.test_strict_recorded import RECORDED


@pytest.mark.parametrize("name", TASKS)
def test_strict__equals_es_aces_and_finds_someone(name: str) -> None:
    found, theirs = ours(name), ask_aces(text_of(name), records_of(SEED))
    assert theirs != []
    assert same_answer(found, theirs)
    assert RECORDED[name] == {"rows": len(found), "digest": digest(found)}
