"""Bones as ground that muscles lie on: which way is off the bone, and how far below the surface a point is."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import ConvexHull, KDTree

from counterpull.anatomy.scaling import Floats
from counterpull.interfaces.figures.solids import smoothed

_SPACING = 3e-3
"""No place on a bone is further than this from one of its points, m."""


def hull(points: Floats, name: str) -> "Ground":
    """The tightest convex cover of points (n, 3), as a ground: what lies over ribs lies over the gaps between them."""
    cover = ConvexHull(points)
    corner = points[cover.simplices]
    area = np.linalg.norm(np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), axis=1)
    which = np.searchsorted(np.cumsum(area), (np.arange(9000) + 0.5) / 9000 * area.sum())
    a, b = np.modf(np.arange(9000)[:, None] * [0.7548776662, 0.5698402910])[0].T  # even over a triangle (R2)
    a, b = np.where(a + b > 1, 1 - a, a), np.where(a + b > 1, 1 - b, b)
    weight = np.stack([1 - a - b, a, b], axis=-1)
    at = np.einsum("nc,nck->nk", weight, corner[which])
    return Ground(at, cover.equations[which, :3], np.full(len(at), name, dtype="U16"))


@dataclass(frozen=True, eq=False)
class Ground:
    """All bones of a picture where they are: points on their surfaces with outward unit normals, (n, 3), m."""

    points: Floats
    normals: Floats
    of: np.ndarray
    """(n,) the body that each belongs to."""

    def only(self, *bodies: str) -> "Ground":
        """The bones of some bodies; looked for once."""
        if bodies not in self._parts:
            own = np.isin(self.of, bodies)
            self._parts[bodies] = Ground(self.points[own], self.normals[own], self.of[own])
        return self._parts[bodies]

    @cached_property
    def _parts(self) -> dict[tuple[str, ...], "Ground"]:
        return {}

    def joined(self, other: "Ground") -> "Ground":
        """Both as one."""
        points, normals = np.vstack([self.points, other.points]), np.vstack([self.normals, other.normals])
        return Ground(points, normals, np.concatenate([self.of, other.of]))

    @cached_property
    def _tree(self) -> KDTree:
        return KDTree(self.points, compact_nodes=False, balanced_tree=False)  # many points, few questions

    def outward(self, x: Floats) -> Floats:
        """Unit vectors (..., 3) away from the nearest bone."""
        if not len(self.points):
            return np.broadcast_to([0.0, 0.0, 1.0], x.shape)
        far, near = self._tree.query(x, k=min(16, len(self.points)))
        out = np.sum(self.normals[near] / (far[..., None] + 5e-3), axis=-2)
        return out / np.maximum(np.linalg.norm(out, axis=-1, keepdims=True), 1e-9)

    def nearest(self, x: Floats) -> Floats:
        """The point of the surface nearest to each of (..., 3)."""
        return self.points[self._tree.query(x)[1]]

    def height(self, x: Floats) -> Floats:
        """Height (...) above the nearest bone's surface, m; below it negative."""
        if not len(self.points):
            return np.full(x.shape[:-1], np.inf)
        _, near = self._tree.query(x)
        return np.sum((x - self.points[near]) * self.normals[near], axis=-1)

    def lifted(self, x: Floats, clearance: Floats) -> Floats:
        """Courses (k, n, 3) moved off the bone until they stand `clearance` (n,) above it; smoothly along each."""
        if not len(self.points):
            return x
        x = x.copy()
        for _ in range(3):
            _, near = self._tree.query(x)
            normal = self.normals[near]
            lack = clearance - np.sum((x - self.points[near]) * normal, axis=-1)
            lack = lack.clip(0, 0.02)
            x += smoothed(lack[..., None] * normal, 1.2, axis=1)
        return x

    def raised(self, x: Floats, clearance: Floats, up: Floats) -> Floats:
        """Courses (k, n, 3) moved along `up` (3,) alone until they stand `clearance` (n,) above what is below."""
        if not len(self.points):
            return x
        for _ in range(3):
            near = self._facing(x, up[None, None])
            off, normal = x - self.points[near], self.normals[near]
            height = np.sum(off * normal, axis=-1) / np.sum(normal * up, axis=-1).clip(0.4, 1)
            beside = np.linalg.norm(off - np.sum(off * up, axis=-1, keepdims=True) * up, axis=-1)
            step = (clearance - height).clip(0, 0.02) * (2 - beside / _SPACING).clip(0, 1)
            x = x + smoothed(step, 1.2, axis=1)[..., None] * up
        return x

    def _facing(self, x: Floats, up: Floats) -> np.ndarray:
        """Which point is nearest to each of (k, n, 3) among those near that face `up`; the nearest if none does."""
        near = self._tree.query(x, k=16)[1]
        facing = np.sum(self.normals[near] * up[..., None, :], axis=-1) > 0.3
        return np.take_along_axis(near, facing.argmax(-1)[..., None], axis=-1)[..., 0]

    def laid(self, x: Floats, clearance: Floats, share: Floats) -> Floats:
        """Courses (k, n, 3) brought to `clearance` (n,) or (k, n) above the bone, by a `share` (n,) of what they lack.

        They stay on the side of the bone on which the last place with a share is, and do not overhang its rim."""
        if not len(self.points):
            return x
        x, side = x.copy(), self.outward(x[:, share > 0][:, -1:])
        share = 1 - np.cbrt(1 - share)  # in three steps
        for _ in range(3):
            near = self._facing(x, side)
            off, normal = x - self.points[near], self.normals[near]
            height = np.sum(off * normal, axis=-1, keepdims=True)
            beside = off - height * normal
            over = 1 - np.minimum(
                1, _SPACING / np.maximum(np.linalg.norm(beside, axis=-1, keepdims=True), 1e-9)
            )
            step = (clearance[..., None] - height).clip(-0.03, 0.03) * normal - over * beside
            x += share[:, None] * smoothed(smoothed(step, 1.0, axis=0), 1.0, axis=1)
        return x
