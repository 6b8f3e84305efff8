"""How alike the rows of a table are: k-anonymity and l-diversity. Pure.

References
----------
Sweeney L. k-anonymity: a model for protecting privacy. Int J Uncertain Fuzz Knowl Based Syst
2002;10(5):557-570. doi:10.1142/S0218488502001648.
Machanavajjhala A, Kifer D, Gehrke J, Venkitasubramaniam M. l-diversity: privacy beyond
k-anonymity. ACM Trans Knowl Discov Data 2007;1(1):3. doi:10.1145/1217299.1217302: distinct
l-diversity (section 4) and entropy l-diversity (definition 4.1).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

Row = Mapping[str, str]


@dataclass(frozen=True)
class Likeness:
    """How well a row hides among others.

    Parameters
    ----------
    rows
        How many rows there are.
    classes
        How many groups of rows agree in every quasi-identifier.
    k
        Rows in the smallest group; 0 for a table without rows.
    alone
        Rows in groups smaller than the floor.
    distinct_l
        Fewest different values of any sensitive column in any group; None without such columns.
    entropy_l
        Exponential of the least entropy of a sensitive column in any group; None likewise.
    """

    rows: int
    classes: int
    k: int
    alone: int
    distinct_l: int | None = None
    entropy_l: float | None = None


def likeness(
    rows: Sequence[Row], *, quasi: Sequence[str], sensitive: Sequence[str] = (), floor: int = 5
) -> Likeness:
    """k-anonymity over quasi-identifiers, and l-diversity of what is sensitive.

    Parameters
    ----------
    rows
        One a person. Two persons are alike only where they agree in the text of every
        quasi-identifier; an empty cell is a value like any other.
    quasi
        Columns by which somebody could be known again: age, sex, place. None of them makes one
        group of all rows.
    sensitive
        Columns whose values must not be learned of a person.
    floor
        The least size of a group that counts as hidden.

    Examples
    --------
    >>> rows = [{"age": "40", "ill": "flu"}, {"age": "40", "ill": "flu"}]
    >>> likeness(rows, quasi=["age"], sensitive=["ill"])
    Likeness(rows=2, classes=1, k=2, alone=2, distinct_l=1, entropy_l=1.0)
    """
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in quasi), []).append(row)
    sizes = [len(some) for some in groups.values()]
    found = Likeness(
        len(rows), len(groups), min(sizes, default=0), sum(n for n in sizes if n < floor)
    )
    if not sensitive or not groups:
        return found
    each = [[row[name] for row in some] for some in groups.values() for name in sensitive]
    return Likeness(
        found.rows,
        found.classes,
        found.k,
        found.alone,
        distinct_l=min(len(set(values)) for values in each),
        entropy_l=min(math.exp(entropy(values)) for values in each),
    )


def entropy(values: Iterable[Hashable]) -> float:
    """Shannon's entropy of values, in nats; 0 where all are the same.

    Examples
    --------
    >>> round(entropy(["a", "b"]), 3)
    0.693
    """
    counts = Counter(values)
    whole = sum(counts.values())
    return -sum(n / whole * math.log(n / whole) for n in counts.values()) + 0.0
