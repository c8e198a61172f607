"""Force of a muscle element at the length that the posture gives it. Rigid tendon, no velocity.

    F = Fmax cos α (a·f_l(ρ) + c·f_p(ρ)),        ρ = fibre length over optimal fibre length

f_l is a Gaussian, f_p an exponential that goes on straight beyond its strain at Fmax, so that a fibre of twice
its length stays tame (Thelen 2003, doi:10.1115/1.1531112). A muscle whose path is shorter than its tendon
hangs slack. Below 0.45 of optimal length the active force fades out, and below 0.3 it is nothing.
Static: holds for postures that are held. With a rigid tendon a fibre takes the whole change of its path, more
than in a muscle with a long tendon.
"""

from typing import NamedTuple

import numpy as np

from counterpull.mechanics.coordinates import Floats


class Curves(NamedTuple):
    """Shape of the muscle curves; numbers or arrays that broadcast against the elements."""

    width: Floats | float
    """γ of the active curve: exp(-(ρ-1)²/γ)."""
    strain: Floats | float
    """Strain at which the passive force is Fmax."""
    shape: Floats | float
    """Exponent of the passive curve."""


class Fibre(NamedTuple):
    """A fibre at a length, all arrays alike."""

    ratio: Floats
    """Over optimal length; negative where the path is shorter than the tendon."""
    cosine: Floats
    """Of the pennation angle now."""
    active: Floats
    """f_l cos α: tension per Fmax at full activation."""
    passive: Floats
    """f_p cos α: tension per Fmax of the passive tissue."""
    stiffness: Floats
    """Slope of `passive` per metre of path."""


def fibre(length: Floats, slack: Floats, optimal: Floats, pennation: Floats, curves: Curves) -> Fibre:
    """The fibre of a path of this length: metres and radians, arrays that broadcast.

    >>> one = fibre(*(np.array([x]) for x in (0.2, 0.1, 0.1, 0.0)), Curves(0.45, 0.6, 4.0))
    >>> float(one.active[0]), float(one.passive[0])
    (1.0, 0.0)
    """
    along = length - slack
    thickness = optimal * np.sin(pennation)
    long = np.hypot(along, thickness)
    ratio = np.where(along > 0, long, along) / optimal
    cosine = np.where(along > 0, along / np.where(long > 0, long, 1.0), 0.0)
    passive, slope = passive_force(ratio, curves)
    return Fibre(
        ratio,
        cosine,
        cosine * active_force(ratio, curves),
        cosine * passive,
        slope * cosine**2 / optimal,
    )


def active_force(ratio: Floats, curves: Curves) -> Floats:
    """f_l: force of the fully active fibre over Fmax."""
    bell = np.exp(-((ratio - 1.0) ** 2) / curves.width)
    u = np.clip((ratio - 0.30) / 0.15, 0.0, 1.0)
    return bell * u * u * (3 - 2 * u)


def passive_force(ratio: Floats, curves: Curves) -> tuple[Floats, Floats]:
    """f_p and its slope: force of the passive fibre over Fmax."""
    k, e = curves.shape, curves.strain
    full = np.expm1(k)
    strain = np.clip(ratio - 1.0, 0.0, None)
    within = np.minimum(strain, e)
    steep = k / e * np.exp(k * within / e) / full
    force = np.expm1(k * within / e) / full + steep * (strain - within)
    return force, np.where(ratio > 1.0, steep, 0.0)
