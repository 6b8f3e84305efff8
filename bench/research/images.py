"""DICOM de-identification: how many of the required actions are right, by kind, and how fast.

Identifiers are planted in every attribute of PS3.15 Table E.1-1, in items within items, private
tags, elements that no dictionary knows, descriptions, structured content and pixels. The baseline
is a hurried hand, which takes out private tags and the lines that name somebody.
"""

from __future__ import annotations

import os
import random
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from bench.research.planted import new_name
from bench.research.planted_dicom import planted_objects
from vitruvian.research.deidentify.dicom import clean_dataset, text_finder
from vitruvian.research.deidentify.dicom.pixels import FindText, blank_text
from vitruvian.research.deidentify.errors import TextReaderAbsent
from vitruvian.research.deidentify.replace import Project

OBJECTS = {"small": 40, "medium": 200, "large": 1_000}
PICTURES = {"small": 10, "medium": 40, "large": 200}
GOAL, SEED = 0.999, 2_024
PROJECT = Project("bench", b"0123456789abcdef0123456789abcdef")
_HAND = "private tags, and the lines that name patient, doctor and hospital"
_CT = ("imaging", "lung-pet-ct-dx")
_HEIGHT, _WIDTH, _LINES, _LEFT = 300, 420, 4, 0.01
_SEEN = 32  # of 255: what is as bright as what lies under it tells nothing
Measured = dict[str, object]


def measure(scale: str) -> list[Measured]:
    """Share of required actions that are right, by kind."""
    began = time.process_time()
    asked, right, wrong = scored(OBJECTS[scale], cleaned)
    seconds = time.process_time() - began
    _, usual, _ = scored(OBJECTS[scale], by_hand)
    told = ", ".join(f"{kind} {right[kind] / asked[kind]:.4f}" for kind in sorted(asked))
    missed = ", ".join(f"{what} {times}" for what, times in wrong.most_common(5))
    every = sum(right.values()) / asked.total()
    note = f"{asked.total():,} in {OBJECTS[scale]} objects; {told}"
    if missed:
        note += f"; missed: {missed}"
    rows = [
        _row("DICOM, required actions right", every, note, GOAL),
        _row("the same, a hurried hand", sum(usual.values()) / asked.total(), _HAND),
        {
            "name": "DICOM headers cleaned, one core",
            "value": round(OBJECTS[scale] / seconds, 1),
            "unit": "objects/s",
            "note": "CPU time, planting and looking among it, over 100 attributes each",
        },
    ]
    return rows + _pictures(PICTURES[scale])


def scored(
    count: int, clean: Callable[[Any, int], None], *, seed: int = SEED
) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """By kind: what was asked and what is right; and by name what is not."""
    asked, right, wrong = Counter[str](), Counter[str](), Counter[str]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, made in enumerate(planted_objects(count, seed=seed)):
            clean(made.dataset, number)
            for each in made.expected:
                asked[each.kind] += 1
                if each.holds(made.dataset):
                    right[each.kind] += 1
                else:
                    wrong[f"{each.kind}: {each.what}"] += 1
    return asked, right, wrong


def cleaned(dataset: Any, number: int) -> None:
    """By the project's rules."""
    clean_dataset(dataset, PROJECT, PROJECT.person(number), patient=f"P{number}")


def by_hand(dataset: Any, number: int) -> None:
    """What a hurried hand does."""
    dataset.remove_private_tags()
    dataset.PatientName = dataset.PatientID = f"P{number}"
    for keyword in ("PatientBirthDate", "ReferringPhysicianName", "InstitutionName"):
        if keyword in dataset:
            delattr(dataset, keyword)


# ------------------------------------------------------------------ pixels


