"""How long a string is that runs from p to s over a cylinder or a sphere, in closed form.

A string wound round a circle of radius r, between points at distances d from its centre that are an
angle b apart (b counted in the winding direction), is  g(d_p) + g(d_s) + r b  long, where

    g(d) = sqrt(d² - r²) - r acos(r / d)

is the free tangent minus the arc that it spares. The string leaves the surface (and is straight) when
b <= acos(r / d_p) + acos(r / d_s); there both lengths and both slopes agree, so lengths and moment arms
are continuous. A cylinder is unrolled, so that the axial run adds by Pythagoras; on a sphere the string
lies in the plane through the centre. A cylinder's winding direction is fixed (as in the obstacle sets of
Garner & Pandy 2000, doi:10.1080/10255840008915251): a string that is pressed through the middle winds
further and does not jump to the other side.

A point that a posture drives inside the surface shrinks the wrap to its own distance, which keeps lengths
continuous there too. All functions take one string (shape (3,) points in
the wrap's own frame, metres) and are meant to be vmapped.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

Scalar = Array | float

TINY = 1e-12
# A cylinder's winding angle is counted from a sixth of a turn before the near side to five sixths after.
_BEHIND = jnp.pi / 3


class Contact(NamedTuple):
    """Where and how a string touches its wrap; vectors (3,) in the wrap's frame. Straight strings: see `touches`."""

    first: Array
    """Tangent point nearer to p."""
    second: Array
    """Tangent point nearer to s."""
    leaving: Array
    """Unit direction of the string from p to the first tangent point."""
    arriving: Array
    """Unit direction of the string from the second tangent point to s."""
    inward_p: Array
    """Pull on p toward the axis or centre, per unit tension: not zero only where p is inside the surface."""
    inward_s: Array
    """The same for s."""
    touches: Array
    """Whether it touches at all; the other fields mean nothing when it does not."""


@jax.custom_jvp
def tangent_excess(d: Array, r: Array) -> Array:
    """g(d) above; 0 inside the circle. Its slope sqrt(d² - r²) / d stays finite at the surface."""
    return _tangent(d, r) - r * _half_angle(d, r)


@tangent_excess.defjvp
def _tangent_excess_jvp(primals, tangents):
    (d, r), (d_dot, r_dot) = primals, tangents
    slope = jnp.sqrt(jnp.maximum(d * d - r * r, 0.0) + TINY**2) / jnp.maximum(d, TINY)
    return tangent_excess(d, r), slope * d_dot - _half_angle(d, r) * r_dot


def cylinder_length(p: Array, s: Array, r: Scalar, winding: Scalar) -> Array:
    """Length of the string over a cylinder about its z axis; `winding` +1 is right-handed about z."""
    r, d_p, d_s, turn, touches = _round_cylinder(p, s, r, winding)
    planar = tangent_excess(d_p, r) + tangent_excess(d_s, r) + r * turn
    planar = jnp.where(touches, planar, 1.0)
    wound = jnp.sqrt(planar**2 + (s[2] - p[2]) ** 2)
    return jnp.where(touches, wound, straight_length(p, s))


def sphere_length(p: Array, s: Array, r: Scalar) -> Array:
    """Length of the string over a sphere about the origin (the shorter way round)."""
    r, d_p, d_s, turn, touches = _round_sphere(p, s, r)
    wound = tangent_excess(d_p, r) + tangent_excess(d_s, r) + r * turn
    return jnp.where(touches, wound, straight_length(p, s))


def cylinder_contact(p: Array, s: Array, r: Scalar, winding: Scalar) -> Contact:
    """Contact with a cylinder about its z axis."""
    full = r
    r, d_p, d_s, turn, touches = _round_cylinder(p, s, r, winding)
    t_p, t_s = _tangent(d_p, r), _tangent(d_s, r)
    angle = jnp.maximum(turn - _half_angle(d_p, r) - _half_angle(d_s, r), 0.0)
    planar = jnp.maximum(t_p + r * angle + t_s, TINY)
    rise = (s[2] - p[2]) / planar
    at_p = jnp.arctan2(p[1], p[0]) + winding * _half_angle(d_p, r)
    at_s = jnp.arctan2(s[1], s[0]) - winding * _half_angle(d_s, r)

    def along(at: Array) -> Array:
        ahead = jnp.stack([-winding * jnp.sin(at), winding * jnp.cos(at), rise])
        return ahead / jnp.sqrt(1 + rise**2)

    first = jnp.stack([r * jnp.cos(at_p), r * jnp.sin(at_p), p[2] + rise * t_p])
    second = jnp.stack([r * jnp.cos(at_s), r * jnp.sin(at_s), s[2] - rise * t_s])
    press = angle / jnp.sqrt(1 + rise**2)
    flat = jnp.array([1.0, 1.0, 0.0])
    inward_p, inward_s = _inward(p * flat / d_p, s * flat / d_s, d_p, d_s, full, press)
    return Contact(first, second, along(at_p), along(at_s), inward_p, inward_s, touches)


