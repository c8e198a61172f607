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
from counterpull.compiled import kept
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


@partial(kept, static=(0,))
def lengths(topology: Topology, geometry: Geometry, angles: AnyArray) -> Array:
    """Length of every element (E,), metres, at the coordinates `angles` (12,)."""
    return path_lengths(topology, geometry, pose(geometry.skeleton, angles))


def path_lengths(topology: Topology, geometry: Geometry, poses: Poses) -> Array:
    """Length of every element (E,) for bodies displaced by `poses`."""
    each = segment_lengths(topology, geometry, poses)
    return jax.ops.segment_sum(each, topology.element, num_segments=len(topology.elements))


def segment_lengths(topology: Topology, geometry: Geometry, poses: Poses) -> Array:
    """Length of every segment (S,)."""
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
    return each


def contacts(topology: Topology, geometry: Geometry, poses: Poses) -> wrapping.Contact:
    """Contact of every wrapped segment, points and directions in P, (W, 3) each; touches (W,)."""
    x = moved(poses, topology.point_body, geometry.points)
    p, s = _in_wrap_frames(topology, geometry, poses, x[topology.start], x[topology.end])
    radius, sphere = jnp.asarray(geometry.wrap_radius), jnp.asarray(topology.is_sphere)
    ball = jax.vmap(wrapping.sphere_contact)(p, s, radius)
    cylinder = jax.vmap(wrapping.cylinder_contact)(p, s, radius, jnp.asarray(topology.winding))
    rotation, centre = wrap_frames(topology, geometry, poses)
    first, second, leaving, arriving, inward_p, inward_s = (
        jnp.einsum("wij,wj->wi", rotation, jnp.where(sphere[:, None], a, b))
        for a, b in zip(ball[:-1], cylinder[:-1], strict=True)
    )
    touches = jnp.where(sphere, ball.touches, cylinder.touches)
    return wrapping.Contact(first + centre, second + centre, leaving, arriving, inward_p, inward_s, touches)


@partial(kept, static=(0,))
def touching(topology: Topology, geometry: Geometry, angles: AnyArray) -> tuple[wrapping.Contact, Array]:
    """Contact of every wrapped segment, as in `contacts`, and the segment's length (W,)."""
    poses = pose(geometry.skeleton, angles)
    each = segment_lengths(topology, geometry, poses)
    return contacts(topology, geometry, poses), each[topology.wrapped]


@partial(kept, static=(0,))
def wrenches(topology: Topology, geometry: Geometry, angles: Array) -> Array:
    """Pull of a unit tension of each element on each body, (E, B, 6): force, then moment about P's origin."""
    _refuse_single_precision(geometry)
    poses = pose(geometry.skeleton, angles)
    x = moved(poses, topology.point_body, geometry.points)
    tail, head = x[topology.start], x[topology.end]
    straight = (head - tail) / jnp.maximum(wrapping.straight_length(tail, head), wrapping.TINY)[:, None]
    on_tail, on_head = straight, -straight
    out = jnp.zeros((len(topology.elements), len(BODIES), 6))
    wrapped = topology.wrapped
    if len(wrapped):
        contact = contacts(topology, geometry, poses)
        touches = contact.touches[:, None]
        pull_p, pull_s = contact.leaving + contact.inward_p, -contact.arriving + contact.inward_s
        on_tail = on_tail.at[wrapped].set(jnp.where(touches, pull_p, straight[wrapped]))
        on_head = on_head.at[wrapped].set(jnp.where(touches, pull_s, -straight[wrapped]))
        # The wrap takes what the two ends do not give each other, at the points where the string bends.
        for point, push in ((tail[wrapped], -pull_p), (head[wrapped], -pull_s)):
            push = jnp.where(touches, push, 0.0)
            out = out.at[topology.element[wrapped], topology.wrap_body].add(_wrench(point, push))
    out = out.at[topology.element, topology.point_body[topology.start]].add(_wrench(tail, on_tail))
    return out.at[topology.element, topology.point_body[topology.end]].add(_wrench(head, on_head))


def _wrench(point: Array, force: Array) -> Array:
    """Force and moment about the origin, (..., 6)."""
    return jnp.concatenate([force, jnp.cross(point, force)], axis=-1)


@partial(kept, static=(0,))
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
