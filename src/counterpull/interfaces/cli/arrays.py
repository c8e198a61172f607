"""The solved problem of one body as plain arrays, so that anyone can check it with their own solver.

At the answer x the structure is linear: restoring(y) ≈ g + K (y - x), g = restoring(x). Balance is g = f + R a,
and so, with offset = K x - g,

    K x = f + R a + offset                              exact at the answer
    y(a) = K⁻¹ (f + R a + offset)                       the displacement of other activations, linearised
    rows = P K⁻¹ R,   aim = -P K⁻¹ (f + offset)         what P y(a) = 0 means for a

    minimise ½ Σ weight (a - target)²   subject to   rows·a = aim,   low ≤ a ≤ high

has the activations of the answer as its only solution: at the answer the tangent belongs to the answer.
"""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from counterpull.interfaces.words.record import CONVENTION
from counterpull.mechanics import laws
from counterpull.mechanics.coordinates import NAMES
from counterpull.mechanics.demands import balanced_problem
from counterpull.mechanics.equilibrium import Equilibrium
from counterpull.mechanics.gradients import numbers
from counterpull.numerics import balance

UNITS = """\
convention: counterpull.pelvis/1 (x anterior, y superior, z right); SI throughout.
N coordinates: displacements in m, rotations in rad; their forces in N, their moments in Nm.
E elements: activation 0 to 1, tension in N. m held rows: rad. Names: coordinates (N), elements (E), held (m).
K (N, N) tangent stiffness at the answer. R (N, E) generalised force per unit activation. f (N,) generalised force
of weight, loads, pressure and posture. restoring (N,) = g(x) of joints, ligaments, contacts and the passive parts of
the muscles. offset (N,) = K x - g(x).
Balance: restoring = f + R a. Linearised: K x = f + R a + offset.
low, high, target, weight (E,): minimise 1/2 sum weight (a - target)^2 with low <= a <= high.
P (m, N) held rows: P x = 0. rows (m, E) = P K^-1 R, aim (m,) = -P K^-1 (f + offset): rows a = aim.
Answer: x (N,), activation (E,), tension (E,), multiplier (m,): weight (a - target) = rows^T multiplier between
the bounds. tension = passive + activation * active, passive that of the stretch at x; R = pull * active.
outcome: 0 in balance, 1 cannot be held, 2 unfinished, 3 unstable. unbalanced: largest unbalanced force over the
largest force."""


def problem_arrays(
    found: Equilibrium, elements: tuple[str, ...], held: tuple[str, ...], draw: int = 0
) -> dict[str, Any]:
    """Problem and answer of one draw of an equilibrium in the mode "held": name to array, SI.

    `elements` names the E columns (Body.elements), `held` the m rows (Setting.held).
    """
    model, x = found.model, found.x[draw]
    with jax.enable_x64(True):
        one = numbers(found, draw)
        structure, demands = balanced_problem(
            jnp.asarray(one.pull),
            jnp.asarray(model.held),
            jnp.asarray(model.force_unit),
            jax.tree.map(jnp.asarray, one.structure),
            jnp.asarray(one.loads),
            jax.tree.map(jnp.asarray, one.muscles),
        )
        linear = balance.linearised(partial(laws.law, structure), demands, jnp.asarray(x), jnp.array(False))
    tangent, force = np.asarray(linear.tangent), np.asarray(linear.force)
    problem = linear.problem
    values = {
        "K": tangent,
        "R": demands.pull,
        "f": demands.load,
        "restoring": force,
        "offset": tangent @ x - force,
        "low": problem.low,
        "high": problem.high,
        "target": problem.target,
        "weight": problem.weight,
        "P": demands.held,
        "rows": problem.rows,
        "aim": problem.aim,
        "pull": one.pull * one.structure.moving[:, None],
        "active": one.muscles.active,
        "passive": found.tension[draw] - found.activation[draw] * one.muscles.active,
        "x": x,
        "activation": found.activation[draw],
        "tension": found.tension[draw],
        "multiplier": found.multiplier[draw],
        "unbalanced": found.unbalanced[draw],
    }
    return {name: np.asarray(value, float) for name, value in values.items()} | {
        "outcome": np.asarray(int(found.outcome[draw])),
        "coordinates": np.array(NAMES),
        "elements": np.array(elements),
        "held": np.array(held, dtype=str),
        "convention": np.array(CONVENTION),
        "units": np.array(UNITS),
    }
