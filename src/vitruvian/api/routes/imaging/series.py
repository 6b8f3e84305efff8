"""The images of one series of one person, one after the other, frames of objects among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import Path

from vitruvian.api.routes.dicomweb.find import Found, Target, instances
from vitruvian.derive.images.planes import planes_of
from vitruvian.derive.images.volume import Frame, Plane, Stack, stacked

if TYPE_CHECKING:
    from vitruvian.lake import Reader

Uid = Annotated[str, Path(pattern=r"^[0-9.]{1,64}$", examples=["1.2.840.113619.2.55"])]


@dataclass(frozen=True)
class SeriesFrame:
    """One image: the object that holds it, its number there from 0, and where it lies."""

    found: Found
    number: int
    plane: Plane | None


def objects_of(reader: Reader, person: int, target: Target) -> list[Found]:
    """The objects named, when they are this person's: nobody sees another's under a wrong name."""
    return instances(reader, target, of=reader.subjects_of(person))


def frames_in(objects: Sequence[Found]) -> list[SeriesFrame]:
    """The images of objects, in order."""
    return [
        SeriesFrame(found, number, plane)
        for found in objects
        for number, plane in enumerate(planes_of(found.header))
    ]


def stack_of(frames: Sequence[SeriesFrame]) -> Stack:
    """How the images lie; raises `NoVolume` when they are not one even stack."""
    return stacked([each.plane for each in frames])


def files_of(reader: Reader, frames: Sequence[SeriesFrame]) -> list[Frame]:
    """Where the pixels of each image are; frames of one object share its file."""
    files = {sha256: partial(reader.blob, sha256)
             for sha256 in {each.found.sha256 for each in frames}}  # fmt: skip
    return [Frame(files[each.found.sha256], each.number) for each in frames]
