"""What each step of a run costs: functions of the product, timed from outside while it runs."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

_FHIR = "vitruvian.ingest.library.fhir"

FHIR_STEPS: Mapping[str, str] = {
    "hash of the files": "vitruvian.ingest.engine.pipeline.digest_of",
    "staging (JSON, keys, clocks, content hash, shapes)": f"{_FHIR}.records.intake.Intake.flush",
    "known versions": f"{_FHIR}.records.versions.mark_known",
    "references": f"{_FHIR}.records.references.resolve",
    "keys of a chunk": f"{_FHIR}.loading.create_chunk",
    "timeline": f"{_FHIR}.tables.TableWriter.write_meaning",
    "retirements": f"{_FHIR}.records.versions.retire_superseded",
    "table files": "vitruvian.lake.bulk.write_sorted",
    "publication": "vitruvian.lake.store.store.Store.publish",
}


@contextmanager
def timed_steps(places: Mapping[str, str]) -> Iterator[dict[str, float]]:
    """Seconds by the clock that each named function took, in all calls, on whichever thread."""
    spent = dict.fromkeys(places, 0.0)
    patches = [_patch(name, place, spent) for name, place in places.items()]
    for one in patches:
        one.start()
    try:
        yield spent
    finally:
        for one in patches:
            one.stop()


def _patch(name: str, place: str, spent: dict[str, float]) -> Any:
    owner, attribute = _found(place)
    whole: Callable[..., Any] = getattr(owner, attribute)

    @wraps(whole)
    def timed(*given: Any, **named: Any) -> Any:
        start = time.perf_counter()
        try:
            return whole(*given, **named)
        finally:
            spent[name] += time.perf_counter() - start

    return patch.object(owner, attribute, timed)


def _found(place: str) -> tuple[Any, str]:
    """The module or class that holds a function, and its name there."""
    path, _, attribute = place.rpartition(".")
    try:
        return importlib.import_module(path), attribute
    except ModuleNotFoundError:
        module, _, owner = path.rpartition(".")
        return getattr(importlib.import_module(module), owner), attribute
