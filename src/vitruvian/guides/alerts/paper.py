"""A receipt as it lies in the file, and back."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache

from pydantic import TypeAdapter

from vitruvian.guides.alerts.receipt import Receipt


@cache
def _reader() -> TypeAdapter[Receipt]:
    adapter: TypeAdapter[Receipt] = TypeAdapter(Receipt)
    adapter.rebuild(_types_namespace={"date": date, "datetime": datetime}, raise_errors=False)
    return adapter


def read_receipt(said: str) -> Receipt:
    """A receipt out of its JSON.

    Raises
    ------
    ValidationError
        When it is not one of ours.
    """
    return _reader().validate_json(said)
