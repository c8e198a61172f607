"""An equilibrium as a function of its numbers, for JAX to differentiate."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from counterpull.mechanics import laws
from counterpull.mechanics.coordinates import Numeric
from counterpull.mechanics.demands import balanced_problem
from counterpull.mechanics.equilibrium import Equilibrium
from counterpull.mechanics.model import Muscles, of_draws, taken
from counterpull.numerics import balance, conditions


class Numbers(NamedTuple):
    """What an answer depends on, for one draw: everything in a Model that has a derivative."""

    pull: Numeric
    """(N, E)"""
    structure: laws.Structure
    loads: Numeric
    """(4, N)"""
    muscles: Muscles


def numbers(found: Equilibrium, draw: int) -> Numbers:
    """The numbers of one draw."""
    model = found.model
    one = taken(model, np.array([draw]))
    structure, muscles = of_draws(one.structure, 0), of_draws(one.muscles, 0)
    return Numbers(one.pull[one.variant[0]], structure, one.loads[0], muscles)


def answer(found: Equilibrium, draw: int) -> Callable[[Numbers], tuple[Array, Array]]:
    """Displacement (N,) and activation (E,) of one held draw as a function of its numbers, for JAX to differentiate.

    >>> import jax
    >>> from counterpull.anatomy import load
    >>> from counterpull.mechanics import situation, solve
    >>> from counterpull.mechanics.setting import Setting
    >>> found = solve(situation(load("female"), Setting(name="hanging", gravity=None, fixed=("sacrum",))).model())
    >>> with jax.enable_x64(True):
    ...     slopes = jax.jacrev(lambda n: answer(found, 0)(n)[0])(numbers(found, 0))
    >>> slopes.loads.shape  # metres and radians per newton and newton metre
    (56, 4, 56)
    """
    model = found.model
    here = numbers(found, draw)

    def problem(given: Numbers) -> tuple[laws.Structure, balance.Demands]:
        return balanced_problem(
            given.pull, model.held, model.force_unit, given.structure, given.loads, given.muscles
        )

    with jax.enable_x64(True):
        structure, demands = problem(here)
        _, tangent = laws.law(structure, found.x[draw], jnp.array(False))
        costate = jnp.linalg.solve(tangent.T, demands.held.T @ found.multiplier[draw])
        at = conditions.Point(jnp.asarray(found.x[draw]), costate, jnp.asarray(found.multiplier[draw]))

    def near(given: Numbers) -> tuple[Array, Array]:
        structure, demands = problem(given)
        moved = conditions.follow(partial(laws.law, structure), demands, at)
        return moved.x, conditions.unknowns(demands, moved)

    return near
