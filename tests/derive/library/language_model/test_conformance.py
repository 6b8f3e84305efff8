"""What every extractor promises, with a model that answers honestly."""

from __future__ import annotations

from tests.derive.test_conformance import (
    test_any_text__gives_spans_within_it,
    test_findings__are_facts_of_the_timeline,
    test_findings__are_the_same_twice,
    test_hostile_text__is_read_to_its_end,
    test_manifest__reads_and_yields_tables_of_the_house,
    test_release__is_said_and_stays,
)

__all__ = [
    "test_any_text__gives_spans_within_it",
    "test_findings__are_facts_of_the_timeline",
    "test_findings__are_the_same_twice",
    "test_hostile_text__is_read_to_its_end",
    "test_manifest__reads_and_yields_tables_of_the_house",
    "test_release__is_said_and_stays",
]
