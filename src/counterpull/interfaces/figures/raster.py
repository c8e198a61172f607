"""Shaded surfaces without a display or a graphics card: a z-buffer, soft shadows, hollows that darken.

Parallel projection, so that lengths on the page are true. Every pixel is seen at several places (samples); light is
worked out at every second pixel: how much sky a point sees among its neighbours in the picture (ambient occlusion after
Bavoil & Sainz 2008, doi:10.1145/1401032.1401061) and whether it sees the lamp (a shadow map after Williams 1978,
doi:10.1145/800248.807402). The loops (`loops`) run in bands of rows, one thread each.

Page coordinates: x to the right and y down, pixels; depth grows away from the viewer, in the same unit.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from counterpull.interfaces.figures.loops import CAP, COARSE, NOTHING, SAMPLES, fill, lit, shade, smooth

Floats = NDArray[np.float32]
Whole = NDArray[np.int32]

_FAR = np.float32(1e9)
_SHADOW = 1100
"""Pixels along a side of the shadow map."""
_LAMP = np.array([-0.45, -0.62, -0.64])
"""Toward the lamp on the page: from above left, out of the page."""


@dataclass(frozen=True, slots=True)
class Mesh:
    """One thing to draw, where it is. Arrays of n vertices and m triangles, outward by the right hand."""

    name: str
    vertices: NDArray[np.float64]
    """(n, 3), m."""
    faces: Whole
    """(m, 3)."""
    normals: NDArray[np.float64]
    """(n, 3), unit length."""
    colour: NDArray[np.float64]
    """(n, 3), 0 to 1 as written in #rrggbb."""
    fibre: NDArray[np.float64]
    """(n,) coordinate across the fibres, one per fibre; NaN where there are none."""
    gloss: float = 0.1
    cut: bool = False
    """Whether a camera's cutting plane opens it."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Axes of the page in P, and what of P the page shows."""

    axes: NDArray[np.float64]
    """(3, 3), rows: right on the page, up on the page, toward the viewer."""
    low: tuple[float, float]
    high: tuple[float, float]
    """Lower left and upper right corner along the first two axes, m."""
    resolution: float
    """Pixels per metre."""
    cut: bool = False
    """Whether meshes that may be cut lose what lies between the viewer and the midplane."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        return tuple(
            max(1, round((b - a) * self.resolution)) for a, b in zip(self.low, self.high, strict=True)
        )  # pyright: ignore[reportReturnType]

    def page(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Page coordinates (..., 3): x, y, depth, of points in P, pixels."""
        across, up, toward = np.moveaxis(points @ self.axes.T, -1, 0)
        return np.stack([across - self.low[0], self.high[1] - up, -toward], axis=-1) * self.resolution


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture taken. Arrays of height x width pixels."""

    colour: Floats
    """(h, w, 4), 0 to 1 as written in #rrggbb, and how much of the pixel is covered."""
    what: Whole
    """(h, w) index of the mesh that is seen, or NOTHING."""
    tone: Floats
    """(h, w) light that falls on it, 0 to about 1.2."""
    depth: Floats
    """(h, w) pixels."""
    names: tuple[str, ...]
    """Of the meshes."""


def linear_light(colour: NDArray[np.float64]) -> NDArray[np.float64]:
    """Amounts of light of colours as written in #rrggbb, both 0 to 1."""
    return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)


def take(meshes: Sequence[Mesh], camera: Camera, ink: float = 0.75) -> Shot:
    """Draw the meshes. `ink` is how dark outlines are, 0 for none."""
    width, height = camera.size
    wide, high = width * SAMPLES, height * SAMPLES
    heap = _Heap.of(meshes, camera)
    depth, seen = np.full((high, wide), _FAR), np.full((high, wide), NOTHING, dtype=np.int32)
    for part, cut in heap.passes(camera):
        _draw(heap, part, depth, seen, cut)
    light = _light(heap, depth, seen)
    out, what = np.zeros((height, width, 4), np.float32), np.full((height, width), NOTHING, np.int32)
    tone = np.zeros((height, width), np.float32)
    _banded(
        height,
        lambda a, b: shade(
            a,
            b,
            heap.page,
            heap.faces,
            heap.normals,
            heap.colour,
            heap.fibre,
            heap.gloss,
            heap.object,
            depth,
            seen,
            light,
            np.float32(ink),
            np.float32(camera.resolution),
            out,
            what,
            tone,
        ),
    )
    return Shot(
        out,
        what,
        tone,
        depth[::SAMPLES, ::SAMPLES] / np.float32(SAMPLES),
        tuple(mesh.name for mesh in meshes),
    )


@dataclass(slots=True)
class _Heap:
    """All meshes in one: arrays over all vertices and all faces, in samples of the page."""

    page: Floats
    faces: Whole
    normals: Floats
    colour: Floats
    """Linear light."""
    fibre: Floats
    object: Whole
    """(m,) index of a face's mesh; of the first one, where several have one name."""
    gloss: Floats
    cuts: list[tuple[int, slice]]
    """Meshes that may be cut, and their faces."""
    plane: float
    """Depth of the midplane."""

    @classmethod
    def of(cls, meshes: Sequence[Mesh], camera: Camera) -> "_Heap":
        starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
        counts = np.cumsum([0, *(len(mesh.faces) for mesh in meshes)])
        normals = np.vstack([mesh.normals for mesh in meshes]) @ camera.axes.T * (1, -1, -1)
        first = {mesh.name: i for i, mesh in reversed(list(enumerate(meshes)))}
        colour = np.vstack([mesh.colour for mesh in meshes])
        return cls(
            page=(camera.page(np.vstack([mesh.vertices for mesh in meshes])) * SAMPLES).astype(np.float32),
            faces=np.vstack(
                [mesh.faces + start for mesh, start in zip(meshes, starts[:-1], strict=True)]
            ).astype(np.int32),
            normals=normals.astype(np.float32),
            colour=linear_light(colour).astype(np.float32),
            fibre=np.concatenate([mesh.fibre for mesh in meshes]).astype(np.float32),
            object=np.repeat(np.array([first[mesh.name] for mesh in meshes], np.int32), np.diff(counts)),
            gloss=np.array([mesh.gloss for mesh in meshes], np.float32),
            cuts=[(i, slice(counts[i], counts[i + 1])) for i, mesh in enumerate(meshes) if mesh.cut],
            plane=float(camera.page(np.zeros(3))[2]) * SAMPLES,
        )

    def passes(self, camera: Camera):
        """Faces to draw, and whether they are a mesh that is cut (its number) or not (None)."""
        whole = np.ones(len(self.faces), bool)
        if camera.cut:
            for number, part in self.cuts:
                whole[part] = False
                yield np.arange(part.start, part.stop), number
        yield np.flatnonzero(whole), None