def _pictures(count: int) -> list[Measured]:
    """Lines of text burned into pictures: of how many less than a hundredth of the ink is left."""
    try:
        find_text = text_finder()
    except TextReaderAbsent:
        return []
    rng = random.Random(SEED)
    made = [burned(rng, noise(rng), sizes=(14, 30), shades=(255,)) for _ in range(count)]
    gone, lines, kept = painted(made, find_text)
    note = f"{lines} lines in {count} pictures, 14 to 30 pixels high, under 1 % of the ink left"
    beside = "boxes are wider than the letters by design"
    rows = [
        _row("burned-in lines of text painted over", gone / lines, note),
        _row("pixels beside text left as they were", kept / count, beside),
    ]
    if slices := _slices(count):
        real = [burned(rng, one, sizes=(8, 30), shades=(192, 255)) for one in slices]
        gone, lines, _ = painted(real, find_text)
        found = sum(blank_text(as_dataset(one), find_text) for one in slices)
        note = f"{lines} lines on {len(slices)} slices of a chest, 8 to 30 pixels, grey or white; "
        note += f"{found} boxes were painted on the same slices without text"
        rows.append(_row("the same on a real CT", gone / lines, note))
    return rows


@dataclass(frozen=True)
class Burned:
    """A grey picture with lines of text, the pixels of each line, and how bright they are."""

    picture: Any
    inks: list[Any]
    shade: int


def painted(made: Sequence[Burned], find_text: FindText) -> tuple[int, int, float]:
    """Lines of which nothing is left, lines, and pictures' worth of pixels left beside them."""
    gone, kept = 0, 0.0
    for one in made:
        dataset = as_dataset(one.picture)
        blank_text(dataset, find_text)
        after = dataset.pixel_array
        gone += sum(float((after[ink] == one.shade).mean()) < _LEFT for ink in one.inks)
        apart = ~np.logical_or.reduce(one.inks)
        kept += float((after[apart] == one.picture[apart]).mean())
    return gone, sum(len(one.inks) for one in made), kept


def noise(rng: random.Random) -> Any:
    """A grey picture of nothing."""
    values = np.random.default_rng(rng.randrange(10**6)).integers(0, 60, (_HEIGHT, _WIDTH))
    return values.astype(np.uint8)


def _slices(count: int) -> list[Any]:
    """Slices of a real CT as a secondary capture shows them: soft tissue, 8 bits."""
    folder = Path(os.environ.get("VITRUVIAN_REAL_DATA", "absent"), *_CT)
    files = sorted(folder.rglob("*.dcm"))
    chosen = files[:: max(1, len(files) // count)][:count]
    sets = [dcmread(path) for path in chosen]
    units = (s.pixel_array * float(s.RescaleSlope) + float(s.RescaleIntercept) for s in sets)
    return [((one + 160) * 255 / 400).clip(0, 255).astype(np.uint8) for one in units]


def burned(
    rng: random.Random, under: Any, *, sizes: tuple[int, int], shades: tuple[int, ...]
) -> Burned:
    """A picture with lines of text in it."""
    picture, inks, shade = under.copy(), [], rng.choice(shades)
    height, width = picture.shape
    for line in range(_LINES):
        day = f"{rng.randrange(1, 29):02d}.{rng.randrange(1, 13):02d}.{rng.randrange(1930, 2024)}"
        name = f"{new_name(rng, 'en')}, {new_name(rng, 'en')}"
        words = [name, f"MRN {rng.randrange(10**6, 10**8)}", day]
        sheet = Image.new("L", (width, height))
        font = ImageFont.load_default(rng.randrange(sizes[0], sizes[1] + 1))
        place = (rng.randrange(5, 60), 10 + line * height // _LINES)
        ImageDraw.Draw(sheet).text(place, rng.choice(words), fill=255, font=font)
        ink = np.array(sheet) > 127
        picture[ink] = shade
        inks.append(ink & (abs(under.astype(int) - shade) > _SEEN))
    return Burned(picture, inks, shade)


def as_dataset(picture: Any) -> Any:
    """A secondary capture of the picture."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.Rows, made.Columns = picture.shape
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit, made.PixelRepresentation, made.SamplesPerPixel = 7, 0, 1
    made.PhotometricInterpretation, made.PixelData = "MONOCHROME2", picture.tobytes()
    return made


def _row(name: str, value: float, note: str, goal: float | None = None) -> Measured:
    return {
        "name": name,
        "value": round(value, 5),
        "unit": "",
        "versus": f"goal {goal}" if goal else "",
        "ratio": value / goal if goal else None,
        "note": note,
    }
