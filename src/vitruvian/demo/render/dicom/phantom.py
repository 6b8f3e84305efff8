"""A chest of ellipsoids in Hounsfield units, with lesions whose places and sizes are known.

Coordinates are those of DICOM patients: millimetres to the left, to the back, to the head.
The proportions are rough; nothing here stands for a real person.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

SIZE, PIXEL_MM = 128, 2.8
SLICES, SPACING_MM = 36, 8.0
INTERCEPT = -1024
AIR, TISSUE, LUNG, HEART, BONE, GROUND_GLASS = -1000, 40, -850, 45, 400, -500
_NOISE, _POOL = 12.0, 4096
_FLOOR_MM = -(SLICES - 1) * SPACING_MM / 2

Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """An ellipsoid of one density; an infinite radius makes a cylinder."""

    name: str
    centre: Point
    radii: Point
    hounsfield: int

    def span(self, y: float, z: float) -> tuple[int, int]:
        """First and last pixel (exclusive) of the row at y in the slice at z."""
        rest = 1 - ((y - self.centre[1]) / self.radii[1]) ** 2
        rest -= ((z - self.centre[2]) / self.radii[2]) ** 2
        if rest <= 0:
            return 0, 0
        half = self.radii[0] * math.sqrt(rest)
        start = math.ceil((self.centre[0] - half - _first_mm()) / PIXEL_MM)
        end = math.floor((self.centre[0] + half - _first_mm()) / PIXEL_MM) + 1
        return max(0, start), max(0, min(SIZE, end))


def _first_mm() -> float:
    """The centre of the first pixel of a row, and of the first row."""
    return -(SIZE - 1) / 2 * PIXEL_MM


_BODY = (
    Shape("body", (0, 0, 0), (165, 115, math.inf), TISSUE),
    Shape("lung right", (-72, 0, -10), (58, 80, 125), LUNG),
    Shape("lung left", (72, 0, -10), (58, 80, 125), LUNG),
    Shape("heart", (18, -30, -45), (52, 46, 58), HEART),
    Shape("spine", (0, 82, 0), (19, 19, math.inf), BONE),
    Shape("trachea", (0, 10, 110), (9, 9, 90), AIR),
)


@dataclass(frozen=True, slots=True)
class Mask:
    """Where a lesion, numbered from 1, is seen in one slice: a bit a pixel, row by row.

    `place` is that of the first pixel.
    """

    lesion: int
    place: Point
    bits: bytes


@dataclass(frozen=True, slots=True)
class Phantom:
    """A chest with its lesions, and how many voxels of each stayed visible."""

    lesions: tuple[Shape, ...]
    seed: int
    voxels: dict[str, int] = field(default_factory=dict)

    def slices(self) -> Iterator[tuple[Point, bytes]]:
        """Position of the first pixel, and the pixels, from the feet to the head."""
        pool = _noise(self.seed)
        rng = Random(self.seed)
        for number in range(SLICES):
            z = _FLOOR_MM + number * SPACING_MM
            yield (_first_mm(), _first_mm(), z), self._slice(z, pool, rng)

    def masks(self) -> Iterator[Mask]:
        """Each lesion in each slice that shows it, from the feet to the head."""
        numbers = {lesion.name: n for n, lesion in enumerate(self.lesions, start=1)}
        for each in range(SLICES):
            z = _FLOOR_MM + each * SPACING_MM
            if not any(abs(z - lesion.centre[2]) < lesion.radii[2] for lesion in self.lesions):
                continue
            seen: dict[int, bytearray] = {}
            for row in range(SIZE):
                _, names = self._row(_first_mm() + row * PIXEL_MM, z)
                for column, name in enumerate(names):
                    if name in numbers:
                        at = row * SIZE + column
                        bits = seen.setdefault(numbers[name], bytearray(SIZE * SIZE // 8))
                        bits[at // 8] |= 1 << at % 8
            for lesion, bits in sorted(seen.items()):
                yield Mask(lesion, (_first_mm(), _first_mm(), z), bytes(bits))

    def _slice(self, z: float, pool: Sequence[int], rng: Random) -> bytes:
        pixels = array("H")
        for row in range(SIZE):
            line, names = self._row(_first_mm() + row * PIXEL_MM, z)
            start = rng.randrange(_POOL - SIZE)
            noise = pool[start : start + SIZE]
            pixels.extend(max(0, h - INTERCEPT + n) for h, n in zip(line, noise, strict=True))
            for name in filter(None, names):
                self.voxels[name] = self.voxels.get(name, 0) + 1
        if sys.byteorder == "big":
            pixels.byteswap()
        return pixels.tobytes()

    def _row(self, y: float, z: float) -> tuple[list[int], list[str]]:
        """Density and lung or lesion of each pixel of a row; the shape drawn last is seen."""
        line, names = [AIR] * SIZE, [""] * SIZE
        for shape in (*_BODY, *self.lesions):
            start, end = shape.span(y, z)
            counted = shape.hounsfield in {LUNG, GROUND_GLASS}
            line[start:end] = [shape.hounsfield] * (end - start)
            names[start:end] = [shape.name if counted else ""] * (end - start)
        return line, names

    def millilitres(self, name: str) -> float:
        """The volume that the voxels of one shape take, after all slices were drawn."""
        return round(self.voxels.get(name, 0) * PIXEL_MM**2 * SPACING_MM / 1000, 3)


def _noise(seed: int) -> list[int]:
    rng = Random(seed)
    return [round(rng.gauss(0, _NOISE)) for _ in range(_POOL)]


def phantom(seed: int) -> Phantom:
    """A chest with four to seven patches of ground glass at the edge of the lower lungs."""
    rng = Random(seed)
    lesions = tuple(_lesion(rng, number) for number in range(1, rng.randrange(5, 9)))
    return Phantom(lesions, seed)


def _lesion(rng: Random, number: int) -> Shape:
    side = -1 if number % 2 else 1
    angle = rng.uniform(0.15, 1.1)
    x, y = side * (72 + 36 * math.cos(angle)), 52 * math.sin(angle)
    centre = (round(x, 1), round(y, 1), round(rng.uniform(-90, 40), 1))
    radius = round(rng.uniform(9, 15), 1)
    return Shape(f"lesion {number}", centre, (radius, radius, radius), GROUND_GLASS)
