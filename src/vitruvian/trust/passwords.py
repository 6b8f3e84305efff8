"""Which passwords are worth having.

References
----------
NIST SP 800-63B-4 (2025), section 3.1.1: length counts, composition rules do not,
and passwords that everybody guesses first are refused.
"""

from __future__ import annotations

from vitruvian.trust.errors import WeakPassword

SHORTEST = 12
LONGEST = 1024
FEWEST_DIFFERENT = 5
GUESSED_FIRST = ("password", "qwerty", "12345", "letmein", "vitruvian", "hospital", "welcome")


def check_password(password: str, *, name: str) -> None:
    """Refuse a password that is short, guessed first, or made of the account's name.

    Raises
    ------
    WeakPassword
        With the rule that it breaks; never with the password.
    """
    if len(password) < SHORTEST:
        raise WeakPassword(why=f"it is shorter than {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise WeakPassword(why=f"it is longer than {LONGEST} characters.")
    folded = password.casefold()
    if len(set(folded)) < FEWEST_DIFFERENT:
        raise WeakPassword(why=f"it has fewer than {FEWEST_DIFFERENT} different characters.")
    rest = folded
    for word in (*GUESSED_FIRST, name.casefold()):
        rest = rest.replace(word, "") if word else rest
    if len(rest) < SHORTEST // 2:
        raise WeakPassword(why="it is little more than a word that everybody tries first.")
