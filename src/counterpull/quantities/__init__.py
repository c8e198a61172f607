"""The ground floor: text to SI and back, numbers that carry their papers, and reproducible chance."""

from counterpull.quantities.errors import InputError, nearest, or_list
from counterpull.quantities.known import GRADES, SPREAD_KINDS, Known, lognormal_sigma
from counterpull.quantities.streams import normals
from counterpull.quantities.units import DIMENSIONS, parse, si_factor, text

__all__ = [
    "DIMENSIONS",
    "GRADES",
    "SPREAD_KINDS",
    "InputError",
    "Known",
    "lognormal_sigma",
    "nearest",
    "normals",
    "or_list",
    "parse",
    "si_factor",
    "text",
]
