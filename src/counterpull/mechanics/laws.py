"""How the tissues of the ring push back: the law of the structure, from displacement to force and stiffness.

`Structure` holds one person's numbers as arrays (JAX pytree). Four kinds of tissue:

* linear: symphysis, L5/S1, lumbar block, hips, gravity's geometric stiffness, sheets across their edges;
* passive muscle, convex in its stretch (`muscle.passive_tension`): it pulls from the start;
* strings and contacts, which only pull or only push:  τ(e) = 0 for e ≤ 0, k e²/2t up to the toe t, then
  k (e - t/2). A ligament starts at the stretch of its preload, which the joints balance at rest;
* the two sacroiliac joints, derived from a potential (they neither make nor lose energy):

      U(d) = max over C of   -C d_n - W(C) + E + (κ(C) - 1) E / (1 + E/E0),      E = Σ_{j ≠ n} E_j(d_j)

  d: three shifts and three turns along the joint's own axes (normal, up, forward). C is the compression of
  the joint, W its complementary energy: C²/2k with one k when pressed and another when drawn apart. Across
  the normal each axis has a stiffness for each direction and a softer toe about rest,

      E_j(d) = k⁺ A(h(d)) + k⁻ A(h(-d)),  A(h) = ½ h² - (1 - τ) d0² ln cosh(h / d0),  h = ½ (d + √(d² + w²)).

  κ = 1 + γ z³/(1 + z³), z = C/C½ (1 when drawn apart), is force closure: under a compression C the joint is κ
  times as stiff; it saturates, and the gain γ = 0 switches it off. Shear of a closing joint presses its
  surfaces together in turn, as rough surfaces do. Beyond an energy E0 of shear and turning the closed
  surfaces slip and closure adds less; E0 = C½²/(3.5 γ k), half of that with which a joint could
  snap (κ'' is at most 1.74 γ/C½²).

Functions take NumPy and JAX arrays alike. Those of a joint take leading axes: draws, sides.
"""

from typing import Any, NamedTuple

import numpy as np

from counterpull.mechanics import muscle
from counterpull.mechanics.coordinates import Numeric

NORMAL, UP, FORWARD = 0, 1, 2
"""Axes of a sacroiliac joint; turns about them are 3, 4, 5."""
BLEND_SHIFT, BLEND_TURN = 1e-4, 2e-3
"""Width w over which the two directions of an axis pass into each other: 0.1 mm, 0.1 deg."""
BLEND_FORCE = 40.0
"""N, the same for the normal."""
_WIDTH = np.array([BLEND_SHIFT] * 3 + [BLEND_TURN] * 3)
GRIP = 1e-7
"""What is left of a string's stiffness when it is slack, so that a body without weight still has a place."""


class Sacroiliac(NamedTuple):
    """Both joints, right and left. Turns and shifts along each joint's own axes."""

    frame: Numeric
    """(2, 6, N) from the coordinates to d."""
    positive: Numeric
    """(2, 6) stiffness for positive d; along the normal: drawn apart."""
    negative: Numeric
    """(2, 6) stiffness for negative d; along the normal: pressed together."""
    toe_ratio: Numeric
    """(2,) τ"""
    toe: Numeric
    """(2, 6) d0"""
    gain: Numeric
    """(2,) γ"""
    half: Numeric
    """(2,) C½, newtons."""


class Strings(NamedTuple):
    """Ligaments, edges of sheets and contacts: S lines that only pull, or only push."""

    axis: Numeric
    """(S, N) stretch (or penetration) per coordinate."""
    stiffness: Numeric
    toe: Numeric
    """(S,) metres of stretch over which the stiffness rises."""
    start: Numeric
    """(S,) stretch at x = 0; negative is slack or a gap."""
    balanced: Numeric
    """(S,) newtons that the joints hold at rest: the preload."""


class Passive(NamedTuple):
    """The passive parts of E muscle elements."""

    pull: Numeric
    """(N, E) generalised force of a unit tension."""
    tissue: muscle.Tissue


