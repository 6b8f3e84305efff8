"""The intermediate form as the SQL of an engine."""

from vitruvian.views.sql.duckdb import DuckDB
from vitruvian.views.sql.spark import Spark
from vitruvian.views.sql.statement import Source, statement
from vitruvian.views.sql.words import Dialect

__all__ = ["Dialect", "DuckDB", "Source", "Spark", "statement"]
