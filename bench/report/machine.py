"""The machine and the versions a figure was measured on: without them it means nothing."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("vitruvian", "duckdb", "deltalake", "pyarrow", "orjson", "sqlonfhir")


def cpu_model(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's own name, or its architecture where the system does not say."""
    if cpuinfo.exists():
        for line in cpuinfo.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def memory_gib() -> float:
    """Main memory in GiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def peak_memory_mib(status: Path = Path("/proc/self/status")) -> float:
    """Most memory this process ever held; ``ru_maxrss`` would count its starter's too."""
    lines = status.read_text("utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def describe() -> str:
    """Processor, cores, memory, Python and library versions in two sentences."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    libraries = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{cpu_model()}, {cores} cores, {memory_gib():.0f} GiB, {platform.system()}.\n"
        f"Python {platform.python_version()}, {libraries}."
    )
