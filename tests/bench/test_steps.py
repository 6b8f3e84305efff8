"""The functions that the bench times by name."""

from __future__ import annotations

import importlib

import pytest

from bench.report.steps import FHIR_STEPS, timed_steps


@pytest.mark.parametrize("place", FHIR_STEPS.values(), ids=FHIR_STEPS.keys())
def test_a_step_that_is_timed__is_a_function_of_the_product(place: str) -> None:
    with timed_steps({"one": place}) as spent:
        pass
    assert spent == {"one": 0.0}


def test_what_a_step_takes__is_counted_on_every_call() -> None:
    module = importlib.import_module("bench.report.rows")
    with timed_steps({"text": "bench.report.rows.as_text"}) as spent:
        module.as_text([])
    assert spent["text"] > 0
    assert not hasattr(module.as_text, "__wrapped__")