def sphere_contact(p: Array, s: Array, r: Scalar) -> Contact:
    """Contact with a sphere about the origin."""
    full = r
    r, d_p, d_s, turn, touches = _round_sphere(p, s, r)
    toward_p, toward_s = p / d_p, s / d_s
    normal = jnp.cross(toward_p, toward_s)
    normal = normal / jnp.maximum(jnp.linalg.norm(normal), TINY)
    a_p, a_s = _half_angle(d_p, r), _half_angle(d_s, r)
    first = jnp.cos(a_p) * toward_p + jnp.sin(a_p) * jnp.cross(normal, toward_p)
    second = jnp.cos(a_s) * toward_s - jnp.sin(a_s) * jnp.cross(normal, toward_s)
    leaving, arriving = jnp.cross(normal, first), jnp.cross(normal, second)
    inward_p, inward_s = _inward(toward_p, toward_s, d_p, d_s, full, jnp.maximum(turn - a_p - a_s, 0.0))
    return Contact(r * first, r * second, leaving, arriving, inward_p, inward_s, touches)


def _inward(
    out_p: Array, out_s: Array, d_p: Array, d_s: Array, r: Scalar, press: Array
) -> tuple[Array, Array]:
    """A point inside the surface carries the string at its own distance, and is pulled in by what it bends."""
    nearer = d_p <= d_s
    on_p, on_s = (d_p < r) & nearer, (d_s < r) & ~nearer
    return jnp.where(on_p, -press, 0.0) * out_p, jnp.where(on_s, -press, 0.0) * out_s


def straight_length(p: Array, s: Array) -> Array:
    """Distance between two points (3,), with slope 0 where they coincide."""
    square = jnp.sum((s - p) ** 2, axis=-1)
    return jnp.where(square > 0, jnp.sqrt(jnp.where(square > 0, square, 1.0)), 0.0)


def _round_cylinder(p, s, r, winding):
    d_p, d_s = _radius(p[:2]), _radius(s[:2])
    across = winding * (p[0] * s[1] - p[1] * s[0])
    along = p[0] * s[0] + p[1] * s[1]
    degenerate = jnp.abs(across) + jnp.abs(along) < TINY**2
    turn = jnp.arctan2(jnp.where(degenerate, 0.0, across), jnp.where(degenerate, 1.0, along))
    turn = jnp.where(turn < -_BEHIND, turn + 2 * jnp.pi, turn)
    r = jnp.minimum(r, jnp.minimum(d_p, d_s))
    return r, d_p, d_s, turn, turn > _half_angle(d_p, r) + _half_angle(d_s, r)


def _round_sphere(p, s, r):
    d_p, d_s = _radius(p), _radius(s)
    cross = jnp.cross(p, s)
    square = jnp.sum(cross**2)
    parallel = square < (1e-9 * d_p * d_s) ** 2
    across = jnp.where(parallel, 0.0, jnp.sqrt(jnp.where(parallel, 1.0, square)))
    along = jnp.sum(p * s)
    nowhere = parallel & (jnp.abs(along) < TINY**2)
    turn = jnp.arctan2(across, jnp.where(nowhere, 1.0, along))
    r = jnp.minimum(r, jnp.minimum(d_p, d_s))
    return r, d_p, d_s, turn, turn > _half_angle(d_p, r) + _half_angle(d_s, r)


def _radius(x: Array) -> Array:
    square = jnp.sum(x**2)
    return jnp.sqrt(jnp.maximum(square, TINY**2))


def _on_surface(d: Array, r: Array) -> Array:
    """Within a picometre, where rounding would make a root of nothing into 1e-9."""
    return d - r <= TINY


def _tangent(d: Array, r: Array) -> Array:
    return jnp.where(_on_surface(d, r), 0.0, jnp.sqrt(jnp.maximum(d * d - r * r, 0.0)))


def _half_angle(d: Array, r: Array) -> Array:
    """acos(r / d), 0 inside; only compared with and drawn, never differentiated."""
    angle = jnp.arccos(jnp.clip(jax.lax.stop_gradient(r / d), -1.0, 1.0))
    return jnp.where(_on_surface(d, r), 0.0, angle)
