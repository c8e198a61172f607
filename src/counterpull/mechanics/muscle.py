"""Force of a muscle element at the length that the posture gives it. Rigid tendon, no velocity.

    F = Fmax cos α (a·f_l(ρ) + c·f_p(ρ)),        ρ = fibre length over optimal fibre length

f_l is a Gaussian, f_p an exponential that goes on straight beyond its strain at Fmax, so that a fibre of twice
its length stays tame (Thelen 2003, doi:10.1115/1.1531112). A muscle whose path is shorter than its tendon
hangs slack. Below 0.45 of optimal length the active force fades out, and below 0.3 it is nothing.
Static: holds for postures that are held. With a rigid tendon a fibre takes the whole change of its path, more
than in a muscle with a long tendon. Functions take NumPy and JAX arrays alike.
"""

from typing import NamedTuple

import numpy as np

from counterpull.mechanics.coordinates import Floats, Numeric


class Curves(NamedTuple):
    """Shape of the muscle curves; numbers or arrays that broadcast against the elements."""

    width: Numeric
    """γ of the active curve: exp(-(ρ-1)²/γ)."""
    strain: Numeric
    """Strain at which the passive force is Fmax."""
    shape: Numeric
    """Exponent of the passive curve."""
    begin: Numeric
    """Share of optimal fibre length, below and above it, within which fibres begin to stretch."""


class Tissue(NamedTuple):
    """What the passive part of each element pulls at any length, (..., E) each."""

    along: Numeric
    """Metres of path beyond the tendon's slack length, in the posture."""
    optimal: Numeric
    """Fibre length."""
    thickness: Numeric
    """Metres, optimal length times sin α: what stays when the fibre's angle changes."""
    strength: Numeric
    """Newtons at the strain of `curves`."""
    constant: Numeric
    """Newtons that no length explains."""
    curves: Curves


class Fibre(NamedTuple):
    """A fibre at a length, all arrays alike."""

    ratio: Floats
    """Over optimal length; negative where the path is shorter than the tendon."""
    cosine: Floats
    """Of the pennation angle now."""
    active: Floats
    """f_l cos α: tension per Fmax at full activation."""


def fibre(length: Floats, slack: Floats, optimal: Floats, pennation: Floats, curves: Curves) -> Fibre:
    """The fibre of a path of this length: metres and radians, arrays that broadcast.

    >>> one = fibre(*(np.array([x]) for x in (0.2, 0.1, 0.1, 0.0)), Curves(0.45, 0.6, 4.0, 0.05))
    >>> float(one.active[0])
    1.0
    """
    ratio, cosine = _geometry(length - slack, optimal, optimal * np.sin(pennation))
    return Fibre(ratio, cosine, cosine * active_force(ratio, curves))


def passive_tension(tissue: Tissue, stretch: Numeric) -> tuple[Numeric, Numeric]:
    """Tension in newtons, and its slope in N/m, of passive tissue stretched by metres of path from the posture.

    Convex in the stretch, never negative.
    """
    ratio, cosine = _geometry(tissue.along + stretch, tissue.optimal, tissue.thickness)
    force, rise = passive_force(ratio, tissue.curves)
    # The angle turns as well: d cos α / dL = sin² α / fibre length.
    turning = force * (1 - cosine**2) / (ratio * tissue.optimal + (ratio <= 0))
    slope = tissue.strength * (rise * cosine**2 / tissue.optimal + turning)
    return tissue.strength * cosine * force + tissue.constant, slope


def _geometry(along: Numeric, optimal: Numeric, thickness: Numeric) -> tuple[Numeric, Numeric]:
    """Fibre length over optimal, and the cosine of its angle, where the tendon leaves `along` of the path."""
    xp = along.__array_namespace__()
    long = xp.hypot(along, thickness)
    ratio = xp.where(along > 0, long, along) / optimal
    return ratio, xp.where(along > 0, along / xp.where(long > 0, long, 1.0), 0.0)


def active_force(ratio: Floats, curves: Curves) -> Floats:
    """f_l: force of the fully active fibre over Fmax."""
    bell = np.exp(-((ratio - 1.0) ** 2) / curves.width)
    u = np.clip((ratio - 0.30) / 0.15, 0.0, 1.0)
    return bell * u * u * (3 - 2 * u)


def passive_force(ratio: Numeric, curves: Curves) -> tuple[Numeric, Numeric]:
    """f_p and its slope: force of the passive fibre over Fmax."""
    xp = ratio.__array_namespace__()
    k, e, begin = curves.shape, curves.strain, curves.begin
    rise = k / e / xp.expm1(k)
    begun = xp.clip(ratio - 1.0 + begin, 0.0, 2 * begin)
    strain = begun**2 / (4 * begin) + xp.clip(ratio - 1.0 - begin, 0.0, None)
    within = xp.minimum(strain, e)
    grown = xp.expm1(k * within / e)
    steep = rise * (grown + 1.0)
    return grown * rise * e / k + steep * (strain - within), steep * begun / (2 * begin)
