"""One Spark session for all: its start takes longer than any test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from vitruvian.lake.engines.spark import SERVER, Spark, open_spark
from vitruvian.lake.errors import SparkMissing

ABSENT = "pyspark-client and pysail are not installed: tests on Spark are skipped"


@pytest.fixture(scope="session")
def spark() -> Iterator[Spark]:
    """Sail on this machine, or the server that SPARK_REMOTE names."""
    try:
        with open_spark(os.environ.get(SERVER)) as session:
            yield session
    except SparkMissing:
        pytest.skip(ABSENT)
