"""Many draws of a Model balanced, each as it is asked to be.

The kernel does it where it has been compiled; elsewhere the definition does, which JAX compiles.
"""

import numpy as np

from counterpull.mechanics import kernel
from counterpull.mechanics.asked import MANY_NEWTONS, Asked, Found, usual
from counterpull.mechanics.model import Model
from counterpull.numerics.problem import Outcome


def balanced(
    model: Model, asked: Asked, rows: np.ndarray, protection: float = 0.0, settle: bool = False
) -> Found:
    """Balance some draws, each as asked in the same order, on all cores.

    With `settle` by Newton's method on all conditions at once, from where it starts; what is not settled either stays
    there, without activations and with the reason as its outcome.
    """
    if not kernel.ready():
        from counterpull.mechanics import definition

        return definition.balanced(model, asked, rows, protection, settle)
    found = kernel.balanced(model, asked, rows, protection, settle)
    if settle:
        return found
    rest = np.flatnonzero((found.outcome == Outcome.UNFINISHED) & (asked.newton_steps < MANY_NEWTONS))
    if len(rest):
        more = asked.of(rest)._replace(newton_steps=np.full(len(rest), MANY_NEWTONS))
        again = kernel.balanced(model, more, rows[rest], protection)
        for every, each in zip(found, again, strict=True):
            every[rest] = each
    return found


def prepare(model: Model, protection: float = 0.0) -> None:
    """Load or compile what goes first for such a model."""
    if not kernel.ready():
        from counterpull.mechanics import definition

        return definition.prepare(model, protection)
    first = np.arange(1)
    kernel.balanced(
        model, usual(model, first, protection)._replace(most_steps=np.zeros(1)), first, protection
    )
