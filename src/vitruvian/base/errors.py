"""The one tree of failures.

Every room derives its own small classes from these; the sentence lives inside the class.

    VitruvianError                500  anything this software says went wrong
    |-- BadInput                  422  what was handed in cannot be used
    |-- NotSignedIn               401  nobody is signed in
    |-- Refused                   403  somebody is signed in, and policy says no
    |-- NotFound                  404  nothing under that name, or nothing you may see
    |-- Conflict                  409  the stored state has moved on
    |-- TooMany                   429  too many attempts
    |-- Unavailable               503  cannot be done now: busy, locked, disk full
    `-- Corrupt                   500  stored bytes differ from what was written

A message says what happened, where, what was expected and what to do.
It never holds a patient's name, identifier or value: sources go by ``source_id``.
"""

from __future__ import annotations

from typing import ClassVar


class VitruvianError(Exception):
    """Anything this software says went wrong."""

    status: ClassVar[int] = 500


class BadInput(VitruvianError):
    """What was handed in cannot be used."""

    status = 422


class NotSignedIn(VitruvianError):
    """Nobody is signed in."""

    status = 401


class Refused(VitruvianError):
    """Somebody is signed in, and policy says no."""

    status = 403


class NotFound(VitruvianError):
    """Nothing is stored under that name, or nothing you may see."""

    status = 404


class Conflict(VitruvianError):
    """The stored state has moved on since you read it."""

    status = 409


class TooMany(VitruvianError):
    """Too many attempts in too short a time."""

    status = 429


class Unavailable(VitruvianError):
    """It cannot be done now: busy, locked, disk full."""

    status = 503


class Corrupt(VitruvianError):
    """Stored bytes differ from what was written."""
