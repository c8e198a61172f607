"""Muscle paths: length, course and moment arms of every element in a posture.

A path is a chain of straight segments between points fixed to bodies; a segment may run over one
cylinder or sphere. The pull of a unit tension on the bodies follows from the free spans of the string
(a via point and a wrap press on the body that carries them), and a moment arm is the work of that pull:
arm about q = -dL/dq.
"""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from counterpull.anatomy import wrapping
from counterpull.anatomy.kinematics import AnyArray, Poses, Skeleton, moved, pose
from counterpull.anatomy.posture import BODIES
from counterpull.quantities import InputError


@dataclass(frozen=True, slots=True)
class Topology:
    """What belongs to what, as indices. The same for every person with the same tables."""

    elements: tuple[str, ...]
    point_body: NDArray[np.int64]
    """(P,) index into BODIES."""
    start: NDArray[np.int64]
    """(S,) first point of each segment."""
    end: NDArray[np.int64]
    """(S,) last point of each segment."""
    element: NDArray[np.int64]
    """(S,) the element that the segment belongs to."""
    wrapped: NDArray[np.int64]
    """(W,) the segments that run over a wrap; wrap w belongs to segment wrapped[w]."""
    wrap_body: NDArray[np.int64]
    """(W,) index into BODIES."""
    is_sphere: NDArray[np.bool_]
    """(W,)"""
    winding: NDArray[np.float64]
    """(W,) +1 or -1: the direction in which the string winds about a cylinder's axis, from start to end."""

    def __hash__(self) -> int:
        """By identity: one table set makes one topology."""
        return id(self)

    def __eq__(self, other: object) -> bool:
        """By identity."""
        return self is other


class Geometry(NamedTuple):
    """Where it is: one person's numbers, metres in P in the reference posture. A JAX pytree."""

    points: AnyArray
    """(P, 3)"""
    wrap_centre: AnyArray
    """(W, 3)"""
    wrap_axes: AnyArray
    """(W, 3, 3): columns are the wrap's own x, y, z axes; a cylinder's axis is z."""
    wrap_radius: AnyArray
    """(W,)"""
    skeleton: Skeleton


class Spans(NamedTuple):
    """The free, straight pieces of all strings in a posture; each pulls its two bodies together."""

    tail: Array
    """(F, 3) points in P."""
    head: Array
    """(F, 3)"""
    weight: Array
    """(F,) 1, or 0 for the second half of a wrapped segment that does not touch its wrap."""


@partial(jax.jit, static_argnums=0)
def lengths(topology: Topology, geometry: Geometry, angles: AnyArray) -> Array:
    """Length of every element (E,), metres, at the coordinates `angles` (12,)."""
    return path_lengths(topology, geometry, pose(geometry.skeleton, angles))


def path_lengths(topology: Topology, geometry: Geometry, poses: Poses) -> Array:
    """Length of every element (E,) for bodies displaced by `poses`."""
    _refuse_single_precision(geometry)
    x = moved(poses, topology.point_body, geometry.points)
    tail, head = x[topology.start], x[topology.end]
    each = wrapping.straight_length(tail, head)
    if len(topology.wrapped):
        p, s = _in_wrap_frames(topology, geometry, poses, tail, head)
        over = jnp.where(
            topology.is_sphere,
            jax.vmap(wrapping.sphere_length)(p, s, jnp.asarray(geometry.wrap_radius)),
            jax.vmap(wrapping.cylinder_length)(
                p, s, jnp.asarray(geometry.wrap_radius), jnp.asarray(topology.winding)
            ),
        )
        each = each.at[topology.wrapped].set(over)
    return jax.ops.segment_sum(each, topology.element, num_segments=len(topology.elements))


def contacts(topology: Topology, geometry: Geometry, poses: Poses) -> wrapping.Contact:
    """Tangent points of every wrap in P: first and second (W, 3), touches (W,)."""
    x = moved(poses, topology.point_body, geometry.points)
    p, s = _in_wrap_frames(topology, geometry, poses, x[topology.start], x[topology.end])
    round_ball = jax.vmap(wrapping.sphere_contact)(p, s, jnp.asarray(geometry.wrap_radius))
    round_cylinder = jax.vmap(wrapping.cylinder_contact)(
        p, s, jnp.asarray(geometry.wrap_radius), jnp.asarray(topology.winding)
    )
    sphere = jnp.asarray(topology.is_sphere)
    local = jax.tree.map(
        lambda a, b: jnp.where(sphere[:, None] if a.ndim == 2 else sphere, a, b), round_ball, round_cylinder
    )
    rotation, centre = wrap_frames(topology, geometry, poses)
    out = [jnp.einsum("wij,wj->wi", rotation, point) + centre for point in (local.first, local.second)]
    return wrapping.Contact(out[0], out[1], local.touches)


