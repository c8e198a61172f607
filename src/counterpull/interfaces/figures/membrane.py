"""The obturator membrane as ground: obturator externus lies on its outside, obturator internus on its inside."""

import numpy as np

from counterpull.anatomy.scaling import Floats
from counterpull.interfaces.figures.ground import Ground

_REACH = 0.045
"""No place of the rim is further from the middle of the hole, m."""
_RAYS, _STEPS = 48, 8


def membrane(bone: Ground, within: Floats, toward: Floats) -> Ground:
    """What spans the hole of a bone around a place `within` (3,), facing a place `toward` (3,).

    The rim is what is nearest to the middle in each direction of the plane that fits the rim best.
    """
    rim, middle = bone.points[np.linalg.norm(bone.points - within, axis=1) < _REACH], within
    for _ in range(6):
        near = bone.points[np.linalg.norm(bone.points - middle, axis=1) < _REACH]
        axes = np.linalg.svd(rim - rim.mean(0), full_matrices=False)[2]
        across, up = axes[:2] @ (near - middle).T
        ray = ((np.arctan2(up, across) / (2 * np.pi) + 0.5) * _RAYS).astype(int) % _RAYS
        order = np.lexsort((np.hypot(across, up), ray))
        rim = near[order[np.unique(ray[order], return_index=True)[1]]]
        middle = (rim.min(0) + rim.max(0)) / 2
    facing = axes[2] * np.sign((toward - middle) @ axes[2])
    share = (np.arange(_STEPS) + 0.5)[:, None, None] / _STEPS
    points = (middle + share * (rim - middle)).reshape(-1, 3)
    return Ground(points, np.tile(facing, (len(points), 1)), np.full(len(points), "membrane", dtype="U16"))