class Structure(NamedTuple):
    """Everything that pushes back, for one person in one posture."""

    linear: Numeric
    """(N, N)"""
    toppling: Numeric
    """(N, N) geometric stiffness of the weight: a leaning body's weight turns it further."""
    strings: Strings
    sacroiliac: Sacroiliac
    moving: Numeric
    """(N,) 1 for coordinates that can move, 0 for those of fixed or absent bodies."""
    passive: Passive | None = None
    """Muscles join when a model is solved."""


def tension(strings: Strings, stretch: Numeric) -> tuple[Numeric, Numeric]:
    """τ and its slope, (..., S) each."""
    xp = stretch.__array_namespace__()
    k, toe = strings.stiffness, strings.toe
    e = xp.maximum(stretch, 0.0)
    inside = e < toe
    force = xp.where(inside, 0.5 * k * e * e / toe, k * (e - 0.5 * toe))
    slack = GRIP * k
    return force + slack * stretch, xp.where(inside, k * e / toe, k) + slack


def across(d: Numeric, joint: Sacroiliac) -> tuple[Numeric, Numeric, Numeric]:
    """Energy (...) of the five axes across the normal, its slope (..., 6) and its curvature (..., 6)."""
    xp, w = d.__array_namespace__(), _WIDTH
    root = xp.sqrt(d**2 + w**2)
    soft = (1.0 - joint.toe_ratio)[..., None]

    def half(h: Numeric, dh: Numeric, ddh: Numeric) -> tuple[Numeric, Numeric, Numeric]:
        z = h / joint.toe
        tanh = xp.tanh(z)
        energy = 0.5 * h**2 - soft * joint.toe**2 * (xp.logaddexp(z, -z) - np.log(2.0))
        slope = h - soft * joint.toe * tanh
        return energy, slope * dh, (1.0 - soft * (1.0 - tanh**2)) * dh**2 + slope * ddh

    bend = 0.5 * w**2 / root**3
    up = half(0.5 * (d + root), 0.5 * (1 + d / root), bend)
    down = half(0.5 * (root - d), 0.5 * (d / root - 1), bend)
    energy, slope, curvature = (
        joint.positive * a + joint.negative * b for a, b in zip(up, down, strict=True)
    )
    # At rest there is neither force nor energy, whatever the two directions are.
    still = half(0.5 * w, 0.5 * np.ones(6), 0.5 / w)
    force = still[1] * (joint.positive - joint.negative)
    energy = energy - force * d - still[0] * (joint.positive + joint.negative)
    off = np.arange(6) != NORMAL
    return xp.sum(off * energy, axis=-1), off * (slope - force), off * curvature


def compression(
    normal: Numeric, grip: Numeric, joint: Sacroiliac
) -> tuple[Numeric, Numeric, Numeric, Numeric]:
    """C in newtons (negative: tension), then κ, κ' and the slope φ' of the condition that gives C.

    φ(C) = W'(C) - κ'(C) `grip` + d_n = 0 rises from the root without grip, which lies to the left: Newton's
    steps within a bracket end at its root. The root is differentiated by two more steps, and not through the search.
    """
    c = _searched(normal, grip, joint)
    for _ in range(2):
        phi, slope = _condition(c, normal, grip, joint)
        c = c - phi / slope
    kappa, bite, _ = _closing(c, joint)
    return c, kappa, bite, _condition(c, normal, grip, joint)[1]


def _closing(c: Numeric, joint: Sacroiliac) -> tuple[Numeric, Numeric, Numeric]:
    """κ, κ' and κ''."""
    xp = c.__array_namespace__()
    z = xp.maximum(c, 0.0) / joint.half
    below = 1.0 + z**3
    return (
        1.0 + joint.gain * z**3 / below,
        joint.gain / joint.half * 3 * z**2 / below**2,
        joint.gain / joint.half**2 * (6 * z - 12 * z**4) / below**3,
    )


