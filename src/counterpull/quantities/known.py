"""A number with its papers: value, unit, spread, source and grade travel together, or it does not exist."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from counterpull.quantities.errors import InputError, or_list

GRADES = {
    "A": "measured in living people",
    "B": "cadaver or animal",
    "C": "derived by a formula that is code, or carried over from a published model",
    "D": "assumed",
}
SPREAD_KINDS = {
    "sd": "one standard deviation, in the row's unit",
    "cv": "one standard deviation, as a fraction of the value",
    "factor95": "95 % of people lie between value / factor and value * factor",
    "exact": "a definition: no spread",
}


@dataclass(frozen=True, slots=True)
class Known:
    """One sourced number in SI.

    A positive quantity (`positive`, the default) is lognormal with the value as its median, so that no
    draw is negative; a signed one (a coordinate, an angle) is normal.

    Raises InputError, a sentence, when the unit, the source, the grade or the spread is missing.
    """

    id: str
    """Names the row: "piriformis.pcsa". Keys the random stream, so renaming a row renews its draws."""
    value: float
    """In SI."""
    unit: str
    """As the source printed it; `value` and `spread` (kind sd) are already in SI."""
    spread: float
    spread_kind: str
    source: str
    """Key in sources.bib."""
    grade: str
    locator: str = ""
    n: int | None = None
    population: str = ""
    note: str = ""
    positive: bool = field(default=True)

    def __post_init__(self) -> None:
        """Refuse a number without its papers."""
        for name, why in (("unit", "a number without a unit means nothing"), ("source", "nobody said it")):
            if not getattr(self, name):
                raise InputError(f"{self.id}: the field '{name}' is empty; {why}.")
        if self.grade not in GRADES:
            raise InputError(f"{self.id}: the field 'grade' is '{self.grade}'; use {or_list(GRADES)}.")
        if self.spread_kind not in SPREAD_KINDS:
            raise InputError(
                f"{self.id}: the field 'spread_kind' is '{self.spread_kind}'; use {or_list(SPREAD_KINDS)}."
            )
        if not math.isfinite(self.value) or (self.positive and self.value <= 0):
            kind = "a positive number" if self.positive else "a finite number"
            raise InputError(f"{self.id}: the field 'value' is {self.value}; it must be {kind}.")
        if self.spread_kind != "exact" and not (math.isfinite(self.spread) and self.spread > 0):
            raise InputError(f"{self.id}: the field 'spread' is {self.spread}; it must be a positive number.")
        if self.spread_kind == "factor95" and self.spread <= 1:
            raise InputError(f"{self.id}: the field 'spread' is {self.spread}; a factor must exceed 1.")

    def at(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """The value at standard-normal scores `z` (any shape), in SI; z = 0 gives the value itself.

        >>> pcsa = Known("piriformis.pcsa", 3e-4, "cm^2", 0.5, "cv", "Key2000", "B")
        >>> float(pcsa.at(np.zeros(1))[0])
        0.0003
        """
        if self.positive:
            return self.value * np.exp(self.sigma * z)
        return self.value + self.sigma * z

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm (positive quantities) or of the value in SI (signed ones)."""
        if self.spread_kind == "exact":
            return 0.0
        if self.spread_kind == "factor95":
            return math.log(self.spread) / 1.96 * (1.0 if self.positive else abs(self.value))
        if self.positive:
            cv = self.spread if self.spread_kind == "cv" else self.spread / self.value
            return lognormal_sigma(cv)
        return self.spread * (abs(self.value) if self.spread_kind == "cv" else 1.0)


def lognormal_sigma(cv: float) -> float:
    """Standard deviation of the logarithm of a lognormal with coefficient of variation `cv`."""
    return math.sqrt(math.log1p(cv * cv))
