"""Muscle paths: length, course and moment arms of every element in a posture.

A path is a chain of straight segments between points fixed to bodies; a segment may run over one
cylinder or sphere. The pull of a unit tension on the bodies follows from the free spans of the string
(a via point and a wrap press on the body that carries them), and a moment arm is the work of that pull:
arm about q = -dL/dq.

Functions take NumPy arrays, or JAX arrays to differentiate, with any leading axes: those of the geometry and those
of the angles broadcast.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpull.anatomy import wrapping
from counterpull.anatomy.kinematics import AnyArray, Poses, Skeleton, moved, namespace, pose, twists
from counterpull.anatomy.posture import BODIES
from counterpull.quantities import InputError


@dataclass(frozen=True, eq=False)
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

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """(S,) where each segment's length lies in those of all straight segments, then those of all wraps."""
        out = np.arange(len(self.start))
        out[self.wrapped] = len(self.start) + np.arange(len(self.wrapped))
        return out


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


def only(topology: Topology, geometry: Geometry, chosen: NDArray[np.int64]) -> tuple[Topology, Geometry]:
    """The same of some elements (rising indices), with the points and wraps that they use."""
    segments = np.concatenate([np.flatnonzero(topology.element == e) for e in chosen])
    points, ends = np.unique([topology.start[segments], topology.end[segments]], return_inverse=True)
    wraps = np.flatnonzero(np.isin(topology.wrapped, segments))
    place = {int(s): i for i, s in enumerate(segments)}
    start, end = ends.reshape(2, -1)
    few = Topology(
        elements=tuple(topology.elements[e] for e in chosen),
        point_body=topology.point_body[points],
        start=start,
        end=end,
        element=np.searchsorted(chosen, topology.element[segments]),
        wrapped=np.array([place[int(s)] for s in topology.wrapped[wraps]], dtype=np.int64),
        wrap_body=topology.wrap_body[wraps],
        is_sphere=topology.is_sphere[wraps],
        winding=topology.winding[wraps],
    )
    return few, Geometry(
        geometry.points[..., points, :],
        geometry.wrap_centre[..., wraps, :],
        geometry.wrap_axes[..., wraps, :, :],
        geometry.wrap_radius[..., wraps],
        geometry.skeleton,
    )


def lengths(topology: Topology, geometry: Geometry, angles: AnyArray) -> AnyArray:
    """Length of every element (..., E), metres, at the coordinates `angles` (..., 12)."""
    return path_lengths(topology, geometry, pose(geometry.skeleton, angles))


def path_lengths(topology: Topology, geometry: Geometry, poses: Poses) -> AnyArray:
    """Length of every element (..., E) for bodies displaced by `poses`."""
    each = segment_lengths(topology, geometry, poses)
    return _summed(each[..., None], topology.element, len(topology.elements))[..., 0]


def segment_lengths(topology: Topology, geometry: Geometry, poses: Poses) -> AnyArray:
    """Length of every segment (..., S)."""
    xp = _namespace(geometry, poses)
    x = moved(poses, topology.point_body, geometry.points)
    tail, head = x[..., topology.start, :], x[..., topology.end, :]
    each = wrapping.straight_length(tail, head)
    if not len(topology.wrapped):
        return each
    p, s = _in_wrap_frames(topology, geometry, poses, tail, head)
    over = xp.where(
        topology.is_sphere,
        wrapping.sphere_length(p, s, geometry.wrap_radius),
        wrapping.cylinder_length(p, s, geometry.wrap_radius, topology.winding),
    )
    return xp.concatenate([each, over], axis=-1)[..., topology.order]


def contacts(topology: Topology, geometry: Geometry, poses: Poses) -> wrapping.Contact:
    """Contact of every wrapped segment, points and directions in P, (..., W, 3) each; touches (..., W)."""
    xp = _namespace(geometry, poses)
    x = moved(poses, topology.point_body, geometry.points)
    p, s = _in_wrap_frames(topology, geometry, poses, x[..., topology.start, :], x[..., topology.end, :])
    sphere = topology.is_sphere
    ball = wrapping.sphere_contact(p, s, geometry.wrap_radius)
    cylinder = wrapping.cylinder_contact(p, s, geometry.wrap_radius, topology.winding)
    rotation, centre = wrap_frames(topology, geometry, poses)
    first, second, leaving, arriving, inward_p, inward_s = (
        xp.einsum("...wij,...wj->...wi", rotation, xp.where(sphere[:, None], a, b))
        for a, b in zip(ball[:-1], cylinder[:-1], strict=True)
    )
    touches = xp.where(sphere, ball.touches, cylinder.touches)
    return wrapping.Contact(first + centre, second + centre, leaving, arriving, inward_p, inward_s, touches)


class Pulls(NamedTuple):
    """What unit tensions do at K places: the ends of all segments, and where they press on wraps."""

    point: AnyArray
    """(..., K, 3) in P."""
    force: AnyArray
    """(..., K, 3)"""
    element: NDArray[np.int64]
    """(K,) whose tension it is."""
    body: NDArray[np.int64]
    """(K,) index into BODIES of what is pulled."""

    @property
    def wrench(self) -> AnyArray:
        """(..., K, 6): force, then moment about P's origin."""
        xp = namespace(self.force)
        return xp.concatenate([self.force, xp.cross(self.point, self.force)], axis=-1)