def _normal_compliance(joint: Sacroiliac) -> tuple[Numeric, Numeric]:
    """Half of the sum and of the difference of the compliances pressed and drawn apart."""
    pressed, drawn = 1.0 / joint.negative[..., NORMAL], 1.0 / joint.positive[..., NORMAL]
    return 0.5 * (pressed + drawn), 0.5 * (pressed - drawn)


def _condition(c: Numeric, normal: Numeric, grip: Numeric, joint: Sacroiliac) -> tuple[Numeric, Numeric]:
    """φ and φ'."""
    mean, skew = _normal_compliance(joint)
    root = (c**2 + BLEND_FORCE**2) ** 0.5
    _, bite, bend = _closing(c, joint)
    return own_approach(c, joint) - bite * grip + normal, mean + skew * c / root - bend * grip


def own_approach(c: Numeric, joint: Sacroiliac) -> Numeric:
    """W'(C): metres by which the surfaces approach under a compression alone."""
    mean, skew = _normal_compliance(joint)
    return mean * c + skew * ((c**2 + BLEND_FORCE**2) ** 0.5 - BLEND_FORCE)


def _searched(normal: Numeric, grip: Numeric, joint: Sacroiliac) -> Numeric:
    """Nearly the root."""
    xp = normal.__array_namespace__()
    if xp is not np:
        from jax import lax

        normal, grip, joint = lax.stop_gradient((normal, grip, joint))
    mean, skew = _normal_compliance(joint)
    y = skew * BLEND_FORCE - normal
    square = mean**2 - skew**2
    low = (mean * y - skew * xp.sqrt(y**2 + square * BLEND_FORCE**2)) / square
    high = low + 1.1 * joint.gain / joint.half * grip / (mean - xp.abs(skew))

    def nearer(state: tuple[Any, ...]) -> tuple[Any, ...]:
        c, low, high, _, steps = state
        phi, slope = _condition(c, normal, grip, joint)
        low, high = xp.where(phi <= 0, c, low), xp.where(phi > 0, c, high)
        following = c - phi / slope
        inside = (slope > 0) & (following >= low) & (following <= high)
        new = xp.where(inside, following, 0.5 * (low + high))
        return new, low, high, xp.abs(new - c), steps + 1

    def goes_on(state: tuple[Any, ...]) -> Any:
        # The two steps that follow reach the last digit from here.
        return xp.any(state[3] > 1e-4 * joint.half) & (state[4] < 40)

    state = (low, low, high, xp.full_like(low, np.inf), 0)
    if xp is not np:
        return lax.while_loop(goes_on, nearer, state)[0]
    while goes_on(state):
        state = nearer(state)
    return state[0]


def gripped(energy: Numeric, joint: Sacroiliac) -> tuple[Numeric, Numeric, Numeric]:
    """E / (1 + E/E0): the energy that closure multiplies, its slope and curvature in E."""
    xp = energy.__array_namespace__()
    stiffest = xp.maximum(joint.negative[..., NORMAL], joint.positive[..., NORMAL])
    steep = 3.5 * joint.gain * stiffest / joint.half**2
    below = 1.0 + steep * energy
    return energy / below, 1.0 / below**2, -2.0 * steep / below**3


def joint_law(d: Numeric, joint: Sacroiliac) -> tuple[Numeric, Numeric]:
    """Forces (..., 6) and tangents (..., 6, 6) of joints at d (..., 6)."""
    energy, slope, curvature = across(d, joint)
    grip, hold, fade = gripped(energy, joint)
    c, kappa, bite, firm = compression(d[..., NORMAL], grip, joint)
    normal, diagonal = np.eye(6)[NORMAL], np.eye(6)
    way, firmer = normal - (bite * hold)[..., None] * slope, 1.0 + (kappa - 1.0) * hold
    tangent = _outer(way) / firm[..., None, None] + (firmer[..., None] * curvature)[..., None] * diagonal
    tangent = tangent + ((kappa - 1.0) * fade)[..., None, None] * _outer(slope)
    return firmer[..., None] * slope - c[..., None] * normal, tangent


