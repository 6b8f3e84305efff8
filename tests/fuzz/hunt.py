"""Hunt one parser with Atheris: `python -m tests.fuzz.hunt NAME FOLDER -runs=N`, as libFuzzer is told.

The folder keeps what reached something new, so that a later hunt goes on from there.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from tests.fuzz.targets import TARGETS

SOURCE = Path(__file__).resolve().parents[2] / "src" / "vitruvian"


def main(name: str, folder: Path, options: list[str]) -> None:
    """Hunt until the runs are over or something is found; then the process ends with an error."""
    atheris = import_module("atheris")  # only Linux on x86-64 has it
    target = TARGETS[name]
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (folder / f"seed-{number}").write_bytes(seed)
    # Only what is imported in here is watched, and of our own modules only those that parse.
    roots = sorted({name.partition(".")[0] for name in target.modules})
    with atheris.instrument_imports(include=roots, exclude=others(target.modules)):
        for seed in target.seeds:
            target.reads(seed)
    bounds = ["-timeout=25", "-rss_limit_mb=2048", "-max_len=8192"]
    atheris.Setup([sys.argv[0], str(folder), *bounds, *options], target.reads)
    atheris.Fuzz()


def others(watched: Sequence[str]) -> list[str]:
    """Our modules that belong to none of these packages."""
    ours = (path.relative_to(SOURCE.parent) for path in SOURCE.rglob("*.py"))
    names = {".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in ours}
    return sorted(
        name
        for name in names
        if name not in sys.modules
        and not any(f"{name}.".startswith(f"{package}.") for package in watched)
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
