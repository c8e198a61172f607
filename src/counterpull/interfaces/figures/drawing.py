"""Line drawings as vectors: outlines in ink, flat tints, shadows in steps, and the run of the fibres.

Made from the same shot as the shaded picture: what each muscle and bone shows of itself is traced, so that nothing
hidden is drawn and the file stays small.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from contourpy import FillType, contour_generator
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from scipy.ndimage import gaussian_filter

from counterpull.anatomy.scaling import Floats
from counterpull.interfaces.figures.bellies import Belly
from counterpull.interfaces.figures.raster import Camera, Shot
from counterpull.interfaces.figures.scene import Scene
from counterpull.interfaces.figures.style import LINES, mixed

_SHADOWS = ((0.78, 0.16), (0.5, 0.2), (0.26, 0.34))
"""Tone below which each shadow lies, and how dark it is."""
_FINE = 0.35
"""Corners of an outline that stand out by less, pixels, are left out."""
_SMALL = 14.0
"""Pieces smaller than this, square pixels, are left out."""


def traced(
    figure: Figure, box: tuple[float, float, float, float], scene: Scene, shot: Shot, look: Camera
) -> None:
    """The picture as a drawing, in a rectangle of the figure."""
    step = 3
    what, tone = shot.what[::step, ::step], shot.tone[::step, ::step]
    axes = figure.add_axes(box, zorder=1)
    axes.set_xlim(0, shot.what.shape[1] / step)
    axes.set_ylim(shot.what.shape[0] / step, 0)
    axes.set_axis_off()
    names = {f"{b.muscle}_{b.side}": b for b in scene.bellies}
    for i, name in enumerate(shot.names):
        own = what == i
        if own.sum() < _SMALL or shot.names.index(name) != i:
            continue
        belly = names.get(name)
        tint = _tint(scene, belly)
        ink = mixed(tint, "#000000", 0.72)
        outline = _filled(gaussian_filter(own.astype(float), 0.6), 0.5)
        if outline is None:
            continue
        face = PathPatch(outline, fc=tint, ec="none", zorder=2)
        axes.add_patch(face)
        for limit, share in _SHADOWS:
            dark = (
                np.where(own, gaussian_filter(_spread_out(tone, own), 1.0 if belly is None else 1.6), 2.0)
                < limit
            )
            shadow = _filled(gaussian_filter((dark & own).astype(float), 0.8), 0.5)
            if shadow is not None:
                axes.add_patch(
                    PathPatch(shadow, fc=mixed(tint, "#000000", share), ec="none", alpha=0.75, zorder=3)
                )
        if belly is not None:
            runs = [run / step for run in _fibres(belly, shot, look, i)]
            axes.add_collection(LineCollection(runs, colors=ink, linewidths=0.3, alpha=0.5, zorder=4))
        axes.add_patch(
            PathPatch(outline, fc="none", ec=ink, lw=LINES["thin"] * 0.8, joinstyle="round", zorder=5)
        )


def _tint(scene: Scene, belly: Belly | None) -> str:
    if belly is None:
        return mixed(scene.theme.bone, scene.theme.page, 0.25)
    return mixed(scene.colours[belly.muscle, belly.side], scene.theme.page, 0.3)


def _spread_out(tone: np.ndarray, own: np.ndarray) -> Floats:
    """Tone of a surface, with its mean where other things are, so that smoothing does not mix them in."""
    return np.where(own, tone, tone[own].mean())


def _filled(field: Floats, level: float) -> Path | None:
    """Outline of where a field is above a level, coarse corners only; None where it is nowhere."""
    found: Any = contour_generator(z=field, fill_type=FillType.OuterOffset).filled(level, np.inf)
    polygons, offsets = found
    corners, codes = [], []
    for points, cuts in zip(polygons, offsets, strict=True):
        for a, b in pairwise(cuts):
            ring = points[a:b]
            if abs(_area(ring)) < _SMALL:
                continue
            ring = simplified(ring, _FINE)
            if len(ring) < 4:
                continue
            corners.append(ring)
            codes += [Path.MOVETO, *[Path.LINETO] * (len(ring) - 2), Path.CLOSEPOLY]
    return Path(np.vstack(corners), codes) if corners else None


def _fibres(belly: Belly, shot: Shot, look: Camera, number: int) -> list[Floats]:
    """Runs of lines along the fibres that can be seen, (k, 2) pixels each."""
    line = look.page(belly.strokes)
    x, y = (np.rint(line[..., k]).astype(int) for k in (0, 1))
    high, wide = shot.what.shape
    inside = (x >= 0) & (y >= 0) & (x < wide) & (y < high)
    x, y = np.clip(x, 0, wide - 1), np.clip(y, 0, high - 1)
    near = line[..., 2] < shot.depth[y, x] + 0.0015 * look.resolution
    seen = inside & near & (shot.what[y, x] == number)
    runs = []
    for points, free in zip(line[..., :2], seen, strict=True):
        edges = np.flatnonzero(np.diff(np.r_[0, free.astype(int), 0]))
        runs += [points[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 2]
    return runs


def simplified(ring: Floats, fine: float) -> Floats:
    """A polyline without the corners that stand out by less than `fine` (Douglas & Peucker 1973).

    >>> simplified(np.array([[0.0, 0.0], [1.0, 0.01], [2.0, 0.0], [2.0, 2.0]]), 0.1).tolist()
    [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0]]
    """
    keep = np.zeros(len(ring), bool)
    keep[[0, -1]] = True
    todo = [(0, len(ring) - 1)]
    while todo:
        a, b = todo.pop()
        if b - a < 2:
            continue
        chord = ring[b] - ring[a]
        apart = ring[a + 1 : b] - ring[a]
        length = np.hypot(*chord)
        far = (
            np.abs(chord[0] * apart[:, 1] - chord[1] * apart[:, 0]) / length
            if length > 1e-9
            else np.hypot(*apart.T)
        )
        most = int(far.argmax())
        if far[most] > fine:
            keep[a + 1 + most] = True
            todo += [(a, a + 1 + most), (a + 1 + most, b)]
    return ring[keep]


def _area(ring: Floats) -> float:
    x, y = ring.T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2
