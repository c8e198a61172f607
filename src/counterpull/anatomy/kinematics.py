"""Where a posture puts every body.

Bodies move by rigid displacements x' = R x + t of points given in the pelvis frame P in the reference
posture (standing, all angles 0). The hip turns about z (flexion), then x (adduction), then y (internal
rotation), as in OpenSim's Rajagopal 2016. The knee and the patella follow that model's coupled motion
(Walker et al. 1988, doi:10.1016/0021-9290(88)90135-2, as used by Rajagopal et al. 2016).
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from counterpull.anatomy.posture import BODIES, COORDINATES, SIDES, UNSIDED
from counterpull.compiled import kept

AnyArray = Array | NDArray[np.float64]
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
    """Displacement of every body, in the order of BODIES: rotation (B, 3, 3), translation (B, 3)."""

    rotation: Array
    translation: Array


def pose(skeleton: Skeleton, angles: AnyArray) -> Poses:
    """Displacements of all bodies at the coordinates `angles` (12,). Differentiable in both arguments."""
    by_name = dict(zip(COORDINATES, jnp.asarray(angles), strict=True))
    still = (jnp.eye(3), jnp.zeros(3))
    placed = {"sacrum": still, "innominate_right": still, "innominate_left": still}
    placed |= _spine(skeleton, by_name)
    for side in SIDES:
        placed |= {f"{body}_{side}": placing for body, placing in _leg(skeleton, by_name, side).items()}
        placed[f"humerus_{side}"] = placed["thorax"]
    rotation, translation = (jnp.stack([placed[body][i] for body in BODIES]) for i in (0, 1))
    return Poses(rotation, translation)


@kept
def poses(skeleton: Skeleton, angles: AnyArray) -> Poses:
    """Displacements at many sets of coordinates (K, 12), with a leading axis K."""
    return jax.vmap(partial(pose, skeleton))(angles)


def moved(poses: Poses, body: NDArray[np.int64], points: AnyArray) -> Array:
    """Points (N, 3) of the reference posture, each moved with its body (N,)."""
    return jnp.einsum("nij,nj->ni", poses.rotation[body], points) + poses.translation[body]


def _spine(skeleton: Skeleton, angles: dict[str, Array]) -> dict[str, tuple[Array, Array]]:
    total = jnp.stack([angles["lordosis"], angles["trunk_bend"], angles["trunk_rotation"]])
    current, placed = (jnp.eye(3), jnp.zeros(3)), {}
    for level, body in enumerate(("l5", "l4", "l3", "l2", "l1", "thorax")):
        back, bend, twist = skeleton.rhythm[level] * total
        turn = _about(2, back) @ _about(0, bend) @ _about(1, twist)
        current = placed[body] = _after(current, _turned_about(skeleton.lumbar[level], turn))
    placed["abdomen"] = placed["l3"]
    return placed


def _leg(skeleton: Skeleton, angles: dict[str, Array], side: str) -> dict[str, tuple[Array, Array]]:
    """Solved for a right leg; a left leg is its mirror image."""
    flexion, abduction, rotation, knee = (angles[f"{name}_{side}"] for name in UNSIDED)
    mirror = jnp.array([1.0, 1.0, 1.0 if side == "right" else -1.0])
    hip = skeleton.hip[SIDES.index(side)] * mirror
    turn = _about(2, flexion) @ _about(0, -abduction) @ _about(1, rotation)
    femur = _turned_about(hip, turn)
    leg = {"femur": femur}
    bent, straight = _knee_pose(skeleton, knee), _knee_pose(skeleton, jnp.zeros(()))
    for index, body in enumerate(("tibia", "patella")):
        (r1, p1), (r0, p0) = ((_rotation(pose[index, :3]), pose[index, 3:]) for pose in (bent, straight))
        swing = r1 @ r0.T
        in_femur = (swing, hip + p1 - swing @ (hip + p0))
        leg[body] = _after(femur, in_femur)
    return {body: (mirror[:, None] * r * mirror, mirror * t) for body, (r, t) in leg.items()}


def _knee_pose(skeleton: Skeleton, angle: Array) -> Array:
    """Rotation vector and origin of tibia and patella in the femur, (2, 6); straight lines beyond the table."""
    knots, table = jnp.asarray(skeleton.knee_knots), jnp.asarray(skeleton.knee)
    inside = jnp.clip(angle, knots[0], knots[-1])
    interval = jnp.clip(jnp.searchsorted(knots, inside, side="right") - 1, 0, knots.shape[0] - 2)
    c = table[:, :, :, interval]
    u = inside - knots[interval]
    value = ((c[..., 0] * u + c[..., 1]) * u + c[..., 2]) * u + c[..., 3]
    slope = (3 * c[..., 0] * u + 2 * c[..., 1]) * u + c[..., 2]
    return value + slope * (angle - inside)


def _rotation(vector: Array) -> Array:
    """Rotation matrix of a rotation vector (Rodrigues), smooth at zero."""
    square = jnp.sum(vector**2)
    small = square < 1e-12
    angle = jnp.sqrt(jnp.where(small, 1.0, square))
    s = jnp.where(small, 1.0 - square / 6, jnp.sin(angle) / angle)
    c = jnp.where(small, 0.5 - square / 24, (1 - jnp.cos(angle)) / angle**2)
    x, y, z = vector
    k = jnp.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return jnp.eye(3) + s * k + c * (k @ k)


def _about(axis: int, angle: Array) -> Array:
    c, s, zero, one = jnp.cos(angle), jnp.sin(angle), jnp.zeros_like(angle), jnp.ones_like(angle)
    rows = {
        0: [[one, zero, zero], [zero, c, -s], [zero, s, c]],
        1: [[c, zero, s], [zero, one, zero], [-s, zero, c]],
        2: [[c, -s, zero], [s, c, zero], [zero, zero, one]],
    }[axis]
    return jnp.stack([jnp.stack(row) for row in rows])


def _turned_about(centre: Array, turn: Array) -> tuple[Array, Array]:
    return turn, centre - turn @ centre


def _after(outer: tuple[Array, Array], inner: tuple[Array, Array]) -> tuple[Array, Array]:
    """The displacement `inner` followed by `outer`."""
    return outer[0] @ inner[0], outer[0] @ inner[1] + outer[1]
