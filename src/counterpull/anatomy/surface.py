"""A closed surface of triangles, and how deep a point lies in it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]
_LOOKED_AT = 16


@dataclass(frozen=True, eq=False)
class Surface:
    """Triangles that enclose a body, turned outward (anticlockwise from outside)."""

    vertices: Floats
    """(n, 3) metres."""
    faces: Integers
    """(m, 3) which vertices make a triangle."""

    @property
    def mirrored(self) -> "Surface":
        """The other side's: z is flipped and the triangles turned, so that they face outward again."""
        return Surface(self.vertices * np.array([1.0, 1.0, -1.0]), self.faces[:, ::-1].copy())

    @property
    def volume(self) -> float:
        """Enclosed volume, m³; positive when the triangles face outward."""
        a, b, c = (self.vertices[self.faces[:, i]] for i in range(3))
        return float(np.einsum("ij,ij->", a, np.cross(b, c))) / 6

    def distance(self, points: Floats) -> Floats:
        """Signed distance of points (N, 3) from this surface, (N,) metres: negative inside.

        The triangles about the nearest places are looked at, which is exact to some hundredths of a mm. The
        sign is that of the angle-weighted normal at the nearest vertex, edge or face (Baerentzen & Aanaes
        2005, doi:10.1109/TVCG.2005.49).
        """
        points = np.asarray(points, dtype=float).reshape(-1, 3)
        parts = np.array_split(points, 1 + len(points) // 5000)
        return np.concatenate([self._distance(part) for part in parts])

    def _distance(self, points: Floats) -> Floats:
        tree, owner = self._tree
        near = owner[tree.query(points, min(_LOOKED_AT, tree.n))[1]]
        corner = self.vertices[self.faces[near]]
        where, weight = _nearest_on(points[:, None], corner)
        square = np.sum((points[:, None] - where) ** 2, -1)
        best = np.argmin(square, 1)
        rows = np.arange(len(points))
        normal = self._normal(near[rows, best], weight[rows, best])
        side = np.sum((points - where[rows, best]) * normal, 1)
        return np.where(side < 0, -1.0, 1.0) * np.sqrt(square[rows, best])

    def _normal(self, face: NDArray[np.int64], weight: Floats) -> Floats:
        """Normal at a place of a face: of the face, the edge or the vertex on which the place lies."""
        faces, vertices, edges = self._normals
        out = faces[face]
        on = weight > 1e-9
        at_edge, at_vertex = on.sum(1) == 2, on.sum(1) == 1
        out[at_edge] = edges[face[at_edge], np.argmin(on[at_edge], 1)]
        out[at_vertex] = vertices[self.faces[face[at_vertex], np.argmax(on[at_vertex], 1)]]
        return out

    @cached_property
    def _tree(self):
        from scipy.spatial import KDTree

        corner, owner = self.vertices[self.faces], np.arange(len(self.faces))
        done, whose, fine = [], [], np.sqrt(np.median(np.sum((corner[:, 1] - corner[:, 0]) ** 2, -1)))
        while len(corner):  # large triangles are quartered, so that few need to be looked at
            large = np.linalg.norm(corner - np.roll(corner, 1, axis=1), axis=-1).max(1) > fine
            done.append(corner[~large])
            whose.append(owner[~large])
            a, b, c = np.moveaxis(corner[large], 1, 0)
            ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
            quarters = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
            corner = np.concatenate([np.stack(each, 1) for each in quarters])
            owner = np.tile(owner[large], 4)
        return KDTree(np.concatenate(done).mean(1)), np.concatenate(whose)

    @cached_property
    def _normals(self) -> tuple[Floats, Floats, Floats]:
        """Of faces (m, 3), of vertices (n, 3), and of each face's edges (m, 3 opposite corners, 3); not unit."""
        corner = self.vertices[self.faces]
        face = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
        face /= np.maximum(np.linalg.norm(face, axis=1, keepdims=True), 1e-30)
        vertex = np.zeros_like(self.vertices)
        for i in range(3):
            a, b = (corner[:, (i + j) % 3] - corner[:, i] for j in (1, 2))
            cosine = np.sum(a * b, 1) / np.maximum(
                np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1), 1e-30
            )
            np.add.at(vertex, self.faces[:, i], np.arccos(np.clip(cosine, -1, 1))[:, None] * face)
        ends = np.stack([self.faces[:, [1, 2]], self.faces[:, [2, 0]], self.faces[:, [0, 1]]], 1).reshape(
            -1, 2
        )
        key = np.sort(ends, 1).astype(np.int64) @ np.array([len(self.vertices), 1])
        _, which = np.unique(key, return_inverse=True)
        edge = np.zeros((which.max() + 1, 3))
        np.add.at(edge, which, np.repeat(face, 3, axis=0))
        return face, vertex, edge[which].reshape(-1, 3, 3)


def _dot(u: Floats, v: Floats) -> Floats:
    return np.sum(u * v, -1)


def _nearest_on(points: Floats, corner: Floats) -> tuple[Floats, Floats]:
    """The nearest place of triangles (N, K, 3 corners, 3) to points (N, 1, 3), and its barycentric weights."""
    a = corner[..., 0, :]
    ab, ac, ap = corner[..., 1, :] - a, corner[..., 2, :] - a, points - a
    bb, cc, bc, pb, pc = _dot(ab, ab), _dot(ac, ac), _dot(ab, ac), _dot(ap, ab), _dot(ap, ac)
    scale = np.maximum(bb * cc - bc * bc, 1e-40)
    v, w = (cc * pb - bc * pc) / scale, (bb * pc - bc * pb) / scale
    weight = np.stack([1 - v - w, v, w], -1)
    inside = (weight >= 0).all(-1)
    best = np.where(inside, 0.0, np.inf)
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        start, along = corner[..., j, :], corner[..., k, :] - corner[..., j, :]
        t = np.clip(_dot(points - start, along) / np.maximum(_dot(along, along), 1e-40), 0, 1)
        square = _dot(points - start - t[..., None] * along, points - start - t[..., None] * along)
        nearer = square < best
        best = np.where(nearer, square, best)
        on_edge = np.zeros_like(weight)
        on_edge[..., j], on_edge[..., k] = 1 - t, t
        weight = np.where(nearer[..., None], on_edge, weight)
    return np.einsum("...c,...cd->...d", weight, corner), weight
