"""Closed surfaces to draw with: swept rings, tubes and balls; and the curves and means that shape them.

Curves and means are written out, because the parts of SciPy that have them take longer to load than a picture to draw.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpull.anatomy.scaling import Floats


class Solid(NamedTuple):
    """A surface: vertices (n, 3) m, faces (m, 3) outward."""

    vertices: Floats
    faces: NDArray[np.int32]


def swept(rings: Floats) -> Solid:
    """The surface over rings (n, r, 3), one after the other; outward whichever way the rings turn.

    A cap is a strip from one half of its ring to the other, so that it is as curved as the ring is.
    """
    n, r, _ = rings.shape
    at = np.arange(n * r).reshape(n, r)
    a, b = at[:-1], at[1:]
    a1, b1 = np.roll(a, -1, axis=1), np.roll(b, -1, axis=1)
    walls = np.stack([np.stack([a, b, a1], -1), np.stack([a1, b, b1], -1)], axis=2).reshape(-1, 3)
    i = np.arange(r)
    zigzag = np.where(i % 2, (i + 1) // 2, -(i // 2)) % r
    cap = np.stack([zigzag[:-2], zigzag[1:-1], zigzag[2:]], axis=-1)
    cap[1::2] = cap[1::2, ::-1]
    vertices = rings.reshape(-1, 3)
    faces = np.vstack([walls, at[0][cap], at[-1][cap[:, ::-1]]]).astype(np.int32)
    corner = vertices[faces] - vertices.mean(0)
    volume = np.einsum("ij,ij->", corner[:, 0], np.cross(corner[:, 1], corner[:, 2]))
    return Solid(vertices, faces if volume > 0 else faces[:, ::-1])


def tube(
    corners: Floats, radii: Floats, *, flat: float = 1.0, wide: Floats | None = None, n: int = 24
) -> Solid:
    """A tube along a smooth curve through corners (k, 3) with radii (k,), rounded at its ends.

    Across the direction `wide` (3,) it is `flat` times thinner.
    """
    corners, radii = np.asarray(corners, dtype=float), np.broadcast_to(radii, len(corners))
    along = np.r_[0, np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))]
    at = along[-1] * (1 - np.cos(np.linspace(0, np.pi, n))) / 2
    line, radius = curve(along, corners, at), curve(along, radii, at)
    round_end = np.minimum(at, along[-1] - at) / radius
    radius = radius * np.sqrt(np.clip(1 - (1 - np.clip(round_end, 0.02, 1)) ** 2, 0.02, 1))
    tangent = unit(np.gradient(line, axis=0))
    side = np.asarray(wide if wide is not None else np.eye(3)[np.abs(tangent.mean(0)).argmin()], dtype=float)
    side = unit(side - (tangent @ side)[:, None] * tangent)
    other = np.cross(tangent, side)
    angle = np.linspace(0, 2 * np.pi, 20, endpoint=False)[:, None, None]
    ring = np.cos(angle) * side * radius[:, None] + np.sin(angle) * other * radius[:, None] / flat
    return swept(line[:, None] + np.swapaxes(ring, 0, 1))


def ball(centre: Floats, radii: Floats) -> Solid:
    """An ellipsoid with its radii along x, y and z."""
    polar = np.linspace(0.06, np.pi - 0.06, 18)[:, None]
    turn = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    ring = np.stack(
        np.broadcast_arrays(np.sin(polar) * np.cos(turn), np.cos(polar), np.sin(polar) * np.sin(turn)),
        axis=-1,
    )
    return swept(ring * radii + centre)


def joined(solids: list[Solid]) -> Solid:
    """Several as one."""
    starts = np.cumsum([0, *(len(solid.vertices) for solid in solids)])
    return Solid(
        np.vstack([solid.vertices for solid in solids]),
        np.vstack([solid.faces + s for solid, s in zip(solids, starts[:-1], strict=True)]).astype(np.int32),
    )


def vertex_normals(vertices: Floats, faces: NDArray[np.int32]) -> Floats:
    """Unit normals (n, 3): the mean of the faces around a vertex, by area."""
    corner = vertices[faces]
    face: Floats = np.repeat(np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), 3, axis=0)
    n = len(vertices)
    total = [np.bincount(faces.ravel(), face[:, k], minlength=n).astype(float) for k in range(3)]
    return unit(np.stack(total, axis=-1))


def unit(x: Floats) -> Floats:
    """Vectors (..., 3) of length 1; zero stays zero."""
    return x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-12)


def curve(along: Floats, corners: Floats, at: Floats) -> Floats:
    """A smooth curve through corners (k, ...) that are at `along` (k,), at the places `at`: cubics between two corners.

    >>> curve(np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0, 6.0]), np.array([0.5, 2.0]))
    array([1., 4.])
    """
    slope = np.gradient(corners, along, axis=0)
    i = np.clip(np.searchsorted(along, at, side="right") - 1, 0, len(along) - 2)
    step = along[i + 1] - along[i]
    v, h = (each.reshape(-1, *[1] * (corners.ndim - 1)) for each in ((at - along[i]) / step, step))
    return cubic(v, corners[i], corners[i + 1], h * slope[i], h * slope[i + 1])


def cubic(v: Floats, a: Floats, b: Floats, leaving: Floats, arriving: Floats) -> Floats:
    """Between a (v = 0) and b (v = 1), with the slopes there."""
    return a + v**2 * (3 - 2 * v) * (b - a) + v * (1 - v) * ((1 - v) * leaving - v * arriving)


def smoothed(x: Floats, sigma: float, axis: int = -1) -> Floats:
    """Means with weights of a bell curve, `sigma` places wide; beyond its ends x goes on as it ends.

    >>> smoothed(np.array([0.0, 0.0, 1.0, 0.0, 0.0]), 0.5).round(2)
    array([0.  , 0.11, 0.79, 0.11, 0.  ])
    """
    return np.moveaxis(np.tensordot(_bell(x.shape[axis], sigma), x, axes=(1, axis)), 0, axis)


@lru_cache(maxsize=64)
def _bell(n: int, sigma: float) -> Floats:
    """(n, n) weights of places in the mean at each place."""
    reach = int(4 * sigma + 0.5)
    weight = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    at = np.arange(n)[:, None] + np.arange(-reach, reach + 1)
    across = np.zeros((n, n))
    np.add.at(across, (np.arange(n)[:, None], at.clip(0, n - 1)), weight / weight.sum())
    return across
