"""Scores for ensembles: which part of a row's spread is common to all, to a cause, and to a side.

A row's standard-normal score is  √c · (its cause's score) + √(1 - c - s) · (its own) + √s · (its side's),
with c and s from sharing.csv. Every part has its own random stream, keyed by what it is, so that adding a
row changes no other draw, and the first 32 of 256 draws are the draws of n = 32.

Draws come in pairs: the second of a pair is the first in a mirror. So nobody leans to one side by chance, and a
mirrored question has the mirrored answer.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from counterpull.anatomy.posture import SIDES
from counterpull.anatomy.records import Tables
from counterpull.quantities import normals

VARIANTS = 16
"""Geometry variants per person: draw i has the geometry of variant i mod 16."""


def paired(seed: int, *key: str, n: int) -> NDArray[np.float64]:
    """Normal numbers (n,) of which each stands twice: of a draw and of its mirror image.

    >>> float(np.ptp(paired(7, "row", n=3)[:2]))
    0.0
    """
    return np.repeat(normals(seed, *key, n=(n + 1) // 2), 2)[:n]


def scores(tables: Tables, kind: str, keys: Sequence[str], seed: int, n: int) -> NDArray[np.float64]:
    """Scores (n, 2, R) of the rows `keys`, right and left."""
    sharing = tables.share(kind)
    common, sided = sharing.of_cause, sharing.of_side
    out = np.empty((len(SIDES), len(keys), n))
    for r, key in enumerate(keys):
        own = np.sqrt(1 - common - sided) * paired(seed, kind, key, n=n)
        if common and sharing.cause:
            own = own + np.sqrt(common) * paired(seed, "cause", sharing.cause, n=n)
        for s, side in enumerate(SIDES):
            out[s, r] = own + np.sqrt(sided) * paired(seed, kind, key, side, n=n) if sided else own
    out = np.moveaxis(out, -1, 0)
    out[1::2] = out[1::2, ::-1]
    return out


def midline_scores(tables: Tables, kind: str, keys: Sequence[str], seed: int, n: int) -> NDArray[np.float64]:
    """Scores (n, R) of rows that exist once and not per side."""
    sharing = tables.share(kind)
    common = sharing.of_cause if sharing.cause else 0.0
    shared = np.sqrt(common) * paired(seed, "cause", sharing.cause, n=n) if common else 0.0
    out = [np.sqrt(1 - common) * paired(seed, kind, key, n=n) + shared for key in keys]
    return np.stack(out, axis=-1) if out else np.empty((n, 0))
