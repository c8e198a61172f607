"""Sheets: elements side by side as one surface, or one element as flat as in life.

They lie on a ground: their middle is lifted off its surface by half their thickness.
"""

from dataclasses import dataclass

import numpy as np

from counterpull.anatomy.scaling import Floats
from counterpull.interfaces.figures.flesh import Flesh, length
from counterpull.interfaces.figures.ground import Ground
from counterpull.interfaces.figures.skins import Part, skinned
from counterpull.interfaces.figures.solids import smoothed, unit
from counterpull.interfaces.figures.stations import (
    STATIONS,
    across,
    chain,
    firm,
    matched,
    nearest_wide,
    width,
)

_THIN = 0.7e-3
"""No sheet and no tendon is drawn with less than half this thickness, m."""
_CORNER, _CORNER_ON_FOOT = 0.006, 0.024
"""Radius of a sheet's corners, and of those of a broad origin, m, where it is wide enough."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a sheet is like."""

    aspect: float
    layer: float
    foot: float
    fill: float
    face: Ground
    """The bone of its footprint."""
    over: Ground | None
    """What it lies on besides."""
    on: Ground | None
    """Muscles that it lies on besides."""
    facing: Floats | None
    across: int


def sheet(
    lines: list[Floats], flesh: list[Flesh], loose: list[tuple[bool, bool]], ground: Ground, kind: Kind
) -> Part:
    """Elements side by side as one surface; a single element is a sheet of its own aspect.

    `loose` says of both ends of each whether it is on no bone: there it keeps its height above the ground.
    """
    aspect, foot, fill = kind.aspect, kind.foot, kind.fill
    u = np.linspace(0, 1, STATIONS)
    x, share = matched(lines)
    order, flips = chain(x)
    x = np.array([x[i, ::-1] if flip else x[i] for i, flip in zip(order, flips, strict=True)])
    flesh = [flesh[i] for i in order]
    single = len(x) == 1
    power = 0.5 if not single else 0.9 if aspect < 3 else 0.35
    shares = [share[i, ::-1] if flip else share[i] for i, flip in zip(order, flips, strict=True)]
    area = np.sum([one.area(s, power) for one, s in zip(flesh, shares, strict=True)], axis=0)
    tendon = np.mean([one.tendon(s) for one, s in zip(flesh, shares, strict=True)], axis=0)
    x = smoothed(x, 1.0, axis=1) * _inner(u) + x * (1 - _inner(u))
    rough = np.sqrt(area / np.pi / aspect) if single else area / (1.767 * np.maximum(width(x), 8e-3))
    half = np.clip(np.minimum(rough, np.sqrt(area / np.pi)), _THIN, None)
    clear = half * (1 - 0.8 * tendon)
    free = np.array(
        [loose[i][::-1] if flip else loose[i] for i, flip in zip(order, flips, strict=True)], float
    )
    rate = 16 if kind.layer else 5
    x = _lifted(x, clear, _landing(u, rate, free), ground, kind)
    on_foot = ((foot + 0.02 - u * length(x.mean(0))) / 0.03).clip(0, 1)
    if foot:
        x = kind.face.laid(x, half, on_foot)
        tendon = np.where(u < 0.5, 0.0, tendon)
    x = smoothed(x, 1.2, axis=1) * _inner(u) + x * (1 - _inner(u))
    if kind.on is not None:
        x = kind.on.raised(x, clear * _landing(u, rate, free), unit(ground.outward(x).mean((0, 1))))
    middle = x.mean(0)
    tangent = unit(np.gradient(middle, axis=0))
    d = (
        (x[-1] - x[0])[nearest_wide(width(x))]
        if not single
        else np.cross(tangent, ground.outward(middle) if kind.facing is None else kind.facing)
    )
    slant = np.linalg.norm(d, axis=-1)
    d -= np.sum(d * tangent, axis=-1, keepdims=True) * tangent
    slant = np.linalg.norm(d, axis=-1) / np.maximum(slant, 1e-9)  # a cross-section is square to the course
    slant = 1.0 if single else smoothed(slant, 3.0).clip(0.5, 1.0)
    turned = np.where(np.sum(d[1:] * d[:-1], axis=-1) < 0, -1.0, 1.0)
    d = d * np.r_[1.0, np.cumprod(turned)][:, None] if single else d
    d = unit(smoothed(d, 4.0 if single else 3.0, axis=0))
    # Half width: what the elements span and half a gap beyond, or as wide as a round belly of this area would be.
    span = width(x)
    gap = span / max(2 * (len(x) - 1), 1) * (0.5 + (fill - 0.5) * (1 - u) ** 2)
    wide = np.maximum(span / 2 + gap, np.sqrt(area / np.pi * aspect))
    wide = smoothed(wide, 1.5)
    half = np.maximum(area / (np.pi if single else 3.42) / wide / slant, _THIN)
    power_across = 2.0 if single else 2.6
    even = np.linspace(-1, 1, kind.across)
    t = np.sin(even * np.pi / 2) if single else 0.5 * (even + np.sin(even * np.pi / 2))
    bulge = (1 - np.abs(t) ** power_across).clip(0) ** (1 / power_across)
    spine = across(x, d, wide, t)
    if not single:  # a sheet lies on the bone with all of its width
        taper = np.maximum(bulge, 0.3)[:, None]
        places = np.linspace(-1, 1, len(free))
        between = np.stack([np.interp(t, places, end) for end in free.T], axis=-1)
        flat = spine.swapaxes(0, 1)
        courses = _lifted(flat, clear * taper, _landing(u, rate, between), ground, kind)
        courses = flat + firm(span)[:, None] * (courses - flat)
        courses = smoothed(courses, kind.across / 9, axis=0)
        inner = _inner(u)
        courses = smoothed(courses, 1.6, axis=1) * inner + courses * (1 - inner)
        if foot:
            courses = kind.face.laid(courses, half * taper, on_foot)
        spine = _rounded(courses, t, wide, free, _CORNER_ON_FOOT if foot else _CORNER).swapaxes(0, 1)
    side = np.gradient(spine, t, axis=1)
    normal = unit(np.cross(tangent[:, None], side))
    lift = normal * (half[:, None] * bulge)[..., None]
    ring = np.concatenate([spine + lift, (spine - lift)[:, -2:0:-1]], axis=1)
    fibres = max(6, int(2 * wide.max() / 1.1e-3))
    seam = np.r_[(t + 1) / 2 * fibres, (3 - t[-2:0:-1]) / 2 * fibres]
    return skinned(ring, tendon, seam, x)


