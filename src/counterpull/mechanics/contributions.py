"""Whose doing is a shift? Each muscle's and each load's part, with all the joint reactions that it causes.

At the answer the structure is written as restoring(x) = K x - p with K its secant. Each force alone, with the
posture held by whatever reaction that takes, moves the ring by its part; since all forces together hold the
posture without any reaction, the parts sum to the whole.
"""

from typing import NamedTuple

import numpy as np

from counterpull.mechanics import laws
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.equilibrium import Equilibrium

_CHUNK = 32
"""Draws at a time, so that what is needed between stays in the caches."""


class Contributions(NamedTuple):
    """Parts of r readings; they sum to the reading itself."""

    muscles: Floats
    """(n, E, r)"""
    loads: Floats
    """(n, 4, r) in the order of model.LOADS."""
    preload: Floats
    """(n, r) of ligaments that the displacement slackens or stretches along their curve."""

    @property
    def total(self) -> Floats:
        """(n, r)"""
        return self.muscles.sum(axis=1) + self.loads.sum(axis=1) + self.preload


def contributions(found: Equilibrium, rows: Floats) -> Contributions:
    """Parts of the readings rows·x; `rows` (n, r, N)."""
    n = len(found.x)
    pieces = [np.arange(first, min(first + _CHUNK, n)) for first in range(0, n, _CHUNK)]
    parts = [_parts(found.of(some), rows[some]) for some in pieces]
    return Contributions(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _parts(found: Equilibrium, rows: Floats) -> tuple[Floats, Floats, Floats]:
    model, (n, r, size), m = found.model, rows.shape, len(found.model.held)
    stiffness, preload = laws.secant(model.structure, found.x)
    bordered = np.zeros((n, size + m, size + m))
    bordered[:, :size, :size] = stiffness
    bordered[:, :size, size:], bordered[:, size:, :size] = model.held.T, model.held
    wanted = np.zeros((n, size + m, r))
    wanted[:, :size] = np.swapaxes(rows, 1, 2)
    through = np.swapaxes(np.linalg.solve(np.swapaxes(bordered, 1, 2), wanted)[:, :size], 1, 2)
    moving = through * model.structure.moving[:, None]
    muscles = np.empty((n, found.activation.shape[1], r))
    for v in np.unique(model.variant):
        some = model.variant == v
        muscles[some] = np.swapaxes(moving[some] @ model.pull[v], 1, 2)
    muscles *= found.tension[:, :, None]
    return muscles, model.loads @ np.swapaxes(through, 1, 2), (through @ preload[..., None])[..., 0]