def spans(topology: Topology, geometry: Geometry, poses: Poses) -> Spans:
    """All free spans: first one per segment, then one more per wrap."""
    _refuse_single_precision(geometry)
    x = moved(poses, topology.point_body, geometry.points)
    tail, head = x[topology.start], x[topology.end]
    if not len(topology.wrapped):
        return Spans(tail, head, jnp.ones(len(topology.start)))
    first, second, touches = contacts(topology, geometry, poses)
    wrapped = topology.wrapped
    near_head = jnp.where(touches[:, None], first, head[wrapped])
    return Spans(
        jnp.concatenate([tail, second]),
        jnp.concatenate([head.at[wrapped].set(near_head), head[wrapped]]),
        jnp.concatenate([jnp.ones(len(topology.start)), touches.astype(float)]),
    )


@partial(jax.jit, static_argnums=0)
def wrenches(topology: Topology, geometry: Geometry, angles: AnyArray) -> Array:
    """Pull of a unit tension of each element on each body, (E, B, 6): force, then moment about P's origin."""
    poses = pose(geometry.skeleton, angles)
    tail, head, weight = spans(topology, geometry, poses)
    along = (head - tail) / jnp.maximum(wrapping.straight_length(tail, head), wrapping.TINY)[:, None]
    pull = along * weight[:, None]
    wrapped, segments = topology.wrapped, len(topology.start)
    touches = weight[segments:] > 0
    element = np.concatenate([topology.element, topology.element[wrapped]])
    tail_body = np.concatenate([topology.point_body[topology.start], topology.wrap_body])
    head_body = jnp.concatenate(
        [topology.point_body[topology.end], topology.point_body[topology.end[wrapped]]]
    )
    on_wrap = jnp.where(touches, topology.wrap_body, topology.point_body[topology.end[wrapped]])
    head_body = head_body.at[wrapped].set(on_wrap)
    out = jnp.zeros((len(topology.elements), len(BODIES), 6))
    out = out.at[element, tail_body].add(jnp.concatenate([pull, jnp.cross(tail, pull)], axis=1))
    return out.at[element, head_body].add(-jnp.concatenate([pull, jnp.cross(head, pull)], axis=1))


@partial(jax.jit, static_argnums=0)
def moment_arms(topology: Topology, geometry: Geometry, angles: AnyArray) -> Array:
    """Moment arm of every element about every coordinate, (E, 12), metres; positive moves the angle up.

    From the pull on the bodies and the bodies' motion (virtual work), not from the length.
    """
    angles = jnp.asarray(angles, float)
    here = pose(geometry.skeleton, angles)
    rates = jax.jacfwd(partial(pose, geometry.skeleton))(angles)
    spin = jnp.einsum("bikq,bjk->qbij", rates.rotation, here.rotation)
    omega = jnp.stack([spin[..., 2, 1], spin[..., 0, 2], spin[..., 1, 0]], axis=-1)
    velocity = jnp.moveaxis(rates.translation, -1, 0) - jnp.cross(omega, here.translation)
    twist = jnp.concatenate([velocity, omega], axis=-1)
    return jnp.einsum("ebk,qbk->eq", wrenches(topology, geometry, angles), twist)


def _refuse_single_precision(geometry: Geometry) -> None:
    if jnp.asarray(geometry.points).dtype != jnp.float64:
        raise InputError(
            "paths: JAX is set to single precision in this thread, in which lengths are good to 0.1 mm at best; "
            "call the methods of Body, or enter jax.enable_x64(True) around this call."
        )


def wrap_frames(topology: Topology, geometry: Geometry, poses: Poses) -> tuple[Array, Array]:
    """Axes (W, 3, 3, columns) and centres (W, 3) of all wraps in P."""
    rotation = poses.rotation[topology.wrap_body] @ jnp.asarray(geometry.wrap_axes)
    return rotation, moved(poses, topology.wrap_body, geometry.wrap_centre)


def _in_wrap_frames(topology, geometry, poses, tail, head) -> tuple[Array, Array]:
    """Both ends of the wrapped segments, in their wraps' frames."""
    rotation, centre = wrap_frames(topology, geometry, poses)
    into = partial(jnp.einsum, "wji,wj->wi", rotation)
    return into(tail[topology.wrapped] - centre), into(head[topology.wrapped] - centre)