def _rounded(courses: Floats, t: Floats, wide: Floats, free: Floats, corner: float) -> Floats:
    """Courses (len(t), n, 3) across a sheet that end the earlier the nearer they are to an edge: no end has corners.

    An end that is on no bone, for all of its width, is cut straight."""
    edge = (1 - np.abs(t)) * wide[[0, -1], None]
    radius = np.minimum(corner, 0.6 * wide[[0, -1]])[:, None] * (1 - free.min(0))[:, None]
    within = np.clip(radius - edge, 0, None)
    first, last = radius - np.sqrt(radius**2 - within**2)
    return np.array([_cut(*each) for each in zip(courses, first, last, strict=True)])


def _cut(line: Floats, first: float, last: float) -> Floats:
    """A polyline without so much of its beginning and its end, m, at as many points; those further in stay."""
    along = np.r_[0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
    ahead, back = (
        (1 - s / (2.2 * c + 1e-9)).clip(0) ** 2 for s, c in ((along, first), (along[-1] - along, last))
    )
    at = along + first * ahead - last * back
    return np.stack([np.interp(at, along, line[:, k]) for k in range(3)], axis=-1)


def _landing(u: Floats, rate: float, free: Floats) -> Floats:
    """Shares (k, n) of its height that a course has at shares `u` of its length: none at an end that is not free."""
    down = np.stack([rate * u, rate * (1 - u)])
    return np.maximum(free[:, :, None] + (1 - free[:, :, None]) * down, 1e-4).min(axis=1).clip(0, 1)


def _lifted(x: Floats, clear: Floats, landing: Floats, ground: Ground, kind: Kind) -> Floats:
    """Courses (k, n, 3) at their height above the ground, and at least `clear` (n,) above what they lie on besides."""
    x = ground.lifted(x, (kind.layer + clear) * landing)
    if kind.over is not None:
        x = kind.over.lifted(x, clear * landing)
    return x


def _inner(u: Floats) -> Floats:
    """(STATIONS, 1) 0 at the ends, 1 a few stations further in."""
    return np.clip(12 * np.minimum(u, 1 - u), 0, 1)[:, None]