def pulls(topology: Topology, geometry: Geometry, poses: Poses) -> Pulls:
    """Pulls of a unit tension in every element for bodies displaced by `poses`."""
    xp = _namespace(geometry, poses)
    x = moved(poses, topology.point_body, geometry.points)
    tail, head = x[..., topology.start, :], x[..., topology.end, :]
    straight = (head - tail) / xp.maximum(wrapping.straight_length(tail, head), wrapping.TINY)[..., None]
    points, forces = [tail, head], [straight, -straight]
    elements = [topology.element, topology.element]
    bodies = [topology.point_body[topology.start], topology.point_body[topology.end]]
    wrapped = topology.wrapped
    if len(wrapped):
        contact = contacts(topology, geometry, poses)
        touches = contact.touches[..., None]
        pull_p, pull_s = contact.leaving + contact.inward_p, -contact.arriving + contact.inward_s
        for i, pull in enumerate((pull_p, pull_s)):
            pull = xp.where(touches, pull, forces[i][..., wrapped, :])
            forces[i] = xp.concatenate([forces[i], pull], axis=-2)[..., topology.order, :]
        # The wrap takes what the two ends do not give each other, at the points where the string bends.
        points += [tail[..., wrapped, :], head[..., wrapped, :]]
        forces += [xp.where(touches, -pull_p, 0.0), xp.where(touches, -pull_s, 0.0)]
        elements += [topology.element[wrapped]] * 2
        bodies += [topology.wrap_body] * 2
    point, force = xp.concatenate(points, axis=-2), xp.concatenate(forces, axis=-2)
    return Pulls(point, force, np.concatenate(elements), np.concatenate(bodies))


def wrenches(topology: Topology, geometry: Geometry, angles: AnyArray) -> AnyArray:
    """Pull of a unit tension of each element on each body, (..., E, B, 6): force, then moment about P's origin."""
    every = pulls(topology, geometry, pose(geometry.skeleton, angles))
    where = every.element * len(BODIES) + every.body
    out = _summed(every.wrench, where, len(topology.elements) * len(BODIES))
    return out.reshape(*out.shape[:-2], len(topology.elements), len(BODIES), 6)


def moment_arms(
    topology: Topology,
    geometry: Geometry,
    angles: AnyArray,
    coordinates: tuple[int, ...] | None = None,
    poses: Poses | None = None,
) -> AnyArray:
    """Moment arm of every element about some coordinates (default: all), (..., E, Q), metres.

    Positive moves the angle up. From the pull on the bodies and the bodies' motion (virtual work), not from the
    length. `poses` are those of `angles`, where they are known.
    """
    poses = pose(geometry.skeleton, angles) if poses is None else poses
    every = pulls(topology, geometry, poses)
    motion = twists(geometry.skeleton, angles, coordinates, poses)[..., every.body, :]
    work = namespace(motion).einsum("...kc,...qkc->...kq", every.wrench, motion)
    return _summed(work, every.element, len(topology.elements))


def _summed(values: AnyArray, where: NDArray[np.int64], count: int) -> AnyArray:
    """Sums (..., count, k) of the values (..., S, k) that belong to each place (S,)."""
    xp = namespace(values)
    if xp is np:
        order = np.argsort(where, kind="stable")
        places, first = np.unique(where[order], return_index=True)
        out = np.zeros((*values.shape[:-2], count, values.shape[-1]))
        out[..., places, :] = np.add.reduceat(values[..., order, :], first, axis=-2)
        return out
    return xp.zeros((*values.shape[:-2], count, values.shape[-1])).at[..., where, :].add(values)


def _namespace(geometry: Geometry, poses: Poses) -> Any:
    """NumPy or JAX, which must not be in single precision."""
    xp = namespace(geometry.points, *poses)
    if xp.result_type(geometry.points, poses.translation) not in (np.float64, np.complex128):
        raise InputError(
            "paths: JAX is set to single precision in this thread, in which lengths are good to 0.1 mm at best; "
            "call the methods of Body, or enter jax.enable_x64(True) around this call."
        )
    return xp


def wrap_frames(topology: Topology, geometry: Geometry, poses: Poses) -> tuple[AnyArray, AnyArray]:
    """Axes (..., W, 3, 3, columns) and centres (..., W, 3) of all wraps in P."""
    rotation = poses.rotation[..., topology.wrap_body, :, :] @ geometry.wrap_axes
    return rotation, moved(poses, topology.wrap_body, geometry.wrap_centre)


def _in_wrap_frames(topology, geometry, poses, tail, head) -> tuple[AnyArray, AnyArray]:
    """Both ends of the wrapped segments, in their wraps' frames."""
    rotation, centre = wrap_frames(topology, geometry, poses)
    xp = namespace(rotation, tail)
    first, last = (
        xp.einsum("...wji,...wj->...wi", rotation, end[..., topology.wrapped, :] - centre)
        for end in (tail, head)
    )
    return first, last
