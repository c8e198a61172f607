"""Whose doing is a shift? Each muscle's and each load's part, with all the joint reactions that it causes.

At the answer the structure is written as restoring(x) = K x - p with K its secant. Each force alone, with the
posture held by whatever reaction that takes, moves the ring by its part; since all forces together hold the
posture without any reaction, the parts sum to the whole.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from counterpull.compiled import kept
from counterpull.mechanics import laws
from counterpull.mechanics.balancing import filling, in_chunks, taken
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.equilibrium import Equilibrium
from counterpull.mechanics.model import Model


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
    tension = found.tension

    def some(chosen: np.ndarray) -> list[np.ndarray]:
        with jax.enable_x64(True):
            filled = chosen[filling(len(chosen))]
            given = taken(found.model, filled), tension[filled], found.x[filled], rows[filled]
            return [np.asarray(part)[: len(chosen)] for part in _parts(*_arguments(*given))]

    return Contributions(*in_chunks(some, np.arange(len(found.x))))


def prepare(model: Model, rows: Floats) -> None:
    """Compile for such a model and so many readings."""
    first = filling(1)
    nothing = np.zeros_like(model.muscles.low)[first], np.zeros_like(model.loads[:, 0])[first]
    with jax.enable_x64(True):
        _parts.prepare(*_arguments(taken(model, first), *nothing, rows[first]))


def _arguments(model: Model, tension: Floats, x: Floats, rows: Floats) -> tuple:
    return model.pull, model.held, model.variant, model.structure, model.loads, tension, x, rows


@kept
def _parts(pull, held, variant, structure, loads, tension, x, rows):
    return jax.lax.map(
        lambda each: _one(jnp.asarray(pull)[each[0]], jnp.asarray(held), *each[1:]),
        (variant, structure, loads, tension, x, rows),
    )


def _one(
    pull: Array, held: Array, structure: laws.Structure, loads: Array, tension: Array, x: Array, rows: Array
) -> tuple[Array, Array, Array]:
    stiffness, preload = laws.secant(structure, x)
    n, m = stiffness.shape[0], held.shape[0]
    bordered = jnp.block([[stiffness, held.T], [held, jnp.zeros((m, m))]])
    through = jnp.linalg.solve(bordered.T, jnp.concatenate([rows, jnp.zeros((len(rows), m))], 1).T)[:n].T
    moved = partial(jnp.einsum, "rx,xe->er", through)
    pulled = pull * structure.moving[:, None]
    return moved(pulled * tension), moved(loads.T), through @ preload
