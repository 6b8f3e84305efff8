"""What every engine's SQL shares: marks of our own failures, one-time names, the dialect."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from vitruvian.views.plan.expressions import Record, Store

NOT_ONE, TOO_DEEP = "vitruvian:not-one", "vitruvian:too-deep"
_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.(\"[^\"]*\"|`[^`]*`))*")


class Dialect(ABC):
    """How one engine writes what the intermediate form asks for.

    Arguments and answers are SQL text. Lists count from 0 here, whatever the engine does.
    `types` names the column type of a storage kind; `texts` holds the functions of texts
    and numbers, with `{}` for each argument.
    """

    types: ClassVar[Mapping[Store, str]]
    texts: ClassVar[Mapping[str, str]]
    failing: ClassVar[str]

    @abstractmethod
    def text(self, value: str) -> str:
        """A text literal."""

    @abstractmethod
    def name(self, value: str) -> str:
        """A quoted identifier."""

    @abstractmethod
    def list_type(self, store: Store) -> str:
        """Type of a list."""

    @abstractmethod
    def parse(self, raw: str, record: Record, *, as_sent: bool) -> str:
        """JSON text parsed into what is wanted of it."""

    @abstractmethod
    def quoted_numbers(self, json: str, names: Sequence[str]) -> str:
        """JSON text with the numbers of some members between quotes: `1.50` keeps its zero.

        Exact on valid JSON: a quote inside a text follows a backslash, so that a name
        between plain quotes before a colon is a member's name and nothing else.
        """

    # -------------------------------------------------------------------- lists

    @abstractmethod
    def list_of(self, *values: str) -> str:
        """A list of some values."""

    @abstractmethod
    def each(self, items: str, item: str, body: str, *, placed: bool = False) -> str:
        """A value for every item; `placed` when the body names the item's place."""

    @abstractmethod
    def flat_each(self, items: str, item: str, body: str, *, placed: bool = False) -> str:
        """The lists of every item, one after the other."""

    @abstractmethod
    def keep(self, items: str, item: str, test: str) -> str:
        """Items for which a test is true."""

    @abstractmethod
    def place(self, item: str) -> str:
        """Place of a lambda's item."""

    @abstractmethod
    def size(self, items: str) -> str:
        """Number of items; null for no list."""

    @abstractmethod
    def item(self, items: str, position: int) -> str:
        """The item at a position, a negative one from the end; null when there is none."""

    @abstractmethod
    def item_at(self, items: str, position: str) -> str:
        """The item at a computed position; null when there is none."""

    @abstractmethod
    def append(self, left: str, right: str) -> str:
        """Two lists one after the other; no list is an empty one."""

    @abstractmethod
    def part(self, items: str, skip: str, take: str | None) -> str:
        """Items after the first `skip`, at most `take`."""

    @abstractmethod
    def distinct(self, items: str, item: str) -> str:
        """Each item once, where it first stands; `item` is a name to use."""

    @abstractmethod
    def joined(self, items: str, separator: str) -> str:
        """Texts in one; null for no list."""

    @abstractmethod
    def fold(self, start: str, step: tuple[str, str], times: int) -> str:
        """A value sent `times` times through a step, given as its name and the next value."""

    @abstractmethod
    def struct(self, cells: Sequence[tuple[str, str]]) -> str:
        """Named values in one."""

    @abstractmethod
    def or_null(self, items: str) -> str:
        """The list, or a list of one null where it is empty."""

    @abstractmethod
    def named(self, value: str, name: str, body: str) -> str:
        """`body`, in which a value goes by a name."""

    # --------------------------------------------------------------------- rows

    @abstractmethod
    def rows_of(self, items: str, alias: str) -> str:
        """Column that makes a row of every item."""

    @abstractmethod
    def numbered_rows_of(self, items: str, ordinal: str, alias: str) -> str:
        """The same, with a column before it for the item's place."""

    # ------------------------------------------------------------------ scalars

    @abstractmethod
    def matches(self, value: str, pattern: str) -> str:
        """Whether a pattern is found in a text."""

    @abstractmethod
    def stamp(self, value: str, *, zoned: bool) -> str:
        """A full date and time as `2024-05-06T07:08:09.000000`, in UTC when zoned."""

    @abstractmethod
    def month_end(self, month: str) -> str:
        """The last instant of a month, to the millisecond."""

    @abstractmethod
    def short(self, number: str) -> str:
        """A number of 12 significant digits."""

    @abstractmethod
    def whole(self, number: str) -> str:
        """A number without its fraction."""

    @abstractmethod
    def rounded(self, number: str, places: str) -> str:
        """A number with so many decimal places."""

    # ------------------------------------------------------------------- shared

    def failure(self, code: str, pointer: str) -> str:
        """A call that stops the run; the text names the view's element, never data."""
        return f"{self.failing}({self.text(f'{code} {pointer} ;')})"


class Names:
    """Names for lambda parameters, each given out once."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._given = 0

    def fresh(self) -> str:
        """A name not given before."""
        self._given += 1
        return f"t{self._given}"

    def let(self, value: str, body: Callable[[str], str]) -> str:
        """`body` over a value that is computed once, however often the body names it.

        SQL has no local variable inside an expression; the item of a list is one.
        """
        if _SIMPLE.fullmatch(value):
            return body(value)
        bound = self.fresh()
        return self.dialect.named(value, bound, body(bound))
