"""The Spark session of the views' tests."""

from __future__ import annotations

from tests.views.spark.conftest import spark

__all__ = ["spark"]
