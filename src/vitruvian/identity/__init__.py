"""Which source identities are one person: only what a declared authority says is one.

Links change no stored row: a merge adds rows of ``person_link``, and its undoing restores
every answer exactly. Nothing is ever linked because names or dates look alike.
"""

from vitruvian.identity.door import LinkReport, link, unlink
from vitruvian.identity.errors import BadDeclaration, NotDeclared

__all__ = ["BadDeclaration", "LinkReport", "NotDeclared", "link", "unlink"]
