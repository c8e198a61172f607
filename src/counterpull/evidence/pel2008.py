"""Pel et al. 2008: standing with the least of the largest muscle stress, then with less shear in the joints.

Their objective on our body: the least of the largest activation, which is the share of its own largest stress that a
muscle bears (numerics.reference.min_max). The shear of each sacroiliac joint along its surface, upward on the
sacrum, is a linear function of the activations at the tangent of the structure; tangent and answer are found in
turns. Lower shear is asked for by one row a side: no more than 80 %, then 60 %, of what was there.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from counterpull.anatomy.names import find
from counterpull.compiled import kept
from counterpull.evidence.people import People, row
from counterpull.mechanics import laws
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.demands import balanced_problem
from counterpull.mechanics.equilibrium import Equilibrium
from counterpull.mechanics.gradients import numbers
from counterpull.mechanics.laws import NORMAL, UP
from counterpull.numerics import balance
from counterpull.numerics.problem import Outcome, Problem
from counterpull.numerics.reference import min_max

CUTS = (1.0, 0.8, 0.6)
"""Shear allowed, over that of the first."""
MOST_DRAWS = 4
"""The reference solver takes one draw at a time."""
TURNS, CLOSE = 12, 1e-2
"""Most turns of tangent and answer, and change of the largest displacement, mm, that ends them."""


class Stood(NamedTuple):
    """One draw standing, at one cut."""

    activation: Floats
    """(E,)"""
    compression: float
    """N, mean of both joints."""
    shear: Floats
    """(2,) N, upward on the sacrum."""


@row("pel_compression_first", before=0, after=1)
@row("pel_compression_second", before=1, after=2)
def compression_grows(people: People, before: int, after: int) -> Floats:
    """Growth of the compression of the joints from one cut to the next, N; it may begin near nothing."""
    return np.array([d[after].compression - d[before].compression if d else np.nan for d in stood(people)])


@row("pel_muscles_first", muscles="hip flexors, hip extensors", before=0, after=1)
@row("pel_muscles_second", muscles="transversus abdominis, pelvic floor", before=1, after=2)
def muscles_that_do_it(people: People, muscles: str, before: int, after: int) -> Floats:
    """Rise of the mean activation of some muscles from one cut to the next, over that of all others; % of maximum."""
    body = people.body("male")
    named = np.isin(body.elements, find(muscles, body.tables))

    def rise(draw: list[Stood]) -> float:
        change = 100 * (draw[after].activation - draw[before].activation)
        return float(change[named].mean() - change[~named].mean())

    return np.array([rise(d) if d else np.nan for d in stood(people)])


def stood(people: People) -> list[list[Stood]]:
    """Each draw of a standing man at each of the CUTS; an empty list where one of them cannot be held."""
    return people.once("pel", lambda: _stood(people.doing("male", "standing").found))


def _stood(found: Equilibrium) -> list[list[Stood]]:
    draws = np.flatnonzero(found.held)[::2][:MOST_DRAWS]  # the next of each is its mirror image
    return [_cuts(found, int(draw)) for draw in draws]


def _cuts(found: Equilibrium, draw: int) -> list[Stood]:
    first = _least_stress(found, draw, None)
    out = [first]
    for cut in CUTS[1:]:
        out.append(_least_stress(found, draw, first and cut * first.shear))
    return [one for one in out if one] if all(out) else []


def _least_stress(found: Equilibrium, draw: int, most: Floats | None) -> Stood | None:
    """The least largest activation, with the shear of each joint at most `most` (2,)."""
    with jax.enable_x64(True):
        one = jax.tree.map(jnp.asarray, numbers(found, draw))
        structure, demands = balanced_problem(
            one.pull, found.model.held, found.model.force_unit, one.structure, one.loads, one.muscles
        )
        x = found.x[draw]
        for _ in range(TURNS):
            here = jax.tree.map(np.asarray, _near(structure, demands, x))
            problem = here.problem
            if most is not None:
                problem = _capped(problem, -here.shear_per_activation, here.shear - most)
            done = min_max(problem)
            if done.outcome != Outcome.CONVERGED:
                return None
            moved = here.still + here.moved_per_activation @ done.value
            x = x + moved
            if 1e3 * np.abs(moved).max() < CLOSE:
                break
        force = np.asarray(_forces(structure.sacroiliac, x))
    return Stood(np.asarray(done.value), float(-force[:, NORMAL].mean()), force[:, UP])


class _Near(NamedTuple):
    """The structure linearised at x, with what muscles do to it."""

    problem: Problem
    still: Array
    """(N,) further displacement with muscles at rest."""
    moved_per_activation: Array
    """(N, E)"""
    shear: Array
    """(2,) shear with muscles at rest."""
    shear_per_activation: Array
    """(2, E)"""


@kept
def _near(structure: laws.Structure, demands: balance.Demands, x: Array) -> _Near:
    linear = balance.linearised(partial(laws.law, structure), demands, x, jnp.array(False))
    through = jnp.linalg.inv(linear.tangent)
    still, moved = through @ (demands.load - linear.force), through @ demands.pull
    slope = jax.jacfwd(partial(_joints, structure.sacroiliac))(x)[:, UP]
    shear = _joints(structure.sacroiliac, x)[:, UP] + slope @ still
    return _Near(linear.problem, still, moved, shear, slope @ moved)


@kept
def _forces(joint: laws.Sacroiliac, x: Array) -> Array:
    return _joints(joint, x)


def _joints(joint: laws.Sacroiliac, x: Array) -> Array:
    """Force (2, 6) of both joints along their axes at x."""
    return laws.joint_law(jnp.einsum("sjx,x->sj", joint.frame, x), joint._replace(frame=None))[0]


def _capped(problem: Problem, rows: Floats, aim: Floats) -> Problem:
    """The same with one-sided demands, hard ones."""
    return problem._replace(
        rows=np.concatenate([np.asarray(problem.rows), rows]),
        aim=np.concatenate([np.asarray(problem.aim), aim]),
        softness=np.concatenate([np.asarray(problem.softness), np.zeros(len(aim))]),
        one_sided=np.concatenate([np.asarray(problem.one_sided), np.ones(len(aim), bool)]),
    )
