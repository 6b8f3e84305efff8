"""Numbers that carry their own proof: national ids, cards and accounts.

References
----------
Norwegian national identity number: Skatteetaten, modulus 11 with two control digits.
NIR: INSEE, key 97 minus the number modulo 97; 2A and 2B count as 19 and 18.
DNI and NIE: Ministerio del Interior, letter by the remainder of 23.
Steuer-IdNr: Bundeszentralamt, ISO 7064 MOD 11,10; KVNR: GKV, weights 1 and 2 as Luhn.
NHS number: NHS Data Dictionary, modulus 11. Cards: ISO/IEC 7812-1. IBAN: ISO 13616, modulus 97.
"""

# ruff: noqa: PLR2004 -- patterns keep the signs and lengths that notes have

from __future__ import annotations

_FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
_CORSICA = {"2A": "19", "2B": "18"}


def norwegian(digits: str) -> bool:
    """Whether eleven digits are a Norwegian national identity number or D-number.

    Examples
    --------
    >>> norwegian("15076500565"), norwegian("15076500566")
    (True, False)
    """
    if len(digits) != 11 or not digits.isdigit():
        return False
    numbers = [int(one) for one in digits]
    first = -sum(w * n for w, n in zip(_FIRST, numbers, strict=False)) % 11
    second = -sum(w * n for w, n in zip(_SECOND, numbers, strict=False)) % 11
    return (first, second) == (numbers[9], numbers[10])


def french(text: str) -> bool:
    """Whether a NIR with its key is right.

    Examples
    --------
    >>> french("295109912611193")
    True
    """
    number = text[:13].upper()
    for department, standing in _CORSICA.items():
        if number[5:7] == department:
            number = number[:5] + standing + number[7:]
    if len(text) != 15 or not number.isdigit() or not text[13:].isdigit():
        return False
    return 97 - int(number) % 97 == int(text[13:])


def spanish(text: str) -> bool:
    """Whether a DNI (eight digits) or NIE (X, Y or Z and seven) ends with its letter.

    Examples
    --------
    >>> spanish("54362315K"), spanish("X2482300W"), spanish("54362315Z")
    (True, True, False)
    """
    text = text.upper()
    body, letter = text[:-1], text[-1:]
    if body[:1] in ("X", "Y", "Z"):
        body = str("XYZ".index(body[0])) + body[1:]
    return len(body) == 8 and body.isdigit() and _DNI[int(body) % 23] == letter


def german_tax(digits: str) -> bool:
    """Whether eleven digits are a German Steuer-IdNr.

    Examples
    --------
    >>> german_tax("36574261809"), german_tax("36574261890")
    (True, False)
    """
    if len(digits) != 11 or not digits.isdigit() or digits[0] == "0":
        return False
    repeated = [digits[:10].count(one) for one in set(digits[:10])]
    # One digit stands two or three times, the others once.
    if max(repeated) not in (2, 3) or sum(one > 1 for one in repeated) != 1:
        return False
    product = 10
    for one in digits[:10]:
        total = (int(one) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[10])


def german_insured(text: str) -> bool:
    """Whether a letter and nine digits are a German Krankenversichertennummer.

    Examples
    --------
    >>> german_insured("A123456780"), german_insured("A123456789")
    (True, False)
    """
    text = text.upper()
    if len(text) != 10 or not ("A" <= text[0] <= "Z") or not text[1:].isdigit():
        return False
    digits = f"{ord(text[0]) - 64:02d}{text[1:9]}"
    doubled = (int(one) * (1 + place % 2) for place, one in enumerate(digits))
    return sum(one // 10 + one % 10 for one in doubled) % 10 == int(text[9])


def british(digits: str) -> bool:
    """Whether ten digits are an NHS number.

    Examples
    --------
    >>> british("9434765870"), british("9434765871")
    (True, False)
    """
    if len(digits) != 10 or not digits.isdigit():
        return False
    rest = -sum(int(one) * (10 - place) for place, one in enumerate(digits[:9])) % 11
    return rest == int(digits[9])


def card(digits: str) -> bool:
    """Whether 13 to 19 digits are a payment card by the formula of Luhn.

    Examples
    --------
    >>> card("4111111111111111"), card("4111111111111112")
    (True, False)
    """
    if not 12 <= len(digits) <= 19 or not digits.isdigit():
        return False
    doubled = (int(one) * (1 + place % 2) for place, one in enumerate(reversed(digits)))
    return sum(one // 10 + one % 10 for one in doubled) % 10 == 0


def account(text: str) -> bool:
    """Whether a text is an IBAN.

    Examples
    --------
    >>> account("NO9386011117947"), account("NO9386011117948")
    (True, False)
    """
    text = text.upper()
    if not (text[:2].isalpha() and text.isalnum() and 15 <= len(text) <= 34):
        return False
    return int("".join(str(int(one, 36)) for one in text[4:] + text[:4])) % 97 == 1
