"""The margin: by how much could the load of this activity grow before something gives way?

    margin = the largest λ for which λ × (weight and external loads) is balanced in the held posture within all
    bounds, with each sacroiliac joint within a stated shift of its resting value

Two limits, each found apart and reported with what gives way. *Capacity*: λ becomes an unknown of the balance,
drawn to a goal far out of reach at a price that makes effort count for nothing; what stops it is a muscle at
its bound. *Shift*: along the balances of least effort the joint's motion is followed by secant steps to the
limit. A λ below 1 means that the activity itself is too much.
"""

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from counterpull.mechanics import laws
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.equilibrium import CHUNK, balanced_problem, solve, taken
from counterpull.mechanics.model import LOADS, Model
from counterpull.mechanics.yardsticks import SEEN_ROTATION, SEEN_SHIFT
from counterpull.numerics import balance
from counterpull.numerics.problem import Outcome

MOST = 50.0
"""λ beyond this counts as this."""
_EFFORT = 1e-7
"""Price of effort beside that of falling short of MOST: so small that the largest λ is reached exactly."""
GROWS = ("gravity", "external")
"""Loads that λ multiplies."""


@dataclass(frozen=True, eq=False)
class Margin:
    """Margins of n draws."""

    capacity: Floats
    """(n,) largest λ within the muscles' bounds; 0 where not even the unloaded posture can be held."""
    shift: Floats
    """(n,) largest λ up to capacity with both joints within the limit; 0 where rest is beyond it."""
    limited_by: list[str]
    """What gives way first: "muscles" or "shift right", "shift left"."""
    at_bound: np.ndarray
    """(n, E) elements at their bound when capacity is reached."""

    @property
    def value(self) -> Floats:
        """(n,) the margin."""
        return np.minimum(self.capacity, self.shift)


def with_load(model: Model, factor: Floats) -> Model:
    """The model with weight and external loads multiplied, (n,)."""
    loads = model.loads.copy()
    for name in GROWS:
        loads[:, LOADS.index(name)] *= np.asarray(factor)[:, None]
    return model._replace(loads=loads)


def margin(
    model: Model,
    shift_rows: Floats,
    rotation: float = SEEN_ROTATION,
    shift: float = SEEN_SHIFT,
    steps: int = 6,
) -> Margin:
    """Margin of every draw; `shift_rows` (n, 2, 6, N) as given by `readings.shift_rows`."""
    capacity, at_bound = _capacity(model)

    def used(factor: Floats) -> tuple[Floats, np.ndarray]:
        """Share of the limit that each side uses (n, 2), and whether the posture is held."""
        found = solve(with_load(model, factor))
        motion = np.einsum("nsrx,nx->nsr", shift_rows, found.x)
        turned = np.linalg.norm(motion[..., :3], axis=-1) / rotation
        moved = np.linalg.norm(motion[..., 3:], axis=-1) / shift
        return np.maximum(turned, moved), found.outcome == Outcome.CONVERGED

    low = np.zeros_like(capacity)
    high = capacity * (1 - 1e-6)
    rest, _ = used(low)
    top, held = used(high)

    def over(share: Floats) -> Floats:
        return share.max(axis=1) - 1.0

    f_low, f_high = over(rest), np.where(held, over(top), np.inf)
    side = np.where(top[:, 0] >= top[:, 1], 0, 1)
    at = np.clip(np.where(np.isfinite(f_high), _secant(low, high, f_low, f_high), 0.5 * high), low, high)
    for _ in range(steps):
        share, held = used(at)
        value = np.where(held, over(share), np.inf)
        side = np.where(np.abs(value) < 1, share.argmax(axis=1), side)
        beyond = value > 0
        high, f_high = np.where(beyond, at, high), np.where(beyond, value, f_high)
        low, f_low = np.where(beyond, low, at), np.where(beyond, f_low, value)
        guess = np.where(np.isfinite(f_high), _secant(low, high, f_low, f_high), 0.5 * (low + high))
        # Safeguard: never closer to an end than a fiftieth of what is left.
        at = np.clip(guess, low + 0.02 * (high - low), high - 0.02 * (high - low))
    limit = np.where(f_high <= 0, np.inf, at)
    limit = np.where(over(rest) > 0, 0.0, limit)
    limited = [
        "muscles" if c <= s else f"shift {('right', 'left')[int(i)]}"
        for c, s, i in zip(capacity, limit, side, strict=True)
    ]
    return Margin(capacity, np.minimum(limit, capacity), limited, at_bound)


def _secant(low: Floats, high: Floats, f_low: Floats, f_high: Floats) -> Floats:
    gap = np.where(f_high - f_low != 0, f_high - f_low, 1.0)
    return low - np.where(np.isfinite(f_low), f_low, 0.0) * (high - low) / gap


def _capacity(model: Model) -> tuple[Floats, np.ndarray]:
    """Largest λ within bounds (n,), and which elements stand at their upper bound there (n, E)."""
    n = len(model.variant)
    values, bounds = [], []
    with jax.enable_x64(True):
        for start in range(0, n, CHUNK):
            rows = np.minimum(np.arange(start, start + CHUNK), n - 1) if n > 1 else np.arange(1)
            value, outcome = map(np.asarray, _grown(taken(model, rows)))
            value = value.copy()
            value[outcome == Outcome.INFEASIBLE, -1] = 0.0
            values.append(value[:, -1])
            bounds.append(value[:, :-1] >= model.muscles.high[rows] - 1e-9)
    return np.concatenate(values)[:n], np.concatenate(bounds)[:n]


@jax.jit
def _grown(model: Model) -> tuple[Array, Array]:
    grows = jnp.array([name in GROWS for name in LOADS])

    def one(parts: tuple) -> tuple[Array, Array]:
        variant, structure, loads, tissue, yielding = parts
        pull = jnp.asarray(model.pull)[variant]
        steady = jnp.where(grows[:, None], 0.0, loads)
        structure, demands = balanced_problem(
            pull,
            model.held,
            model.force_unit,
            "held",
            structure,
            steady,
            tissue,
            yielding,
            1.0,
            tissue.low,
            loads[0],
        )
        rows = demands.held.shape[0]

        def longer(a: Array, last: float) -> Array:
            return jnp.append(a, last)

        demands = demands._replace(
            pull=jnp.concatenate([demands.pull, jnp.sum(grows[:, None] * loads, axis=0)[:, None]], axis=1),
            direct=jnp.concatenate([demands.direct, jnp.zeros((rows, 1))], axis=1),
            weight=longer(demands.weight * _EFFORT, 1.0 / MOST),
            target=longer(demands.target, MOST),
            low=longer(demands.low, 0.0),
            high=longer(demands.high, MOST),
        )
        found = balance.find(partial(laws.law, structure), demands, jnp.zeros(pull.shape[0]), jnp.zeros(rows))
        return found.value, found.outcome

    return jax.lax.map(one, (model.variant, model.structure, model.loads, model.muscles, model.yielding))
