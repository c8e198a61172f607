"""Phrases of the sentences: a change with its direction and how sure it is, shares, and lists."""

from collections.abc import Iterable
from typing import Any

from counterpull.interfaces.words.record import Quantity

LITTLE, HARDLY = 0.05, 0.1
"""Degrees or mm: a change whose middle is smaller is a little; one whose whole interval is smaller is hardly one."""

Ways = tuple[str, str, str]
"""A verb and its two directions, the positive one first."""


def move(ways: Ways, change: Quantity, name: str, shares: dict[str, Any] | None = None) -> str:
    """A change in words, how sure its direction is, and nothing where there is hardly a change.

    >>> move(("tip", "forward", "backward"), {"median": -0.15, "low": -0.34, "high": -0.04}, "degrees")
    'tip backward 0.15 degrees (0.04 to 0.34)'
    >>> either = {"median": 0.2, "low": -0.1, "high": 0.3}
    >>> move(("shift", "up", "down"), either, "mm", {"positive": 0.8, "negative": 0.2})
    'shift in no sure direction (0.10 mm down to 0.30 up; up in 80% of bodies)'
    >>> move(("turn", "left", "right"), {"median": 0.01, "low": 0.0, "high": 0.4}, "degrees")
    'turn left a little (0.00 to 0.40 degrees)'
    """
    verb, up, down = ways
    middle, (low, high) = change["median"] or 0.0, ends_of(change)
    if max(abs(low), abs(high)) < HARDLY:
        return ""
    way, sign = (up, "positive") if middle >= 0 else (down, "negative")
    often = f"; {way} in {bodies(shares[sign])}" if shares else ""
    if unsure(change):
        return f"{verb} in no sure direction ({-low:.2f} {name} {down} to {high:.2f} {up}{often})".strip()
    said = f"{verb} {way}".strip()
    if low == high:
        return f"{said} {abs(middle):.2f} {name}"
    near, far = sorted((abs(low), abs(high)))
    if abs(middle) < LITTLE:
        return f"{said} a little ({near:.2f} to {far:.2f} {name}{often})"
    return f"{said} {abs(middle):.2f} {name} ({near:.2f} to {far:.2f}{often})"


def ends_of(change: Quantity) -> tuple[float, float]:
    """The interval; of one body its value."""
    middle = change["median"] or 0.0
    low, high = (middle if end is None else end for end in (change["low"], change["high"]))
    return low, high


def unsure(change: Quantity) -> bool:
    """Whether the interval holds changes of both signs that can be told apart in two digits."""
    low, high = ends_of(change)
    return low <= -0.005 and high >= 0.005


def text(value: Quantity, digits: int = 0) -> str:
    """Median and interval.

    >>> text({"median": 328.2, "low": 142.0, "high": 560.0})
    '328 (142 to 560)'
    """
    if value["median"] is None:
        return "-"
    if value["low"] is None or value["high"] is None:
        return _number(value["median"], digits)
    low, high = (_number(v, digits) for v in (value["low"], value["high"]))
    return f"{_number(value['median'], digits)} ({low} to {high})"


def _number(value: float, digits: int) -> str:
    return f"{round(value, digits) + 0.0:.{digits}f}"


def listed(parts: Iterable[str], comma: str = ", ") -> str:
    """Parts with commas and an "and".

    >>> listed(["a", "b", "c"])
    'a, b and c'
    >>> listed(["a, b", "c"], "; ")
    'a, b; and c'
    """
    parts = list(parts)
    last = " and " if comma == ", " else f"{comma}and "
    return last.join([comma.join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def bodies(share: float) -> str:
    """A share of the bodies.

    >>> bodies(0.8)
    '80% of bodies'
    """
    return "all bodies" if share == 1 else f"{percent(share)} of bodies"


def percent(share: float) -> str:
    """A share in words; never 0 % or 100 % unless it is none or all."""
    if share in (0.0, 1.0):
        return f"{share:.0%}"
    return f"{min(max(share, 0.01), 0.99):.0%}"


def unit(name: str) -> str:
    """The unit at the end of a name.

    >>> unit("superior_shift_mm")
    'mm'
    """
    return name.rsplit("_", 1)[1]
