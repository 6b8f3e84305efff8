"""Persons from links: who belongs together, and which number the person goes by.

Pure. A person is a set of subjects that links connect. It goes by the subject that an earlier
merge chose, where there is one, else by the smallest; so the same links always give the same
persons, and taking links away gives back exactly the persons there were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def persons_of(edges: Iterable[tuple[int, int]], chosen: frozenset[int]) -> dict[int, int]:
    """The person of every subject that is linked to another one.

    Parameters
    ----------
    edges
        Pairs of subjects that are one person.
    chosen
        Subjects that a source itself named as the one that goes on after a merge.

    Examples
    --------
    >>> persons_of([(5, 3), (3, 9)], frozenset())
    {5: 3, 9: 3}
    >>> persons_of([(5, 3), (3, 9)], frozenset({9}))
    {3: 9, 5: 9}
    """
    root: dict[int, int] = {}

    def find(subject: int) -> int:
        while (above := root.setdefault(subject, subject)) != subject:
            root[subject] = root[above]
            subject = above
        return subject

    for one, other in edges:
        root[find(one)] = find(other)
    members: dict[int, list[int]] = {}
    for subject in sorted(root):
        members.setdefault(find(subject), []).append(subject)
    persons = {}
    for group in members.values():
        person = min((each for each in group if each in chosen), default=group[0])
        persons.update({each: person for each in group if each != person})
    return dict(sorted(persons.items()))


def changes(before: Mapping[int, int], after: Mapping[int, int]) -> dict[int, tuple[int, bool]]:
    """What has to be written so that the persons before become those after.

    Returns
    -------
    changes
        Subject -> (person, whether it is that person from now on).

    Examples
    --------
    >>> changes({5: 3}, {5: 3, 9: 3}), changes({5: 3, 9: 3}, {9: 4})
    ({9: (3, True)}, {5: (3, False), 9: (4, True)})
    """
    found: dict[int, tuple[int, bool]] = {}
    for subject in sorted({*before, *after}):
        old, new = before.get(subject), after.get(subject)
        if new is not None and new != old:
            found[subject] = (new, True)
        elif new is None and old is not None:
            found[subject] = (old, False)
    return found
