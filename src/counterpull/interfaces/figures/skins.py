"""Surfaces of muscles: sheets of elements side by side, and bundles of elements that join on the way.

They lie on a ground: their middle is lifted off its surface by half their thickness.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from counterpull.anatomy.scaling import Floats
from counterpull.interfaces.figures.flesh import Flesh, at_distance, length
from counterpull.interfaces.figures.ground import Ground
from counterpull.interfaces.figures.solids import Solid, cubic, smoothed, swept, unit

STATIONS, ACROSS = 40, 9
"""Cross-sections along a muscle; places across a sheet's face."""
_THIN = 0.7e-3
"""No sheet and no tendon is drawn with less than half this thickness, m."""

_CORNER = 0.024
"""Radius of a sheet's corners, m, where it is wide enough."""


@dataclass(frozen=True, slots=True)
class Part:
    """One surface of a belly."""

    solid: Solid
    tendon: Floats
    fibre: Floats
    strokes: Floats
    spine: Floats


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
    x, share = _matched(lines)
    order, flips = _chain(x)
    x = np.array([x[i, ::-1] if flip else x[i] for i, flip in zip(order, flips, strict=True)])
    flesh = [flesh[i] for i in order]
    single = len(x) == 1
    power = 0.5 if not single else 0.9 if aspect < 3 else 0.35
    shares = [share[i, ::-1] if flip else share[i] for i, flip in zip(order, flips, strict=True)]
    area = np.sum([one.area(s, power) for one, s in zip(flesh, shares, strict=True)], axis=0)
    tendon = np.mean([one.tendon(s) for one, s in zip(flesh, shares, strict=True)], axis=0)
    x = smoothed(x, 1.0, axis=1) * _inner(u) + x * (1 - _inner(u))
    rough = np.sqrt(area / np.pi / aspect) if single else area / (1.767 * np.maximum(_width(x), 8e-3))
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
        (x[-1] - x[0])[_nearest(_width(x))]
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
    span = _width(x)
    gap = span / max(2 * (len(x) - 1), 1) * (0.5 + (fill - 0.5) * (1 - u) ** 2)
    wide = np.maximum(span / 2 + gap, np.sqrt(area / np.pi * aspect))
    wide = smoothed(wide, 1.5)
    half = np.maximum(area / (np.pi if single else 3.42) / wide / slant, _THIN)
    power_across = 2.0 if single else 2.6
    even = np.linspace(-1, 1, kind.across)
    t = np.sin(even * np.pi / 2) if single else 0.5 * (even + np.sin(even * np.pi / 2))
    bulge = (1 - np.abs(t) ** power_across).clip(0) ** (1 / power_across)
    spine = _across(x, d, wide, t)
    if not single:  # a sheet lies on the bone with all of its width
        taper = np.maximum(bulge, 0.3)[:, None]
        places = np.linspace(-1, 1, len(free))
        between = np.stack([np.interp(t, places, end) for end in free.T], axis=-1)
        flat = spine.swapaxes(0, 1)
        courses = _lifted(flat, clear * taper, _landing(u, rate, between), ground, kind)
        courses = flat + _firm(span)[:, None] * (courses - flat)
        courses = smoothed(courses, kind.across / 9, axis=0)
        inner = _inner(u)
        courses = smoothed(courses, 1.6, axis=1) * inner + courses * (1 - inner)
        if foot:
            courses = kind.face.laid(courses, half * taper, on_foot)
        spine = _rounded(courses, t, wide, free, 0.024 if foot else 0.006).swapaxes(0, 1)
    side = np.gradient(spine, t, axis=1)
    normal = unit(np.cross(tangent[:, None], side))
    lift = normal * (half[:, None] * bulge)[..., None]
    ring = np.concatenate([spine + lift, (spine - lift)[:, -2:0:-1]], axis=1)
    fibres = max(6, int(2 * wide.max() / 1.1e-3))
    seam = np.r_[(t + 1) / 2 * fibres, (3 - t[-2:0:-1]) / 2 * fibres]
    return _skinned(ring, tendon, seam, x)


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


