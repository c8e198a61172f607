"""From a signed distance to a closed surface of few triangles, the same each time.

Marching cubes (scikit-image) on the cells near the surface, fewer triangles by quadric errors
(fast-simplification), then vertices are drawn back onto the surface. Both packages are needed to build only.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterpull.anatomy.shapes.fields import Field, Floats

_BLOCK = 4
Faces = NDArray[np.int64]


def mesh(field: Field, low: Floats, high: Floats, step: float, triangles: int) -> tuple[Floats, Faces]:
    """Vertices (n, 3) and outward faces (m, 3) of a field within a box, m being about `triangles`.

    A box that begins at z = 0 is taken for the right half of a symmetric bone, and the left is added.
    """
    from skimage.measure import marching_cubes

    half = low[2] == 0
    vertices, faces, _, _ = marching_cubes(_sampled(field, low, high, step), 0.0, spacing=(step,) * 3)
    vertices, faces = _fewer(vertices + low, faces, triangles // 2 if half else triangles)
    rim = _rim(faces)
    for _ in range(3):
        vertices = vertices - _step_to_surface(field, vertices)
        vertices[rim, 2] = 0.0
    if half:
        vertices, faces = _with_left(vertices, faces, rim)
    if not is_closed(faces):
        raise ValueError("The box cuts the surface, or a finer grid is needed.")
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    outward = np.einsum("ij,ij->", a, np.cross(b, c)) > 0
    return vertices, faces if outward else faces[:, ::-1]


def is_closed(faces: NDArray) -> bool:
    """Whether each edge belongs to exactly two faces that run through it in opposite directions."""
    a, b = (np.concatenate([faces[:, i] for i in order]).astype(np.int64) for order in ((0, 1, 2), (1, 2, 0)))
    there, back = (np.sort(u * (faces.max() + 1) + v) for u, v in ((a, b), (b, a)))
    return bool(np.array_equal(there, back) and (np.diff(there) > 0).all())


def _fewer(vertices: Floats, faces: Faces, wanted: int) -> tuple[Floats, Faces]:
    """About `wanted` faces; the gentlest way that leaves every edge with two faces, or one at a rim."""
    from fast_simplification import simplify

    triangles: Any = faces.astype(np.int64)
    for haste in (5, 6, 7, 8):
        fewer = simplify(vertices.astype(float), triangles, target_count=wanted, agg=haste)
        edges = np.sort(fewer[1][:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), 1)
        if np.unique(edges, axis=0, return_counts=True)[1].max() == 2 and len(fewer[1]) < 1.1 * wanted:
            return fewer[0], fewer[1].astype(np.int64)
    raise ValueError(f"No way was found to {wanted} triangles.")


def _sampled(field: Field, low: Floats, high: Floats, step: float) -> Floats:
    """The field on a grid; exact near the surface, coarse elsewhere."""
    blocks = np.ceil((high - low) / (step * _BLOCK)).astype(int)
    centres = [low[i] + step * (_BLOCK * np.arange(blocks[i]) + (_BLOCK - 1) / 2) for i in range(3)]
    coarse = field(np.stack(np.meshgrid(*centres, indexing="ij"), -1).reshape(-1, 3)).reshape(blocks)
    values = coarse
    for axis in range(3):
        values = np.repeat(values, _BLOCK, axis)
    near = np.argwhere(np.abs(coarse) < 2.2 * step * _BLOCK) * _BLOCK
    offsets = np.stack(np.meshgrid(*[np.arange(_BLOCK)] * 3, indexing="ij"), -1).reshape(-1, 3)
    cells = (near[:, None] + offsets).reshape(-1, 3)
    for part in np.array_split(cells, max(1, len(cells) // 50000)):
        values[tuple(part.T)] = field(low + step * part)
    return values


def _step_to_surface(field: Field, points: Floats, reach: float = 0.5) -> Floats:
    """What to subtract from points near the surface to bring them onto it, mm."""
    eps = 0.05
    slope = np.stack([(field(points + eps * e) - field(points - eps * e)) / (2 * eps) for e in np.eye(3)], 1)
    square = np.maximum(np.sum(slope**2, 1), 0.25)
    move = (field(points) / square)[:, None] * slope
    length = np.linalg.norm(move, axis=1, keepdims=True)
    return move * np.minimum(1.0, reach / np.maximum(length, 1e-9))


def _rim(faces: Faces) -> NDArray[np.int64]:
    """Vertices on the open edge."""
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), 1)
    edge, count = np.unique(edges, axis=0, return_counts=True)
    return np.unique(edge[count == 1])


def _with_left(vertices: Floats, faces: Faces, rim: NDArray[np.int64]) -> tuple[Floats, Faces]:
    """A right half and its mirror image, joined at the rim."""
    count = len(vertices)
    other = np.arange(count) + count
    other[rim] = rim
    both = np.concatenate([vertices, vertices * np.array([1.0, 1.0, -1.0])])
    joined = np.concatenate([faces, other[faces][:, ::-1]])
    used, renumbered = np.unique(joined, return_inverse=True)
    return both[used], renumbered.reshape(-1, 3)
