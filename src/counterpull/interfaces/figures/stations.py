"""Where the cross-sections of a sheet stand: matching places of its elements, their order, and curves through them."""

from itertools import pairwise

import numpy as np

from counterpull.anatomy.scaling import Floats
from counterpull.interfaces.figures.solids import cubic

STATIONS = 40
"""Cross-sections along a muscle."""


def matched(lines: list[Floats]) -> tuple[Floats, Floats]:
    """Points (k, STATIONS, 3) at even distances along courses, and the shares (k, STATIONS) of them that are behind.

    Where all courses end together on one line, each station is at one place for all of them."""
    along = [np.r_[0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))] for line in lines]
    total = np.array([each[-1] for each in along])
    fewest = min(len(line) for line in lines)
    apart = np.array(
        [np.linalg.norm(line[::-1][:fewest] - lines[0][::-1][:fewest], axis=1) for line in lines]
    )
    together = int(np.argmax(np.r_[apart.max(0) > 1e-5, True])) if len(lines) > 1 else 0
    common = total[0] - along[0][-together] if together > 1 else 0.0
    knee = max(1 - common / total.mean(), 1e-9)
    u = np.linspace(0, 1, STATIONS)
    at = np.where(u < knee, u / knee * (total - common)[:, None], total[:, None] - (1 - u) * total.mean())
    x = [
        np.stack([np.interp(a, s, line[:, k]) for k in range(3)], axis=-1)
        for a, s, line in zip(at, along, lines, strict=True)
    ]
    return np.array(x), at / total[:, None]


def chain(x: Floats) -> tuple[list[int], list[bool]]:
    """An order in which neighbours are near each other, and which lines run the other way."""
    k = len(x)
    if k == 1:
        return [0], [False]
    same = np.linalg.norm(x[:, None] - x[None], axis=-1).mean(-1)
    other = np.linalg.norm(x[:, None] - x[None, :, ::-1], axis=-1).mean(-1)
    apart = np.minimum(same, other)
    start = int(np.unravel_index(apart.argmax(), apart.shape)[0])
    order = [start]
    while len(order) < k:
        left = [i for i in range(k) if i not in order]
        order.append(min(left, key=lambda i: apart[order[-1], i]))
    flips = [False]
    for a, b in pairwise(order):
        flips.append(flips[-1] != bool(other[a, b] < same[a, b]))
    return order, flips


def across(x: Floats, d: Floats, wide: Floats, t: Floats) -> Floats:
    """Middles (STATIONS, len(t), 3) across a sheet from -wide to +wide, through its elements."""
    middle = x.mean(0)
    straight = middle[:, None] + (t[:, None] * wide[:, None, None]) * d[:, None]
    if len(x) < 3:
        return straight
    span = width(x)
    apart = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(x, axis=0), axis=-1).mean(axis=1))]
    knots = 2 * apart / apart[-1] - 1
    reach = np.minimum(span / 2 / wide, 1.0)
    at = t / np.maximum(reach, 1e-3)[:, None]
    held = np.clip(at, -1, 1)
    i = np.clip(np.searchsorted(knots, held, side="right") - 1, 0, len(x) - 2)
    h, at_station = np.diff(knots)[i][..., None], np.arange(len(d))[:, None]
    slope = np.gradient(x, knots, axis=0)
    leaving, arriving = h * slope[i, at_station], h * slope[i + 1, at_station]
    v = (held - knots[i])[..., None] / h
    through = cubic(v, x[i, at_station], x[i + 1, at_station], leaving, arriving)
    beyond = (at - held)[..., None] * (span / 2)[:, None, None] * d[:, None]
    share = firm(span)[:, None, None]
    return share * (through + beyond) + (1 - share) * straight


def width(x: Floats) -> Floats:
    """(STATIONS,) length of the line across the elements."""
    return np.linalg.norm(np.diff(x, axis=0), axis=-1).sum(0) if len(x) > 1 else np.zeros(x.shape[1])


def firm(span: Floats) -> Floats:
    """(STATIONS,) 1 where elements lie so far apart that they make a sheet, 0 where they are one cord."""
    return np.clip((span - 6e-3) / 12e-3, 0, 1)


def nearest_wide(span: Floats) -> np.ndarray:
    """(STATIONS,) of each station the nearest at which elements make a sheet: a cord has no width of its own."""
    at = np.arange(len(span))
    wide = at[span >= min(0.012, 0.5 * span.max())]
    return wide[np.abs(at[:, None] - wide).argmin(1)]
