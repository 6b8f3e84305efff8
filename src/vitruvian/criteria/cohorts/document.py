"""A definition as a form edits it: the same elements as the text, without its comments."""

from __future__ import annotations

from typing import Any

import orjson
import yaml  # type: ignore[import-untyped]  # PyYAML brings no types

from vitruvian.criteria.errors import CriteriaError
from vitruvian.criteria.language.document import read_document

WIDTH = 100


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]  # PyYAML brings no types
    """YAML as people write it here: texts of several lines as blocks, no references."""

    def ignore_aliases(self, _: Any) -> bool:
        """A list used twice is written twice."""
        return True


def _text(dumper: Any, text: str) -> Any:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


# Any: YAML as it came
def document_of(text: str) -> dict[str, Any] | None:
    """The elements of a definition; None where a form cannot show them.

    That is a text which is not YAML, or holds what JSON does not: an integer beyond 64 bits,
    a key that is no text.
    """
    try:
        found: dict[str, Any] = read_document(text).value
        orjson.dumps(found)
    except (CriteriaError, TypeError):
        return None
    return found


def text_of(document: dict[str, Any]) -> str:
    """The text of a definition, from its elements.

    Examples
    --------
    >>> print(text_of({"trigger": "a", "predicates": {"a": {"code": {"any": ["X"]}}}}), end="")
    trigger: a
    predicates:
      a:
        code:
          any: [X]
    """
    parts = (
        yaml.dump(
            {key: value},
            Dumper=_Dumper,
            sort_keys=False,
            allow_unicode=True,
            width=WIDTH,
            # short lists and mappings stand on one line
            default_flow_style=None if isinstance(value, dict | list) else False,
        )
        for key, value in document.items()
    )
    return "".join(parts)
