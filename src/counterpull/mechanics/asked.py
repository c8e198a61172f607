"""What is asked of each draw of a Model, and what is found.

All modes of response are one problem. `quick` 1 is the moment before a reaction, `gives` 1 lets the posture
deviate at a price, and λ, the factor of weight and external loads, is one more unknown: 1, or given, or sought.
"""

from typing import NamedTuple

import numpy as np

from counterpull.mechanics.coordinates import Numeric
from counterpull.mechanics.model import Model
from counterpull.numerics.tolerances import FORCE_TOLERANCE, MOST_STEPS

MOST_TURN = 1.0
"""rad by which a posture may yield."""
GROWS = ("gravity", "external")
"""Loads that λ multiplies."""
PINNED = 1e9
"""Weight of λ where it is given."""
BRACE = 3e3
"""Nm/rad: springs that hold the posture while the balance is sought; they carry nothing in the end."""
MANY_NEWTONS = 15
"""Steps on the dual that find its maximum at a tangent; one for each is quicker where weights differ little."""


class Asked(NamedTuple):
    """How each of n draws is to be balanced."""

    quick: Numeric
    """(n,) 1: only what responds at once responds, and weight does not topple."""
    gives: Numeric
    """(n,) 1: the posture may deviate."""
    price: Numeric
    """(n,) of a deviation: its square beside the effort."""
    drive: Numeric
    """(n, E) activations that are frozen where `quick`."""
    before: Numeric
    """(n, N) displacement that stretch counts from where `quick`."""
    effort: Numeric
    """(n,) price of effort beside the worth of λ."""
    factor: Numeric
    """(n, 4) λ is drawn to, at least, at most, and how firmly."""
    x: Numeric
    """(n, N) where to start."""
    multiplier: Numeric
    """(n, m) to start with."""
    cold: Numeric
    """(n,) 1: nothing is known yet of what is open or slack."""
    most_steps: Numeric
    """(n,)"""
    tolerance: Numeric
    """(n,) unbalanced force that may be left, over the largest force."""
    caution: Numeric
    """(n,) keeps each step near the last unknowns."""
    newton_steps: Numeric
    """(n,) on the dual, for each tangent."""
    onward: Numeric
    """(n,) 1: `Found.way` and `turn` are wanted."""

    def of(self, rows: np.ndarray) -> "Asked":
        """The same of some draws."""
        return Asked(*(each[rows] for each in self))


class Found(NamedTuple):
    """What was found, n draws."""

    x: Numeric
    activation: Numeric
    """(n, E)"""
    factor: Numeric
    """(n,) λ"""
    multiplier: Numeric
    """(n, m) what it costs to move a held coordinate by one unit."""
    outcome: Numeric
    steps: Numeric
    unbalanced: Numeric
    again: Numeric
    """(n, m) multipliers with which a neighbour starts."""
    way: Numeric
    """(n, N) dx/dλ where wanted"""
    turn: Numeric
    """(n, m) how fast `again` changes with λ."""


def usual(model: Model, rows: np.ndarray, protection: float = 0.0) -> Asked:
    """Hold the posture under the loads as they are, from a cold start: for some draws."""
    n, size, elements = len(rows), model.pull.shape[1], model.pull.shape[2]
    one, none = np.ones(n), np.zeros(n)
    return Asked(
        quick=none,
        gives=none,
        price=one,
        drive=np.zeros((n, elements)),
        before=np.zeros((n, size)),
        effort=one,
        factor=np.tile([1.0, 1.0, 1.0, PINNED], (n, 1)),
        x=np.zeros((n, size)),
        multiplier=np.zeros((n, len(model.held) + (12 if protection else 0))),
        cold=one,
        most_steps=np.full(n, MOST_STEPS),
        tolerance=np.full(n, FORCE_TOLERANCE),
        caution=none,
        newton_steps=np.ones(n, int),
        onward=none,
    )


def careful(asked: Asked) -> Asked:
    """The same with small steps: for what circles where the tangent changes fast, a few draws in a thousand."""
    return asked._replace(
        caution=np.full_like(asked.caution, 4.0),
        newton_steps=np.full_like(asked.newton_steps, MANY_NEWTONS),
        most_steps=4 * asked.most_steps,
    )
