"""What every machine-readable record begins with, and how a quantity of many draws is written."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from counterpull import __version__
from counterpull.anatomy.posture import SIDES
from counterpull.anatomy.reading import PARAMETER_SET

CONVENTION = "counterpull.pelvis/1"
"""x anterior, y superior, z right; docs/explanation/conventions.md."""
INTERVAL = (0.05, 0.5, 0.95)
"""Quantiles: the ends of the 90 % interval with the median between."""
_ROUNDING = 1e-12
"""Degrees, millimetres, newtons: what is smaller is the rounding of what is held at nothing."""

Quantity = dict[str, float | None]


def head(schema: str) -> dict[str, Any]:
    """Schema, version, set of numbers and convention."""
    return {"schema": schema, "version": __version__, "parameters": PARAMETER_SET, "convention": CONVENTION}


def quantity(values: ArrayLike) -> Quantity:
    """Median and 90 % interval of the draws (n,); null where there is nothing to say.

    One value has no interval. A number that is not finite is left out.

    >>> quantity([1.0])
    {'median': 1.0, 'low': None, 'high': None}
    >>> quantity([2e-16])["median"]
    0.0
    """
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    known = np.where(np.abs(known) < _ROUNDING, 0.0, known)
    if len(known) == 0:
        return {"median": None, "low": None, "high": None}
    low, median, high = (written(v) for v in np.quantile(known, INTERVAL))
    several = len(known) > 1
    return {"median": median, "low": low if several else None, "high": high if several else None}


def sided(values: NDArray[np.float64], unit: str) -> dict[str, Quantity]:
    """Both sides of values (n, 2), right first: right_N, left_N."""
    return {f"{side}_{unit}": quantity(values[:, s]) for s, side in enumerate(SIDES)}


def written(value: float, digits: int = 6) -> float | None:
    """A number with so many significant digits; None if it is not finite.

    >>> written(0.123456789)
    0.123457
    """
    return float(f"{value:.{digits}g}") + 0.0 if math.isfinite(value) else None  # and no -0.0