def bundle(lines: list[Floats], flesh: list[Flesh], ground: Ground) -> Part:
    """Elements that end at one place and join on the way: one round belly that grows with each.

    Cross-sections stand at distances from the common end; an element counts where it has begun.
    """
    lengths = np.array([length(line) for line in lines])
    reach = np.linspace(lengths.max(), 0, STATIONS)
    points = np.array([at_distance(line, reach) for line in lines])
    there = np.clip((lengths[:, None] - reach) / 0.02, 0, 1)
    there[lengths.argmax()] = np.maximum(there[lengths.argmax()], 0.02)
    share = 1 - reach / lengths[:, None]
    area = sum(w * one.area(s, 0.6) for w, one, s in zip(there, flesh, share, strict=True))
    tendon = np.average([one.tendon(s) for one, s in zip(flesh, share, strict=True)], axis=0, weights=there)
    weight = there / there.sum(0)
    middle = np.einsum("en,enk->nk", weight, points)
    middle = smoothed(middle, 1.5, axis=0)
    radius = np.sqrt(area / np.pi)
    middle = ground.lifted(middle[None], radius * 0.9 * np.minimum(1, 5 * (1 - reach / lengths.max())))[0]
    tangent = unit(np.gradient(middle, axis=0))
    d = np.cross(tangent, ground.outward(middle))
    d = unit(smoothed(d, 5.0, axis=0))
    e = np.cross(tangent, d)
    # As wide as the slips lie apart, but no flatter than 1 to 2.
    apart = points - middle
    along_d = np.sqrt(np.einsum("en,en->n", weight, np.einsum("enk,nk->en", apart, d) ** 2))
    along_e = np.sqrt(np.einsum("en,en->n", weight, np.einsum("enk,nk->en", apart, e) ** 2))
    aspect = smoothed(np.clip((along_d + 4e-3) / (along_e + 4e-3), 0.6, 2.0), 3.0)
    a, b = radius * np.sqrt(aspect), radius / np.sqrt(aspect)
    angle = np.linspace(0, 2 * np.pi, 2 * (ACROSS - 1), endpoint=False)
    ring = (
        middle[:, None]
        - np.cos(angle)[:, None] * (a[:, None] * d)[:, None]
        + np.sin(angle)[:, None] * (b[:, None] * e)[:, None]
    )
    fibres = int(2 * np.pi * radius.max() / 1.1e-3)
    return _skinned(ring, tendon, angle / (2 * np.pi) * fibres, middle[None])


def _skinned(ring: Floats, tendon: Floats, fibre: Floats, spine: Floats) -> Part:
    """A closed surface over rings (STATIONS, r, 3); it stays on its side of the midline."""
    n, r, _ = ring.shape
    side = np.sign(ring[..., 2].mean())
    ring[..., 2] = side * np.maximum(side * ring[..., 2], 0.0)
    return Part(
        swept(ring),
        np.repeat(tendon, r),
        np.tile(fibre, n),
        ring.transpose(1, 0, 2),
        spine,
    )


def _across(x: Floats, d: Floats, wide: Floats, t: Floats) -> Floats:
    """Middles (STATIONS, len(t), 3) across a sheet from -wide to +wide, through its elements."""
    middle = x.mean(0)
    straight = middle[:, None] + (t[:, None] * wide[:, None, None]) * d[:, None]
    if len(x) < 3:
        return straight
    span = _width(x)
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
    curved = through + beyond
    firm = _firm(span)[:, None, None]
    return firm * curved + (1 - firm) * straight


def _chain(x: Floats) -> tuple[list[int], list[bool]]:
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


def _width(x: Floats) -> Floats:
    """(STATIONS,) length of the line across the elements."""
    return np.linalg.norm(np.diff(x, axis=0), axis=-1).sum(0) if len(x) > 1 else np.zeros(x.shape[1])


def _firm(span: Floats) -> Floats:
    """(STATIONS,) 1 where elements lie so far apart that they make a sheet, 0 where they are one cord."""
    return np.clip((span - 6e-3) / 12e-3, 0, 1)


def _nearest(span: Floats) -> np.ndarray:
    """(STATIONS,) of each station the nearest at which elements make a sheet: a cord has no width of its own."""
    at = np.arange(len(span))
    wide = at[span >= min(0.012, 0.5 * span.max())]
    return wide[np.abs(at[:, None] - wide).argmin(1)]


def _inner(u: Floats) -> Floats:
    """(STATIONS, 1) 0 at the ends, 1 a few stations further in."""
    return np.clip(12 * np.minimum(u, 1 - u), 0, 1)[:, None]


def _matched(lines: list[Floats]) -> tuple[Floats, Floats]:
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
    knee = 1 - common / total.mean()
    u = np.linspace(0, 1, STATIONS)
    at = np.where(u < knee, u / knee * (total - common)[:, None], total[:, None] - (1 - u) * total.mean())
    x = [
        np.stack([np.interp(a, s, line[:, k]) for k in range(3)], axis=-1)
        for a, s, line in zip(at, along, lines, strict=True)
    ]
    return np.array(x), at / total[:, None]
