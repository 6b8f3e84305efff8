"""The default pipeline of medspaCy over some notes: run by an interpreter that has it.

It wants an older NumPy than we do, so it stands in an environment of its own:
`uv venv DIR && uv pip install --python DIR/bin/python medspacy "numpy<2"`, and the bench finds it
by `MEDSPACY_PYTHON=DIR/bin/python`.
"""

from __future__ import annotations

import json
import sys
import time


def main(rounds: int = 10) -> None:
    """Texts as a JSON list come in; the best notes a second of CPU time goes out."""
    # Neither is installed here, nor has types.
    from loguru import logger  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415
    from medspacy import load  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    logger.remove()  # it tells every step of every sentence
    texts = json.load(sys.stdin)
    pipeline = load()
    pipeline(texts[0])
    best = 0.0
    for _ in range(rounds):
        began = time.process_time()
        for text in texts:
            pipeline(text)
        best = max(best, len(texts) / (time.process_time() - began))
    print(json.dumps({"notes_a_second": best, "steps": pipeline.pipe_names}))


if __name__ == "__main__":
    main()
