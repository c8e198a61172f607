"""The verdict: our draws beside what was published.

* *inside*: our median lies within the published value ± 2 spreads, and our interval is at most three times as wide
* *too wide to judge*: the median lies there, but the interval is wider
* *outside*: the median does not lie there, however wide the interval
* *sign right*, *sign wrong*: only a direction was published; counted apart
* *not comparable*: no spread was published, the quantity is not quite the same, or no draw holds the posture
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from counterpull.evidence.literature import Published

VERDICTS = ("inside", "too wide to judge", "outside", "sign right", "sign wrong", "not comparable")
QUANTILES = (0.05, 0.5, 0.95)
WIDEST = 3.0
"""Our interval over the published one, value ± 2 spreads."""


class Ours(NamedTuple):
    """Our draws in short, in the row's unit; nan where no draw holds."""

    low: float
    median: float
    high: float
    held: float
    """Share of draws that hold the posture, or whose rig was solved."""
    agree: float
    """Share of those whose sign is the published one; nan where none was published."""


def ours(row: Published, values: ArrayLike) -> Ours:
    """Median and 90 % interval of values (n,); nan in those that do not count."""
    every = np.asarray(values, float)
    known = every[np.isfinite(every)]
    if not known.size:
        return Ours(np.nan, np.nan, np.nan, 0.0, np.nan)
    low, median, high = (float(v) for v in np.quantile(known, QUANTILES))
    agree = float(np.mean(known * row.sign > 0)) if row.sign else np.nan
    return Ours(low, median, high, known.size / every.size, agree)


def verdict(row: Published, found: Ours) -> str:
    """One of VERDICTS."""
    if row.kind == "shown" or not np.isfinite(found.median):
        return "not comparable"
    if row.kind == "sign":
        return "sign right" if found.median * row.sign > 0 else "sign wrong"
    assert row.band is not None  # the table does not load otherwise
    low, high = row.band
    if not low <= found.median <= high:
        return "outside"
    return "inside" if found.high - found.low <= WIDEST * (high - low) else "too wide to judge"