def _outer(a: Numeric) -> Numeric:
    return a[..., :, None] * a[..., None, :]


def restoring(structure: Structure, x: Numeric) -> Numeric:
    """Force with which the structure opposes x (N,)."""
    strings, joint = structure.strings, structure.sacroiliac
    pulled, _ = tension(strings, strings.start + strings.axis @ x)
    out = (structure.linear + structure.toppling) @ x + strings.axis.T @ (pulled - strings.balanced)
    xp = x.__array_namespace__()
    out += xp.einsum("sjn,sj->n", joint.frame, joint_law(joint.frame @ x, joint)[0])
    return out * structure.moving + x * (1.0 - structure.moving)


def law(structure: Structure, x: Numeric, closed: Numeric) -> tuple[Numeric, Numeric]:
    """Restoring force (N,) and tangent stiffness (N, N). With `closed`, every string counts as taut."""
    xp = x.__array_namespace__()
    strings, joint = structure.strings, structure.sacroiliac
    stretch = strings.start + strings.axis @ x
    pulled, _ = tension(strings, stretch)
    _, slope = tension(strings, xp.where(closed, xp.maximum(stretch, strings.toe), stretch))
    d = joint.frame @ x
    still = structure.linear + structure.toppling
    force = still @ x + strings.axis.T @ (pulled - strings.balanced)
    pushed, stiff = joint_law(d, joint)
    force += xp.einsum("sjn,sj->n", joint.frame, pushed)
    tangent = still + (strings.axis.T * slope) @ strings.axis
    tangent += xp.einsum("sin,sij,sjm->nm", joint.frame, stiff, joint.frame)
    if structure.passive is not None:
        pull = structure.passive.pull
        pulled, slope = muscle.passive_tension(structure.passive.tissue, -(pull.T @ x))
        force, tangent = force - pull @ pulled, tangent + (pull * slope) @ pull.T
    moving = structure.moving
    tangent = tangent * moving[:, None] * moving[None, :] + xp.diag(1.0 - moving)
    return force * moving + x * (1.0 - moving), tangent


def secant(structure: Structure, x: Numeric) -> tuple[Numeric, Numeric]:
    """A stiffness K (..., N, N) and a constant force p (..., N) with restoring(x) = K x - p, for attribution.

    K holds what grows with x; p is the preload of ligaments that the displacement has slackened, or stretched
    along their curve. Leading axes are draws.
    """
    xp = x.__array_namespace__()
    strings, joint = structure.strings, structure.sacroiliac
    along = (strings.axis @ x[..., None])[..., 0]
    pulled, slope = tension(strings, strings.start + along)
    d = (joint.frame @ x[..., None, :, None])[..., 0]
    force, tangent = joint_law(d, joint)
    still = xp.abs(d) < 1e-12
    own = xp.diagonal(tangent, axis1=-2, axis2=-1)
    each = xp.where(still, own, force / xp.where(still, 1.0, d))
    # A contact has no preload: all that it carries grows with x.
    contact = (strings.balanced == 0) & (strings.start == 0) & (xp.abs(along) > 1e-12)
    slope = xp.where(contact, pulled / xp.where(contact, along, 1.0), slope)
    axis, frame = xp.swapaxes(strings.axis, -1, -2), xp.swapaxes(joint.frame, -1, -2)
    stiffness = structure.linear + structure.toppling + (axis * slope[..., None, :]) @ strings.axis
    stiffness = stiffness + xp.sum((frame * each[..., None, :]) @ joint.frame, axis=-3)
    preload = (axis @ (slope * along - pulled + strings.balanced)[..., None])[..., 0]
    moving = structure.moving
    stiffness = stiffness * _outer(moving) + (1.0 - moving)[..., None] * np.eye(moving.shape[-1])
    return stiffness, preload * moving
