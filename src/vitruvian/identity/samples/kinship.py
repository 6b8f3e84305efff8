"""Kinship of two genomes without allele frequencies.

References
----------
Manichaikul et al. 2010, KING (doi:10.1093/bioinformatics/btq559), equation 11: the estimator that
is robust to population structure, for two people of whom no pedigree is known; its limits of
0.354, 0.177, 0.0884 and 0.0442 are powers of two between the expected values.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

SAME_ABOVE, FIRST_ABOVE, SECOND_ABOVE = 0.354, 0.177, 0.0884
"""Limits of KING: one genome twice or identical twins, first degree, second degree."""
FEWEST_HETEROZYGOUS = 100
"""Fewer heterozygous calls in either sample tell nothing."""

Degree = Literal["same genome", "first degree", "second degree", "not close"]
Genotypes = npt.NDArray[np.int8]


def kinship(genotypes: Genotypes) -> npt.NDArray[np.float64]:
    """KING-robust kinship of every two samples.

    Parameters
    ----------
    genotypes
        (samples, sites): copies of the other allele, 0 to 2; -1 where not called.

    Returns
    -------
    kinship
        (samples, samples), 0.5 for the same genome, around 0 and below for strangers; nan where
        either has fewer than ``FEWEST_HETEROZYGOUS`` heterozygous calls among those of both.

    Notes
    -----
    Only sites called in both count; sites written only where somebody differs from the reference
    must not be read as called in the others.
    """
    is_0, is_1, is_2 = ((genotypes == copies).astype(np.float32) for copies in range(3))
    called = (genotypes >= 0).astype(np.float32)
    both = is_1 @ is_1.T
    opposite = is_0 @ is_2.T
    opposite = opposite + opposite.T
    mine = is_1 @ called.T
    fewest = np.minimum(mine, mine.T)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (both - 2 * opposite) / (2 * fewest) + 0.5 - (mine + mine.T) / (4 * fewest)
    found = np.where(fewest < FEWEST_HETEROZYGOUS, np.nan, found)
    return np.asarray(found, np.float64)


def degree_of(value: float) -> Degree:
    """What a kinship stands for.

    Examples
    --------
    >>> degree_of(0.49), degree_of(0.25), degree_of(0.02)
    ('same genome', 'first degree', 'not close')
    """
    if value > SAME_ABOVE:
        return "same genome"
    if value > FIRST_ABOVE:
        return "first degree"
    return "second degree" if value > SECOND_ABOVE else "not close"
