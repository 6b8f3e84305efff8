"""An object store takes what goes to cold storage, and says in a sentence when it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lake.cold.test_cold import WANTS, blobs
from vitruvian.lake.cold import moving
from vitruvian.lake.cold.errors import BadPlace, PlaceNotReached
from vitruvian.lake.cold.moving import MARK, bring_back, move_due, set_rules
from vitruvian.lake.cold.places import place_at
from vitruvian.lake.cold.rules import Rules
from vitruvian.lake.disk.blobs import name_of
from vitruvian.lake.store import store

obstore = pytest.importorskip("obstore", reason="the extra `cold` is not installed")
bucket_of = pytest.importorskip("vitruvian.lake.cold.bucket", reason="as above").Bucket
stores = pytest.importorskip("obstore.store", reason="as above")


@pytest.mark.parametrize("address", ["nonsense://place", "file:///srv"])
def test_address__of_no_object_store_is_refused(address: str) -> None:
    with pytest.raises(BadPlace):
        place_at(address)


def test_store_that_fails__is_one_sentence_without_its_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> None:
        raise OSError("http://secret:key@host")

    monkeypatch.setattr(obstore, "get", fails)
    with pytest.raises(PlaceNotReached) as caught:
        bucket_of(stores.MemoryStore()).get("ab/cd")
    assert "secret" not in str(caught.value)


def test_store__is_a_place_like_a_folder(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = bucket_of(stores.MemoryStore())
    for module in (moving, store):
        monkeypatch.setattr(module, "place_at", lambda _address: bucket)
    before = blobs(path)
    set_rules(path, Rules("memory://archive", ("document",), 0), WANTS)
    assert move_due(path, WANTS).files == 2
    assert blobs(path) == before
    assert set(bucket.names()) == {MARK, *map(name_of, before)}
    assert bucket.get(name_of("0" * 64)) is None
    assert bring_back(path, WANTS).files == 2
    assert list(bucket.names()) == []
