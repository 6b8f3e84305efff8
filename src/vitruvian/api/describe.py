"""The OpenAPI description as a file, from which the web's types are generated.

Run `python -m vitruvian.api.describe web/openapi.json` after changing a route or a shape.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, cast

from vitruvian.api.app import create_app


def description() -> str:
    """The description of every route, as it is committed."""
    # Describing touches no stored data, so it needs no lake.
    app = create_app(cast("Any", None))
    return json.dumps(app.openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(description(), "utf-8")
