"""Where a posture puts every body.

Bodies move by rigid displacements x' = R x + t of points given in the pelvis frame P in the reference
posture (standing, all angles 0). The hip turns about z (flexion), then x (adduction), then y (internal
rotation), as in OpenSim's Rajagopal 2016. The knee and the patella follow that model's coupled motion
(Walker et al. 1988, doi:10.1016/0021-9290(88)90135-2, as used by Rajagopal et al. 2016).

Functions take NumPy arrays, or JAX arrays to differentiate, with any leading axes: those of the angles and those
of the skeleton broadcast.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpull.anatomy.posture import BODIES, COORDINATES, SIDES, UNSIDED

AnyArray = Any
"""NumPy outside of JAX, JAX inside."""


class Skeleton(NamedTuple):
    """What the joints need to know of a person, metres in P, reference posture. A JAX pytree."""

    hip: AnyArray
    """Hip centres, (2, 3): right, left."""
    lumbar: AnyArray
    """Joint centres from L5/S1 up to T12/L1, (6, 3)."""
    rhythm: AnyArray
    """Share of lordosis, bend and rotation at each level, (6, 3); columns sum to 1."""
    knee: AnyArray
    """Spline of the right tibia's and patella's pose in the femur, (2, 6, 4, intervals): rotation vector
    (rad), then position of the body's origin from the hip centre (m)."""
    knee_knots: AnyArray
    """Knee angles between which the spline is cubic, (intervals + 1,)."""


class Poses(NamedTuple):
    """Displacement of every body, in the order of BODIES: rotation (..., B, 3, 3), translation (..., B, 3)."""

    rotation: AnyArray
    translation: AnyArray


Placing = tuple[AnyArray, AnyArray]
"""Rotation (..., 3, 3) and translation (..., 3)."""


def namespace(*arrays: Any) -> Any:
    """The module to compute with: NumPy, or JAX's if one of the arrays is JAX's."""
    for array in arrays:
        xp = array.__array_namespace__() if hasattr(array, "__array_namespace__") else np
        if xp is not np:
            return xp
    return np


def pose(skeleton: Skeleton, angles: AnyArray) -> Poses:
    """Displacements of all bodies at the coordinates `angles` (..., 12). Differentiable in both arguments."""
    xp = namespace(angles, *skeleton)
    angles = xp.asarray(angles)
    by_name = {name: angles[..., i] for i, name in enumerate(COORDINATES)}
    still = (xp.eye(3), xp.zeros(3))
    placed = {"sacrum": still, "innominate_right": still, "innominate_left": still}
    placed |= _spine(xp, skeleton, by_name)
    for side in SIDES:
        placed |= {f"{body}_{side}": where for body, where in _leg(xp, skeleton, by_name, side).items()}
        placed[f"humerus_{side}"] = placed["thorax"]
    lead = np.broadcast_shapes(*(t.shape[:-1] for _, t in placed.values()))
    rotations = [xp.broadcast_to(placed[body][0], (*lead, 3, 3)) for body in BODIES]
    translations = [xp.broadcast_to(placed[body][1], (*lead, 3)) for body in BODIES]
    return Poses(xp.stack(rotations, axis=-3), xp.stack(translations, axis=-2))


def twists(
    skeleton: Skeleton,
    angles: AnyArray,
    coordinates: tuple[int, ...] | None = None,
    here: Poses | None = None,
) -> AnyArray:
    """Motion of every body per radian of some coordinates (default: all), (..., Q, B, 6): velocity at P's origin,
    rotation. By complex steps, exact to rounding (Squire & Trapp 1998, doi:10.1137/S003614459631241X).
    `here` are the poses of `angles`, where they are known.
    """
    xp = namespace(angles, *skeleton)
    angles = xp.asarray(angles)
    which = np.arange(len(COORDINATES)) if coordinates is None else np.array(coordinates)
    lead = np.broadcast_shapes(angles.shape[:-1], skeleton.hip.shape[:-2])
    ways = np.eye(len(COORDINATES))[which].reshape(len(which), *(1,) * len(lead), -1)
    here = pose(skeleton, angles) if here is None else here
    moved = pose(skeleton, xp.broadcast_to(angles, (*lead, len(COORDINATES))) + 1j * _STEP * ways)
    rotation, translation = moved.rotation.imag / _STEP, moved.translation.imag / _STEP
    spin = xp.einsum("q...bik,...bjk->q...bij", rotation, here.rotation)
    omega = xp.stack([spin[..., 2, 1], spin[..., 0, 2], spin[..., 1, 0]], axis=-1)
    velocity = translation - xp.cross(omega, xp.broadcast_to(here.translation, omega.shape))
    return xp.moveaxis(xp.concatenate([velocity, omega], axis=-1), 0, -3)


_STEP = 1e-30


def moved(poses: Poses, body: NDArray[np.int64], points: AnyArray) -> AnyArray:
    """Points (..., N, 3) of the reference posture, each moved with its body (N,)."""
    xp = namespace(*poses, points)
    turned = xp.einsum("...nij,...nj->...ni", poses.rotation[..., body, :, :], points)
    return turned + poses.translation[..., body, :]


def _spine(xp: Any, skeleton: Skeleton, angles: dict[str, AnyArray]) -> dict[str, Placing]:
    total = xp.stack([angles["lordosis"], angles["trunk_bend"], angles["trunk_rotation"]], axis=-1)
    current, placed = (xp.eye(3), xp.zeros(3)), {}
    for level, body in enumerate(("l5", "l4", "l3", "l2", "l1", "thorax")):
        share = skeleton.rhythm[..., level, :] * total
        back, bend, twist = (share[..., i] for i in range(3))
        turn = _about(xp, 2, back) @ _about(xp, 0, bend) @ _about(xp, 1, twist)
        current = placed[body] = _after(current, _turned_about(skeleton.lumbar[..., level, :], turn))
    placed["abdomen"] = placed["l3"]
    return placed


