"""What every test shares: the folder of real records, and an ear for leaks."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path
from unittest import mock

import pytest
from argon2 import PasswordHasher
from hypothesis import settings

from tests.leaks import Ear

# On a busy machine one example may take long; no property is about time.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

ABSENT = "VITRUVIAN_REAL_DATA names no folder: tests on real records are skipped"


def real_data_folder() -> Path | None:
    """The folder of real records beside the clone, or None."""
    named = os.environ.get("VITRUVIAN_REAL_DATA")
    return Path(named) if named and Path(named).is_dir() else None


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real records; a test that asks for it is skipped where there is none."""
    folder = real_data_folder()
    if folder is None:
        pytest.skip(ABSENT)
    return folder


def pytest_report_header() -> str:
    return "real records: found" if real_data_folder() else ABSENT


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if real_data_folder() is None:
        for item in items:
            if item.get_closest_marker("real_data"):
                item.add_marker(pytest.mark.skip(reason=ABSENT))


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Helpers beside the tests are imported by them, not searched for examples.

    A helper whose oracle is not installed would otherwise stay behind half imported.
    """
    is_helper = collection_path.suffix == ".py" and not collection_path.name.startswith("test_")
    return True if is_helper else None


EAR = Ear()


def pytest_configure() -> None:
    EAR.listen()


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Thousands of tests sign in: a hash made to be slow would be most of what they do."""
    quick = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    with mock.patch("vitruvian.lake.accounts.PasswordHasher", quick):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test whose logs or errors name a demo patient fails, whatever it asserted."""
    report = yield
    leaked = EAR.leaks(report.capstderr) if call.when == "call" else []
    if leaked and report.passed:
        report.outcome = "failed"
        report.longrepr = "A log line or an error names a demo patient:\n" + "\n".join(leaked)
    return report
