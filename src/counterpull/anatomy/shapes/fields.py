"""Signed distances to draw bones with: swept tubes, curved plates, blobs, and how they melt together.

A field is a function of points (N, 3) with values (N,), both in mm: negative inside, and near the surface
about the distance from it. Smooth unions after Quilez (the polynomial one), the ellipsoid's bound as there.
"""

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Field = Callable[[Floats], Floats]


def union(a: Floats, b: Floats, melt: float) -> Floats:
    """Both, with a fillet of about `melt` mm where they meet."""
    h = np.maximum(melt - np.abs(a - b), 0.0) / melt
    return np.minimum(a, b) - h * h * melt / 4


def common(a: Floats, b: Floats, melt: float) -> Floats:
    """What lies in both, with a rounded edge."""
    return -union(-a, -b, melt)


def without(a: Floats, b: Floats, melt: float) -> Floats:
    """The first less the second, with a rounded edge."""
    return common(a, -b, melt)


def all_of(fields: Sequence[Floats], melt: float) -> Floats:
    """The union of several."""
    out = fields[0]
    for field in fields[1:]:
        out = union(out, field, melt)
    return out


def unit(v: Sequence[float] | Floats) -> Floats:
    """A direction of length one."""
    v = np.asarray(v, dtype=float)
    return v / np.linalg.norm(v)


def half_space(p: Floats, at: Floats, normal: Floats) -> Floats:
    """What lies behind a plane."""
    return (p - at) @ normal


def ball(p: Floats, at: Floats, radius: float) -> Floats:
    """A sphere."""
    return np.linalg.norm(p - at, axis=1) - radius


def ellipsoid(p: Floats, at: Floats, axes: Floats, radii: ArrayLike) -> Floats:
    """An ellipsoid; rows of `axes` are its directions."""
    return _bound((p - at) @ axes.T, np.asarray(radii, dtype=float))


def frame(along: Sequence[float] | Floats, side: Sequence[float] | Floats) -> Floats:
    """Rows: a direction, one across it as near to `side` as can be, and their cross product."""
    a = unit(along)
    b = unit(np.asarray(side) - (np.asarray(side) @ a) * a)
    return np.array([a, b, np.cross(a, b)])


def spline(knots: Floats, steps: int = 8) -> Floats:
    """A centripetal-like smooth curve (Catmull-Rom) through rows of any width, `steps` points a piece."""
    knots = np.asarray(knots, dtype=float)
    padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    return _catmull_rom(padded, steps, closed=False)


def loop(knots: Floats, steps: int = 6) -> Floats:
    """The same, closed."""
    knots = np.asarray(knots, dtype=float)
    return _catmull_rom(np.concatenate([knots[-1:], knots, knots[:2]]), steps, closed=True)


def tube(
    p: Floats, path: ArrayLike, radii: ArrayLike, side: ArrayLike | None = None, steps: int = 6
) -> Floats:
    """A sweep along a smooth path (K, 3) with round (K,) or elliptic (K, 2) sections.

    The first radius of an ellipse lies along `side` (3,) or (K, 3), made square to the path; ends are round.
    """
    path = np.asarray(path, dtype=float)
    radii = np.asarray(radii, dtype=float)
    radii = np.stack([radii, radii], 1) if radii.ndim == 1 else radii
    sides = np.broadcast_to(np.array([0.0, 0.0, 1.0]) if side is None else side, path.shape)
    knots = spline(np.hstack([path, radii, sides]), steps)
    at, share, segment = _nearest(p, knots[:, :3])
    here = knots[segment] + share[:, None] * (knots[segment + 1] - knots[segment])
    along = knots[segment + 1, :3] - knots[segment, :3]
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    across = here[:, 5:8] - np.sum(here[:, 5:8] * along, 1, keepdims=True) * along
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    off = p - at
    local = np.stack([np.sum(off * v, 1) for v in (along, across, np.cross(along, across))], 1)
    a, b = here[:, 3], here[:, 4]
    return _bound(local, np.stack([np.minimum(a, b), a, b], 1))


