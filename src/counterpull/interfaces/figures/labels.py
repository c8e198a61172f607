"""Where the names of a picture go: at a place where a thing is seen best, in lines, none over another."""

import textwrap
from itertools import pairwise

import numpy as np
from scipy.spatial import KDTree

from counterpull.interfaces.figures.raster import Shot
from counterpull.interfaces.figures.scene import Scene


def anchors(scene: Scene, shot: Shot) -> dict[tuple[str, str], tuple[float, float]]:
    """Where on the page, pixels, each muscle and side is seen best: the middle of its widest part in sight."""
    step = max(1, min(shot.what.shape) // 260)
    coarse = shot.what[::step, ::step]
    first = int(coarse.max(initial=-1)) + 1
    out, count = {}, np.bincount(np.maximum(coarse, 0).ravel(), minlength=first)
    names = {mesh: i for i, mesh in enumerate(shot.names)}
    for belly in scene.bellies:
        i = names.get(f"{belly.muscle}_{belly.side}", -1)
        if i < 0 or i >= len(count) or count[i] < 10:
            continue
        mask = coarse == i
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        cut = np.pad(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 1)
        inside = np.argwhere(cut)
        far, _ = KDTree(np.argwhere(~cut)).query(inside)
        y, x = inside[int(np.argmax(far))] - 1
        out[belly.muscle, belly.side] = (float(x + columns[0]) * step, float(y + rows[0]) * step)
    return out


def spread(wanted: list[float], sizes: list[float], low: float, high: float) -> list[float]:
    """Heights near the wanted ones (ascending), none nearer to the next than their sizes ask, in low..high if they fit.

    Neighbours that would overlap move together until the group sits around the mean of what its members want.

    >>> spread([1.0, 1.0], [2.0, 2.0], 0.0, 10.0)
    [1.0, 3.0]
    """
    blocks: list[tuple[float, list[int]]] = []  # middle of the first one, members
    for i in range(len(wanted)):
        blocks.append((wanted[i], [i]))
        while True:
            first, members = blocks[-1]
            offsets = _offsets(sizes, members)
            length = offsets[-1] + (sizes[members[0]] + sizes[members[-1]]) / 2
            first = float(np.mean([wanted[m] - o for m, o in zip(members, offsets, strict=True)]))
            first = max(low + sizes[members[0]] / 2, min(first, high - length + sizes[members[0]] / 2))
            blocks[-1] = (first, members)
            if len(blocks) == 1:
                break
            before, others = blocks[-2]
            gap = (sizes[others[-1]] + sizes[members[0]]) / 2
            if before + _offsets(sizes, others)[-1] + gap <= first + 1e-9:
                break
            blocks[-2:] = [(before, others + members)]
    return [first + offset for first, members in blocks for offset in _offsets(sizes, members)]


def _offsets(sizes: list[float], members: list[int]) -> list[float]:
    """Distances of a block's members from its first."""
    out = [0.0]
    for a, b in pairwise(members):
        out.append(out[-1] + (sizes[a] + sizes[b]) / 2)
    return out


def folded(text: str, most: int, lines: int) -> list[str]:
    """A text in at most so many lines of at most so many characters."""
    return textwrap.wrap(text, most)[:lines]
