"""The sex that a genome tells: by heterozygous calls on X and by calls on Y.

References
----------
Purcell et al. 2007, PLINK (doi:10.1086/519795), ``--check-sex``: inbreeding on X, F = 1 - observed
over expected heterozygosity, near 0 for two X and near 1 for one.
Karczewski et al. 2020, gnomAD (doi:10.1038/s41586-020-2308-7), sample quality control: one X from
F above 0.8, two below 0.5, nothing said between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ONE_X_ABOVE, TWO_X_BELOW = 0.8, 0.5
"""Limits of F (gnomAD, see above)."""
FEWEST_ON_X, FEWEST_ELSEWHERE = 30, 100
"""Fewer calls tell nothing: of thirty calls that are heterozygous by even chance, three or fewer
are so four times in a million (binomial), and three of thirty is about where one X begins."""
FEWEST_ON_Y = 30

SexJudged = Literal["male", "female", "unclear", "not looked"]


@dataclass(frozen=True)
class SexCounts:
    """Carried alleles of one sample, without the pseudo-autosomal regions.

    Parameters
    ----------
    x_heterozygous, x_homozygous
        Unfiltered calls on X with one copy of two, and with all copies.
    heterozygous, homozygous
        The same on chromosomes 1 to 22: what this person and caller usually show.
    y_called, y_offered
        Calls on Y, and places on Y where the file had a line.
    """

    x_heterozygous: int
    x_homozygous: int
    heterozygous: int
    homozygous: int
    y_called: int = 0
    y_offered: int = 0

    @property
    def f(self) -> float | None:
        """F on X, the person's own chromosomes 1 to 22 as expectation; None from too few calls."""
        on_x, elsewhere = self.x_heterozygous + self.x_homozygous, self.heterozygous
        if on_x < FEWEST_ON_X or elsewhere + self.homozygous < FEWEST_ELSEWHERE or not elsewhere:
            return None
        expected = elsewhere / (elsewhere + self.homozygous)
        return 1 - (self.x_heterozygous / on_x) / expected

    @property
    def has_y(self) -> bool | None:
        """Whether more than half of the places on Y were called; None from too few places."""
        if self.y_offered < FEWEST_ON_Y:
            return None
        return 2 * self.y_called > self.y_offered


def judge_sex(counts: SexCounts) -> SexJudged:
    """The sex that a sample's calls tell.

    Returns
    -------
    SexJudged
        ``not looked`` from too few calls on X; ``unclear`` between the limits, or when X and Y
        tell different things (contamination, an unusual number of sex chromosomes).

    Notes
    -----
    Not for tumours: a lost X reads as one X.

    Examples
    --------
    >>> judge_sex(SexCounts(60, 40, 600, 400)), judge_sex(SexCounts(1, 99, 600, 400))
    ('female', 'male')
    >>> judge_sex(SexCounts(3, 3, 600, 400))
    'not looked'
    """
    f = counts.f
    if f is None:
        return "not looked"
    if f > ONE_X_ABOVE and counts.has_y is not False:
        return "male"
    if f < TWO_X_BELOW and counts.has_y is not True:
        return "female"
    return "unclear"
