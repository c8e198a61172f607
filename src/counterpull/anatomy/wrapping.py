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
continuous there too. Functions take strings with any leading axes (points (..., 3) in the wrap's own frame, metres),
as NumPy arrays or as JAX arrays to differentiate.
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from counterpull.anatomy.kinematics import AnyArray, namespace

TINY = 1e-12
# A cylinder's winding angle is counted from a sixth of a turn before the near side to five sixths after.
_BEHIND = np.pi / 3


class Contact(NamedTuple):
    """Where and how a string touches its wrap; vectors (..., 3) in the wrap's frame. Straight: see `touches`."""

    first: AnyArray
    """Tangent point nearer to p."""
    second: AnyArray
    """Tangent point nearer to s."""
    leaving: AnyArray
    """Unit direction of the string from p to the first tangent point."""
    arriving: AnyArray
    """Unit direction of the string from the second tangent point to s."""
    inward_p: AnyArray
    """Pull on p toward the axis or centre, per unit tension: not zero only where p is inside the surface."""
    inward_s: AnyArray
    """The same for s."""
    touches: AnyArray
    """Whether it touches at all; the other fields mean nothing when it does not."""


def tangent_excess(d: AnyArray, r: AnyArray) -> AnyArray:
    """g(d) above; 0 inside the circle. Its slope sqrt(d² - r²) / d stays finite at the surface."""
    return (_excess if namespace(d, r) is np else _with_slope())(d, r)


def _excess(d: AnyArray, r: AnyArray) -> AnyArray:
    return _tangent(d, r) - r * _half_angle(d, r)


def cylinder_length(p: AnyArray, s: AnyArray, r: AnyArray, winding: AnyArray) -> AnyArray:
    """Length of the string over a cylinder about its z axis; `winding` +1 is right-handed about z."""
    xp = namespace(p, s, r)
    r, d_p, d_s, turn, touches = _round_cylinder(xp, p, s, r, winding)
    planar = tangent_excess(d_p, r) + tangent_excess(d_s, r) + r * turn
    planar = xp.where(touches, planar, 1.0)
    wound = xp.sqrt(planar**2 + (s[..., 2] - p[..., 2]) ** 2)
    return xp.where(touches, wound, straight_length(p, s))


def sphere_length(p: AnyArray, s: AnyArray, r: AnyArray) -> AnyArray:
    """Length of the string over a sphere about the origin (the shorter way round)."""
    xp = namespace(p, s, r)
    r, d_p, d_s, turn, touches = _round_sphere(xp, p, s, r)
    wound = tangent_excess(d_p, r) + tangent_excess(d_s, r) + r * turn
    return xp.where(touches, wound, straight_length(p, s))


def cylinder_contact(p: AnyArray, s: AnyArray, r: AnyArray, winding: AnyArray) -> Contact:
    """Contact with a cylinder about its z axis."""
    xp, full = namespace(p, s, r), r
    r, d_p, d_s, turn, touches = _round_cylinder(xp, p, s, r, winding)
    t_p, t_s = _tangent(d_p, r), _tangent(d_s, r)
    angle = xp.maximum(turn - _half_angle(d_p, r) - _half_angle(d_s, r), 0.0)
    planar = xp.maximum(t_p + r * angle + t_s, TINY)
    rise = (s[..., 2] - p[..., 2]) / planar
    at_p = xp.arctan2(p[..., 1], p[..., 0]) + winding * _half_angle(d_p, r)
    at_s = xp.arctan2(s[..., 1], s[..., 0]) - winding * _half_angle(d_s, r)
    slant = xp.sqrt(1 + rise**2)

    def along(at: AnyArray) -> AnyArray:
        return xp.stack([-winding * xp.sin(at), winding * xp.cos(at), rise], axis=-1) / slant[..., None]

    first = xp.stack([r * xp.cos(at_p), r * xp.sin(at_p), p[..., 2] + rise * t_p], axis=-1)
    second = xp.stack([r * xp.cos(at_s), r * xp.sin(at_s), s[..., 2] - rise * t_s], axis=-1)
    flat = xp.asarray(np.array([1.0, 1.0, 0.0]))
    out_p, out_s = p * flat / d_p[..., None], s * flat / d_s[..., None]
    inward_p, inward_s = _inward(xp, out_p, out_s, d_p, d_s, full, angle / slant)
    return Contact(first, second, along(at_p), along(at_s), inward_p, inward_s, touches)


def sphere_contact(p: AnyArray, s: AnyArray, r: AnyArray) -> Contact:
    """Contact with a sphere about the origin."""
    xp, full = namespace(p, s, r), r
    r, d_p, d_s, turn, touches = _round_sphere(xp, p, s, r)
    toward_p, toward_s = p / d_p[..., None], s / d_s[..., None]
    normal = xp.cross(toward_p, toward_s)
    normal = normal / xp.maximum(xp.linalg.norm(normal, axis=-1), TINY)[..., None]
    a_p, a_s = _half_angle(d_p, r), _half_angle(d_s, r)

    def turned(toward: AnyArray, by: AnyArray) -> AnyArray:
        return xp.cos(by)[..., None] * toward + xp.sin(by)[..., None] * xp.cross(normal, toward)

    first, second = turned(toward_p, a_p), turned(toward_s, -a_s)
    leaving, arriving = xp.cross(normal, first), xp.cross(normal, second)
    press = xp.maximum(turn - a_p - a_s, 0.0)
    inward_p, inward_s = _inward(xp, toward_p, toward_s, d_p, d_s, full, press)
    size = r[..., None]
    return Contact(size * first, size * second, leaving, arriving, inward_p, inward_s, touches)


def _inward(
    xp: Any, out_p: AnyArray, out_s: AnyArray, d_p: AnyArray, d_s: AnyArray, r: AnyArray, press: AnyArray
) -> tuple[AnyArray, AnyArray]:
    """A point inside the surface carries the string at its own distance, and is pulled in by what it bends."""
    nearer = d_p <= d_s
    on_p, on_s = (d_p < r) & nearer, (d_s < r) & ~nearer
    return xp.where(on_p, -press, 0.0)[..., None] * out_p, xp.where(on_s, -press, 0.0)[..., None] * out_s


def straight_length(p: AnyArray, s: AnyArray) -> AnyArray:
    """Distance between two points (..., 3), with slope 0 where they coincide."""
    xp = namespace(p, s)
    square = xp.sum((s - p) ** 2, axis=-1)
    return xp.where(square > 0, xp.sqrt(xp.where(square > 0, square, 1.0)), 0.0)


def _round_cylinder(xp, p, s, r, winding):
    d_p, d_s = _radius(xp, p[..., :2]), _radius(xp, s[..., :2])
    across = winding * (p[..., 0] * s[..., 1] - p[..., 1] * s[..., 0])
    along = p[..., 0] * s[..., 0] + p[..., 1] * s[..., 1]
    degenerate = xp.abs(across) + xp.abs(along) < TINY**2
    turn = xp.arctan2(xp.where(degenerate, 0.0, across), xp.where(degenerate, 1.0, along))
    turn = xp.where(turn < -_BEHIND, turn + 2 * np.pi, turn)
    r = xp.minimum(r, xp.minimum(d_p, d_s))
    return r, d_p, d_s, turn, turn > _half_angle(d_p, r) + _half_angle(d_s, r)


def _round_sphere(xp, p, s, r):
    d_p, d_s = _radius(xp, p), _radius(xp, s)
    cross = xp.cross(p, s)
    square = xp.sum(cross**2, axis=-1)
    parallel = square < (1e-9 * d_p * d_s) ** 2
    across = xp.where(parallel, 0.0, xp.sqrt(xp.where(parallel, 1.0, square)))
    along = xp.sum(p * s, axis=-1)
    nowhere = parallel & (xp.abs(along) < TINY**2)
    turn = xp.arctan2(across, xp.where(nowhere, 1.0, along))
    r = xp.minimum(r, xp.minimum(d_p, d_s))
    return r, d_p, d_s, turn, turn > _half_angle(d_p, r) + _half_angle(d_s, r)


def _radius(xp: Any, x: AnyArray) -> AnyArray:
    square = xp.sum(x**2, axis=-1)
    return xp.sqrt(xp.maximum(square, TINY**2))


def _on_surface(d: AnyArray, r: AnyArray) -> AnyArray:
    """Within a picometre, where rounding would make a root of nothing into 1e-9."""
    return d - r <= TINY


def _tangent(d: AnyArray, r: AnyArray) -> AnyArray:
    xp = namespace(d, r)
    return xp.where(_on_surface(d, r), 0.0, xp.sqrt(xp.maximum(d * d - r * r, 0.0)))


def _half_angle(d: AnyArray, r: AnyArray) -> AnyArray:
    """acos(r / d), 0 inside; only compared with and drawn, never differentiated."""
    xp, ratio = namespace(d, r), r / d
    if xp is not np:
        from jax.lax import stop_gradient

        ratio = stop_gradient(ratio)
    return xp.where(_on_surface(d, r), 0.0, xp.arccos(xp.clip(ratio, -1.0, 1.0)))


@cache
def _with_slope() -> Any:
    """`_excess` for JAX, with its slope."""
    import jax
    import jax.numpy as jnp

    excess = jax.custom_jvp(_excess)

    @excess.defjvp
    def _(primals, tangents):
        (d, r), (d_dot, r_dot) = primals, tangents
        slope = jnp.sqrt(jnp.maximum(d * d - r * r, 0.0) + TINY**2) / jnp.maximum(d, TINY)
        return excess(d, r), slope * d_dot - _half_angle(d, r) * r_dot

    return excess
