"""The memory a load may use: how it is shared out, and that it is kept."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.support import PATIENT, potassium
from vitruvian.ingest.engine.limits import GIB, LEAST_MEMORY_BYTES, MIB, Limits, memory_of
from vitruvian.ingest.errors import UnusableMemory

STATUS = Path("/proc/self/status")
# The peak of this process alone: ru_maxrss would count its starter's too.
CHILD = """
import re, sys
from pathlib import Path
from vitruvian.cli import main
code = main(["ingest", sys.argv[1], "--lake", sys.argv[2], "--memory-limit", "1GB", "--json"])
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
sys.exit(code)
"""


@pytest.mark.parametrize(
    "text, size", [("1GB", 10**9), ("2GiB", 2 * GIB), ("1536 mib", 1536 * MIB)]
)
def test_memory__is_read_with_its_unit(text: str, size: int) -> None:
    assert memory_of(text) == size


@pytest.mark.parametrize("text", ["", "1", "GB", "1.5GB", "-2GB", "999MB", "2TB"])
def test_memory__that_is_no_size_or_too_little_is_refused(text: str) -> None:
    with pytest.raises(UnusableMemory):
        memory_of(text)


@given(st.integers(LEAST_MEMORY_BYTES, 1 << 40))
def test_shares__stay_together_below_the_memory_allowed(memory: int) -> None:
    limits = Limits(memory_bytes=memory)
    # Two tables wait at a time, and one of them is sorted and written, which takes it twice more.
    together = limits.engine_bytes + 4 * limits.file_bytes + limits.chunk_bytes
    assert 0 < together < memory
    assert limits.chunk_bytes >= 8 * MIB


@pytest.mark.skipif(not STATUS.exists(), reason="this system does not tell a process its peak")
def test_load__keeps_within_the_memory_allowed(tmp_path: Path) -> None:
    export = tmp_path / "a.ndjson"
    note = [{"text": "n" * 1500}]
    with export.open("w") as lines:
        lines.write(json.dumps(PATIENT) + "\n")
        for number in range(20_000):
            lines.write(json.dumps(potassium(f"k{number}", note=note)) + "\n")
    asked = [sys.executable, "-c", CHILD, str(export), str(tmp_path / "lake")]
    done = subprocess.run(asked, capture_output=True, check=True, text=True)
    *report, peak = done.stdout.strip().splitlines()
    assert json.loads("\n".join(report))["loaded"] == 20_001
    assert int(peak) * 1024 < 10**9
