"""Bones as ground that muscles lie on: which way is off the bone, and how far below the surface a point is."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import ConvexHull, KDTree

from counterpull.anatomy.scaling import Floats
from counterpull.interfaces.figures.solids import smoothed


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
        """The bones of some bodies."""
        own = np.isin(self.of, bodies)
        return Ground(self.points[own], self.normals[own], self.of[own])

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

    def laid(self, x: Floats, clearance: Floats, which: np.ndarray) -> Floats:
        """Courses (k, n, 3) that stand exactly `clearance` (n,) above the bone at the stations `which` (n,).

        They stay on the side of the bone on which the last of these stations is."""
        if not len(self.points):
            return x
        x, side = x.copy(), self.outward(x[:, which][:, -1:])
        for _ in range(3):
            _, near = self._tree.query(x, k=24)
            facing = np.sum(self.normals[near] * side[..., None, :], axis=-1) > 0.3
            near = np.take_along_axis(near, facing.argmax(-1)[..., None], axis=-1)[..., 0]
            lack = clearance - np.sum((x - self.points[near]) * self.normals[near], axis=-1)
            x += np.where(which, lack.clip(-0.03, 0.03), 0)[..., None] * self.normals[near]
        return x