def _leg(xp: Any, skeleton: Skeleton, angles: dict[str, AnyArray], side: str) -> dict[str, Placing]:
    """Solved for a right leg; a left leg is its mirror image."""
    flexion, abduction, rotation, knee = (angles[f"{name}_{side}"] for name in UNSIDED)
    mirror = xp.asarray(np.array([1.0, 1.0, 1.0 if side == "right" else -1.0]))
    hip = skeleton.hip[..., SIDES.index(side), :] * mirror
    turn = _about(xp, 2, flexion) @ _about(xp, 0, -abduction) @ _about(xp, 1, rotation)
    femur = _turned_about(hip, turn)
    leg = {"femur": femur}
    bent, straight = _knee_pose(xp, skeleton, knee), _knee_pose(xp, skeleton, 0.0 * knee)
    for index, body in enumerate(("tibia", "patella")):
        (r1, p1), (r0, p0) = (
            (rotation_matrix(at[..., index, :3]), at[..., index, 3:]) for at in (bent, straight)
        )
        swing = r1 @ xp.swapaxes(r0, -1, -2)
        leg[body] = _after(femur, (swing, hip + p1 - _turned(swing, hip + p0)))
    return {body: (mirror[:, None] * r * mirror, mirror * t) for body, (r, t) in leg.items()}


def _knee_pose(xp: Any, skeleton: Skeleton, angle: AnyArray) -> AnyArray:
    """Rotation vector and origin of tibia and patella in the femur, (..., 2, 6); straight beyond the table."""
    knots = skeleton.knee_knots.reshape(-1, skeleton.knee_knots.shape[-1])[0]  # the same in all variants
    table = skeleton.knee
    inside = xp.where(angle.real < knots[0], knots[0], xp.where(angle.real > knots[-1], knots[-1], angle))
    interval = xp.clip(xp.searchsorted(knots, inside.real, side="right") - 1, 0, knots.shape[0] - 2)
    c = _taken(xp, table, interval)
    u = (inside - knots[interval])[..., None, None]
    value = ((c[0] * u + c[1]) * u + c[2]) * u + c[3]
    slope = (3 * c[0] * u + 2 * c[1]) * u + c[2]
    return value + slope * (angle - inside)[..., None, None]


def _taken(xp: Any, table: AnyArray, interval: AnyArray) -> list[AnyArray]:
    """The four coefficients (..., 2, 6) of a table (..., 2, 6, 4, intervals) in an interval (...)."""
    chosen = (xp.arange(table.shape[-1]) == interval[..., None])[..., None, None, :]
    return [xp.sum(xp.where(chosen, table[..., power, :], 0.0), axis=-1) for power in range(4)]


def rotation_matrix(vector: AnyArray) -> AnyArray:
    """Rotation matrix (..., 3, 3) of a rotation vector (..., 3), rad (Rodrigues), smooth at zero."""
    xp = namespace(vector)
    square = xp.sum(vector**2, axis=-1)
    small = square.real < 1e-12
    angle = xp.sqrt(xp.where(small, 1.0, square))
    s = xp.where(small, 1.0 - square / 6, xp.sin(angle) / angle)[..., None, None]
    c = xp.where(small, 0.5 - square / 24, (1 - xp.cos(angle)) / angle**2)[..., None, None]
    x, y, z = (vector[..., i] for i in range(3))
    zero = xp.zeros_like(x)
    k = _matrix(xp, [[zero, -z, y], [z, zero, -x], [-y, x, zero]])
    return xp.eye(3) + s * k + c * (k @ k)


def rotation_vector(turn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotation vector (..., 3) of a rotation matrix (..., 3, 3), rad; not near half a turn.

    >>> rotation_vector(rotation_matrix(np.array([0.1, -0.2, 0.3]))).round(12).tolist()
    [0.1, -0.2, 0.3]
    """
    skew = 0.5 * (turn - np.swapaxes(turn, -1, -2))
    axis = np.stack([skew[..., 2, 1], skew[..., 0, 2], skew[..., 1, 0]], axis=-1)
    sine = np.linalg.norm(axis, axis=-1)
    angle = np.arctan2(sine, 0.5 * (np.trace(turn, axis1=-2, axis2=-1) - 1.0))
    return axis * np.where(sine > 1e-9, angle / np.where(sine > 1e-9, sine, 1.0), 1.0)[..., None]


def _about(xp: Any, axis: int, angle: AnyArray) -> AnyArray:
    c, s, zero, one = xp.cos(angle), xp.sin(angle), xp.zeros_like(angle), xp.ones_like(angle)
    rows = {
        0: [[one, zero, zero], [zero, c, -s], [zero, s, c]],
        1: [[c, zero, s], [zero, one, zero], [-s, zero, c]],
        2: [[c, -s, zero], [s, c, zero], [zero, zero, one]],
    }[axis]
    return _matrix(xp, rows)


def _matrix(xp: Any, rows: list[list[AnyArray]]) -> AnyArray:
    return xp.stack([xp.stack(row, axis=-1) for row in rows], axis=-2)


def _turned(turn: AnyArray, point: AnyArray) -> AnyArray:
    return (turn @ point[..., None])[..., 0]


def _turned_about(centre: AnyArray, turn: AnyArray) -> Placing:
    return turn, centre - _turned(turn, centre)


def _after(outer: Placing, inner: Placing) -> Placing:
    """The displacement `inner` followed by `outer`."""
    return outer[0] @ inner[0], _turned(outer[0], inner[1]) + outer[1]
