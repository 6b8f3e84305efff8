"""Each rule of the checkpoints by itself: the others are kept, so only that one can find it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from vitruvian.trust.audit.checkpoint import Checkpoint, Signer, checkpoint_faults
from vitruvian.trust.audit.rows import GENESIS

OURS, THEIRS = Signer(b"o" * 32), Signer(b"t" * 32)
HEADS = {3: "c" * 64, 5: "e" * 64}
BARE = Checkpoint("lake", 1, 5, HEADS[5], "2026-01-02", GENESIS, "")
FIRST = OURS.signed(BARE)


def faults(*made: Checkpoint) -> list[str]:
    return list(checkpoint_faults(made, HEADS, lake="lake", trusted=OURS.public))


def following(first: Checkpoint, **changed: Any) -> Checkpoint:
    named = replace(first, number=2, before=first.digest(), following="")
    return OURS.signed(replace(named, **changed))


def test_checkpoints_that_keep_every_rule__have_no_fault() -> None:
    assert faults(FIRST, following(FIRST)) == []


def test_signature_of_a_stranger_under_the_trusted_name__is_found() -> None:
    posing = replace(BARE, key=OURS.public)
    signature = replace(THEIRS.signed(posing), key=OURS.public).signature
    assert faults(replace(posing, signature=signature)) == [
        "checkpoint 1 carries a signature that is not of its words"
    ]


def test_signature_of_other_words__is_found() -> None:
    assert faults(replace(FIRST, at="2026-01-03")) == [
        "checkpoint 1 carries a signature that is not of its words"
    ]


def test_checkpoint_that_names_another_before_it__is_found() -> None:
    (found,) = faults(FIRST, following(FIRST, before="f" * 64))
    assert "checkpoint 2" in found


@pytest.mark.parametrize("less", [{"rows": 3, "head": HEADS[3]}, {"at": "2026-01-01"}])
def test_checkpoint_of_fewer_rows_or_of_an_earlier_time__is_found(less: dict[str, object]) -> None:
    assert faults(FIRST, following(FIRST, **less)) == [
        "checkpoint 2 is of less than the one before it"
    ]


def test_checkpoint_of_another_lake__is_found() -> None:
    (found,) = faults(OURS.signed(replace(BARE, lake="another")))
    assert "of another lake" in found


def test_checkpoint_over_another_end_of_the_chain__is_found() -> None:
    (found,) = faults(OURS.signed(replace(BARE, head="9" * 64)))
    assert "were rewritten" in found