def swell(p: Floats, at: Sequence[float] | Floats, height: float, size: float) -> Floats:
    """A gentle rise (or hollow, if negative) about a place, to be subtracted from a field."""
    return height * np.exp(-np.sum((p - np.asarray(at)) ** 2, 1) / (2 * size * size))


def ridge(p: Floats, path: Floats, height: float, size: float) -> Floats:
    """A gentle rise along a smooth path, to be subtracted from a field."""
    at, _, _ = _nearest(p, spline(path))
    return height * np.exp(-np.sum((p - at) ** 2, 1) / (2 * size * size))


def polygon(q: Floats, corners: Floats) -> Floats:
    """Signed distance of points (N, 2) from a closed outline (M, 2)."""
    a, b = corners, np.roll(corners, -1, axis=0)
    best = np.full(len(q), np.inf)
    inside = np.zeros(len(q), dtype=bool)
    for (ax, ay), (bx, by) in zip(a, b, strict=True):
        ex, ey, wx, wy = bx - ax, by - ay, q[:, 0] - ax, q[:, 1] - ay
        t = np.clip((wx * ex + wy * ey) / (ex * ex + ey * ey), 0.0, 1.0)
        best = np.minimum(best, (wx - t * ex) ** 2 + (wy - t * ey) ** 2)
        if ay != by:
            crosses = (q[:, 1] >= ay) != (q[:, 1] >= by)
            inside ^= crosses & (wx < ex * wy / ey)
    return np.where(inside, -1.0, 1.0) * np.sqrt(best)


class Sheet:
    """A smooth function of the plane through given values: the thin-plate spline, slightly relaxed."""

    def __init__(self, at: Floats, values: Floats, relaxed: float = 0.0) -> None:
        """Fit to values (K,) or (K, V) at places (K, 2)."""
        self._at, count = np.asarray(at, dtype=float), len(at)
        full = np.zeros((count + 3, count + 3))
        full[:count, :count] = _thin_plate(self._at, self._at) + relaxed * np.eye(count)
        full[:count, count:] = np.hstack([np.ones((count, 1)), self._at])
        full[count:, :count] = full[:count, count:].T
        values = np.asarray(values, dtype=float)
        self._w = np.linalg.solve(full, np.concatenate([values, np.zeros((3, *values.shape[1:]))]))

    def __call__(self, q: Floats) -> Floats:
        """Values at points (N, 2)."""
        count = len(self._at)
        flat = self._w[count] + np.tensordot(q, self._w[count + 1 :], 1)
        return _thin_plate(q, self._at) @ self._w[:count] + flat


def _thin_plate(q: Floats, at: Floats) -> Floats:
    square = np.sum((q[:, None] - at[None]) ** 2, -1)
    return 0.5 * square * np.log(np.maximum(square, 1e-12))


def _bound(local: Floats, radii: Floats) -> Floats:
    first = np.linalg.norm(local / radii, axis=1)
    second = np.linalg.norm(local / radii**2, axis=1)
    least = np.min(np.broadcast_to(radii, local.shape), axis=1)
    return np.where(second > 1e-9, first * (first - 1.0) / np.maximum(second, 1e-9), -least)


def _nearest(p: Floats, line: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """The nearest point of a polyline, its share of the segment, and which segment."""
    best = np.full(len(p), np.inf)
    at, share = np.empty_like(p), np.empty(len(p))
    segment = np.zeros(len(p), dtype=np.int64)
    for i, (a, b) in enumerate(itertools.pairwise(line)):
        t = np.clip((p - a) @ (b - a) / np.sum((b - a) ** 2), 0.0, 1.0)
        q = a + t[:, None] * (b - a)
        square = np.sum((p - q) ** 2, 1)
        near = square < best
        best[near], at[near], share[near], segment[near] = square[near], q[near], t[near], i
    return at, share, segment


def _catmull_rom(k: Floats, steps: int, closed: bool) -> Floats:
    u = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(k[:-3], k[1:-2], k[2:-1], k[3:], strict=True):
        pieces.append(
            0.5 * (2 * b + (c - a) * u + (2 * a - 5 * b + 4 * c - d) * u**2 + (3 * b - a - 3 * c + d) * u**3)
        )
    if not closed:
        pieces.append(k[-2:-1])
    return np.concatenate(pieces)
