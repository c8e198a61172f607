"""Text such as "12 deg" or "45 N/cm^2" to SI, and SI back to text. Units stay at the door.

Each number belongs to one *dimension* (angle, mass, stress, ...). The dimension names the units a person
may write and the unit in which we answer. pint does the arithmetic; its registry is built on first use
and cached on disk, so that importing this module costs nothing.
"""

import math
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from counterpull.quantities.errors import InputError, nearest, or_list


@dataclass(frozen=True, slots=True)
class Dimension:
    """What a number measures: its SI unit, the unit at the edge, and the units offered in messages."""

    si: str
    edge: str
    offered: tuple[str, ...]


DIMENSIONS: dict[str, Dimension] = {
    "angle": Dimension("rad", "deg", ("deg", "rad")),
    "fraction": Dimension("", "%", ("%", "a plain number such as 0.4")),
    "length": Dimension("m", "mm", ("mm", "cm", "m")),
    "area": Dimension("m^2", "cm^2", ("mm^2", "cm^2", "m^2")),
    "volume": Dimension("m^3", "cm^3", ("cm^3", "ml", "m^3")),
    "mass": Dimension("kg", "kg", ("kg", "g", "lb")),
    "force": Dimension("N", "N", ("N", "kN", "kgf", "lbf")),
    "stress": Dimension("Pa", "N/cm^2", ("N/cm^2", "kPa", "MPa")),
    "moment": Dimension("N*m", "N*m", ("N*m", "Nm")),
    "moment per mass": Dimension("N*m/kg", "N*m/kg", ("N*m/kg", "Nm/kg")),
    "stiffness": Dimension("N/m", "N/mm", ("N/mm", "N/m")),
    "angular stiffness": Dimension("N*m/rad", "N*m/deg", ("Nm/deg", "Nm/rad")),
    "acceleration": Dimension("m/s^2", "m/s^2", ("m/s^2",)),
    "time": Dimension("s", "s", ("s", "min", "h", "day", "week")),
}

_EXAMPLES = {"mass": "64", "length": "240", "stress": "45", "fraction": "40"}

_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*(.*?)\s*", re.DOTALL)
_UNIT = re.compile(r"[A-Za-zµ%°·*/() ]*(?:\^-?[1-3][A-Za-zµ%°·*/() ]*)*")
_WRITTEN = {"°": "deg", "·": "*", "µ": "u", "²": "^2", "³": "^3", "−": "-"}
# "Nm" would be nanometres to pint, which nobody in this field means.
_NEWTON_METRES = re.compile(r"\bN ?m\b")


def parse(written: str, dimension: str, field: str, example: str = "") -> float:
    """Read one quantity and return it in SI (radians for angles).

    `field` is the name that the writer knows ("person.mass"); it opens every message. `example` is shown
    when the text cannot be read.
    Raises InputError when the text is no number with a unit of this dimension.

    >>> round(parse("12 deg", "angle", "thomas_angle"), 4)
    0.2094
    >>> parse("45 N/cm^2", "stress", "specific_tension")
    450000.0
    >>> parse("64", "mass", "person.mass")
    Traceback (most recent call last):
    counterpull.quantities.errors.InputError: person.mass: "64" has no unit; write it as in "64 kg" (kg, g or lb).
    """
    allowed = DIMENSIONS[dimension]
    shown = str(written).strip() if len(str(written)) <= 60 else str(written)[:57] + "..."
    asked = f'{field}: "{shown}"'
    offered = or_list(allowed.offered)
    example = example or f"{_EXAMPLES.get(dimension, '12')} {allowed.edge}"
    if not isinstance(written, str):
        raise InputError(f"{asked} is not text; write a number with its unit in quotes ({offered}).")
    for sign, plain in _WRITTEN.items():
        written = written.replace(sign, plain)
    match = _QUANTITY.fullmatch(written) if len(written) <= 60 else None
    if match is None:
        comma = re.match(r"\s*[+-]?\d+,\d", written)
        hint = "use a decimal point, not a comma" if comma else f'write it as in "{example}"'
        raise InputError(f"{asked} does not start with a number; {hint} ({offered}).")
    number, unit = float(match[1]), match[2]
    if not math.isfinite(number):
        raise InputError(f"{asked} is too large to be a {dimension}; write a finite number ({offered}).")
    if unit == "" and dimension != "fraction":
        raise InputError(f'{asked} has no unit; write it as in "{example}" ({offered}).')
    if unit.startswith(",") and unit[1:2].isdigit():
        raise InputError(f"{asked} has a comma; use a decimal point, not a comma ({offered}).")
    try:
        value = number * si_factor(unit, dimension)
    except KeyError:
        near = nearest(unit, allowed.offered, most=1)
        hint = f"did you mean {near[0]}? ({offered})" if near and near[0] != unit else f"use {offered}"
        raise InputError(f'{asked} has the unit "{unit}", which is no unit of {dimension}; {hint}.') from None
    if not math.isfinite(value):
        raise InputError(f"{asked} is too large to be a {dimension}; write a finite number ({offered}).")
    return value


@cache
def si_factor(unit: str, dimension: str) -> float:
    """How many SI units one `unit` is; KeyError when it does not measure `dimension`.

    >>> si_factor("N/mm", "stiffness")
    1000.0
    """
    if unit == "%" or (unit == "" and dimension == "fraction"):
        if dimension != "fraction":
            raise KeyError(unit)
        return 0.01 if unit == "%" else 1.0
    if not _UNIT.fullmatch(unit) or len(unit) > 30:
        raise KeyError(unit)
    registry = _registry()
    target = registry.parse_units(DIMENSIONS[dimension].si)
    try:
        units = registry.parse_units(_NEWTON_METRES.sub("N*m", unit))
    except Exception as error:  # pint parses units as Python and fails in as many ways
        raise KeyError(unit) from error
    # To pint, angles and fractions are both plain numbers: tell them apart by name.
    is_angle = str(units) in {"degree", "radian", "turn"}
    if dimension == "fraction" or (is_angle != (dimension == "angle")):
        raise KeyError(unit)
    if units.dimensionality != target.dimensionality or not _is_ratio(units):
        raise KeyError(unit)
    return float(f"{_registry().Quantity(1.0, units).to(target).magnitude:.15g}")


def text(value: float, dimension: str, digits: int = 3) -> str:
    """One SI number as people write it: edge unit, so many significant digits.

    >>> text(0.2094395, "angle")
    '12 deg'
    >>> text(250e3, "stiffness")
    '250 N/mm'
    """
    edge = DIMENSIONS[dimension].edge
    number = value / si_factor(edge, dimension)
    rounded = float(f"{number:.{digits}g}")
    shown = f"{rounded:.0f}" if abs(rounded) >= 10 ** (digits - 1) else f"{rounded:.{digits}g}"
    return f"{shown} {edge}"


def _is_ratio(units: Any) -> bool:
    """Whether zero of this unit is zero in SI (not so for degrees Celsius)."""
    return not any(name.startswith(("degree_C", "degree_F", "delta_")) for name in units._units)


@cache
def _registry() -> Any:
    import pint

    try:
        return pint.UnitRegistry(cache_folder=":auto:")
    except OSError:  # a home that cannot be written to: build the registry each time
        return pint.UnitRegistry()