def _draw(heap: _Heap, part: NDArray[np.int64], depth: Floats, seen: Whole, cut: int | None) -> None:
    """Draw some faces into the z-buffer; a mesh that is cut is closed by a cap in the plane."""
    if cut is None:
        _filled(heap.page, heap.faces[part], part, -_FAR, depth, seen)
        return
    own, mine = np.full_like(depth, _FAR), np.full_like(seen, NOTHING)
    _filled(heap.page, heap.faces[part], part, np.float32(heap.plane), own, mine)
    there = np.flatnonzero(mine.ravel() >= 0)
    corners = heap.page[heap.faces[mine.ravel()[there]]]
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    inner = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0] > 0  # y is down: front faces turn left
    mine.ravel()[there[inner]] = CAP - cut
    own.ravel()[there[inner]] = heap.plane
    nearer = own < depth
    depth[nearer], seen[nearer] = own[nearer], mine[nearer]


def _filled(
    page: Floats, faces: Whole, numbers: NDArray[np.int64], plane: np.float32, depth: Floats, seen: Whole
) -> None:
    """Draw faces with these numbers into a z-buffer, as far as they are behind the plane."""
    y = page[:, 1][faces]
    top, bottom = y.min(axis=1), y.max(axis=1)

    def band(first: int, last: int) -> None:
        there = (bottom >= first) & (top < last)
        fill(first, last, page, faces[there], numbers[there], plane, depth, seen)

    _banded(len(depth), band)


def _light(heap: _Heap, depth: Floats, seen: Whole) -> Floats:
    """(h, w, 3) on a coarser grid: open sky, 0 to 1; lamp, 0 to 1; depth."""
    z = np.ascontiguousarray(depth[::COARSE, ::COARSE]) / np.float32(COARSE)
    face = np.ascontiguousarray(seen[::COARSE, ::COARSE])
    across = np.cross(_LAMP, (0.0, 1.0, 0.0))
    axes = np.array([across, np.cross(across, _LAMP), -_LAMP])
    axes /= np.linalg.norm(axes, axis=1)[:, None]
    view = heap.page / COARSE @ axes.T
    low, high = view.min(0), view.max(0)
    scale = (_SHADOW - 8) / max(float((high - low)[:2].max()), 1e-6)
    placed = ((view - low) * scale + 4).astype(np.float32)
    shadow = np.full((_SHADOW, _SHADOW), _FAR)
    none = np.full((_SHADOW, _SHADOW), NOTHING, np.int32)
    _filled(placed, heap.faces, np.arange(len(heap.faces)), -_FAR, shadow, none)
    to_map = (axes * scale).astype(np.float32)
    offset = (4 - low * scale).astype(np.float32)
    rough, out = np.ones((*z.shape, 2), np.float32), np.ones((*z.shape, 3), np.float32)
    reach = min(z.shape) * 0.075
    args = (heap.page, heap.faces, heap.normals, z, face, shadow, to_map, offset, *_looks(reach))
    _banded(len(z), lambda a, b: lit(a, b, *args, np.float32(reach), rough))
    _banded(len(z), lambda a, b: smooth(a, b, z, face, rough, out))
    return out


def _looks(reach: float) -> tuple[Floats, Floats]:
    """Where a point looks for what hides the sky, (16, 8, 6, 3), and the lamp, (16, 16, 3): offset, length.

    Eight directions in steps that widen, turned by a pattern of 4 x 4 pixels; sixteen places on a disc.
    """
    turn = np.arange(16)[:, None, None] / 16
    angle = (np.arange(8)[:, None] + turn) * np.pi / 4
    jitter = (np.arange(16) * 7 % 16)[:, None, None] / 16
    far = np.maximum(reach * ((np.arange(6) + 0.3 + 0.7 * jitter) / 6) ** 1.8, 1.0 + np.arange(6))
    sky = np.stack(np.broadcast_arrays(np.cos(angle) * far, np.sin(angle) * far, far), axis=-1)
    spread = 5.5 * np.sqrt((np.arange(16) + 0.5) / 16)
    angle = np.arange(16) * 2.399963 + turn[:, 0] * 2 * np.pi
    lamp = np.stack(
        np.broadcast_arrays(spread * np.cos(angle), spread * np.sin(angle), 1.5 + 0.5 * spread), axis=-1
    )
    return sky.astype(np.float32), lamp.astype(np.float32)


def _banded(rows: int, work) -> None:
    """work(first, last) over bands of rows, in threads: the compiled loops let go of Python's lock."""
    threads = min(os.cpu_count() or 1, 8)
    edges = np.linspace(0, rows, 4 * threads + 1).astype(int)
    if threads == 1:
        work(0, rows)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, edges[:-1], edges[1:]))
