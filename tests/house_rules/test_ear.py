"""The ear for leaks hears what it should, and nothing else."""

from __future__ import annotations

import logging

import pytest

from tests.leaks import Ear, Secrets
from vitruvian.base.errors import BadInput, VitruvianError

SECRETS = Secrets(names=["Zo\u00eb O'Hara-Lindqvist", "Mai"], phrases=["MRN-000123"])


@pytest.mark.parametrize(
    "said",
    ["patient Lindqvist", "O'Hara-Lindqvist, Zo\u00eb", "id=MRN-000123&x", "for Mai."],
)
def test_secrets__are_found_as_whole_names_and_identifiers(said: str) -> None:
    assert SECRETS.found_in(said)


@pytest.mark.parametrize("said", ["Main menu", "MRN-00012", "source 3f9a, record 3", ""])
def test_secrets__are_not_found_in_other_words(said: str) -> None:
    assert not SECRETS.found_in(said)


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Ear:
    monkeypatch.setattr(VitruvianError, "__init__", VitruvianError.__init__)  # put back after
    monkeypatch.setattr(logging.getLogger(), "handlers", [*logging.getLogger().handlers])
    heard = Ear(lambda: SECRETS)
    heard.listen()
    return heard


def test_ear__hears_an_error_that_names_a_patient(ear: Ear) -> None:
    with pytest.raises(BadInput):
        raise BadInput("record 3 of Lindqvist")  # noqa: TRY003
    assert ear.leaks() == ["BadInput record 3 of Lindqvist"]


def test_ear__hears_a_log_line_that_names_a_patient(ear: Ear) -> None:
    logging.getLogger("vitruvian.test").info("loaded %s", "MRN-000123")
    assert len(ear.leaks()) == 1


def test_ear__lets_source_and_record_pass(ear: Ear) -> None:
    logging.getLogger("vitruvian.test").warning("source 3f9a, record 3: no unit")
    assert ear.leaks() == []
