"""The margin: by how much could the load of this activity grow before something gives way?

    margin = the largest λ for which λ × (weight and external loads) is balanced in the held posture within all
    bounds, with each sacroiliac joint within a stated shift of its resting value

Two limits, both read off one curve, that of the balances of least effort x(λ). *Capacity*: λ becomes an unknown
that is drawn far out of reach; the less effort counts beside that, the further along the curve the balance lies,
until muscles at their bounds stop it. *Shift*: between the last balance within the limit and the first beyond it
the curve is taken as the cubic with the values and slopes of both, and balanced again where that meets the
limit. A λ below 1 means that the activity itself is too much.
"""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from counterpull.compiled import kept
from counterpull.mechanics import laws
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.equilibrium import Equilibrium, balanced_problem, chunks, in_chunks, taken
from counterpull.mechanics.model import LOADS, Model
from counterpull.mechanics.yardsticks import SEEN_ROTATION, SEEN_SHIFT
from counterpull.numerics import balance
from counterpull.numerics.balance import Demands
from counterpull.numerics.problem import Outcome

MOST = 50.0
"""λ beyond this counts as this."""
LEAST = 0.02
"""λ below this counts as 0: without weight a body floats, and a balance is hard to find."""
GROWS = ("gravity", "external")
"""Loads that λ multiplies."""
_LEAST_PRICE = 2e-3
"""Of effort beside the loss of λ: capacity is a thousandth short. Reached in steps; from a cold start it circles."""
_MOST_GROWTHS = 5
_CLOSE = 5e-3
"""Share of the limit by which a balance may miss it; the cubic from there misses it by far less."""
_MOST_SOLVES, _MOST_STEPS = 10, 40
"""Solves of a draw, and steps of a solve: what takes more rarely ends."""
_PINNED = 1e9
"""Weight of λ where it is given."""
_LEAP = 0.25
"""Part of λ that is kept in one step where no balance within the limit is known: far extrapolation misleads."""
_LEAST_PART = 0.3
"""Below this, after four failures on end, what is known already must do."""
_GRID = 64
"""Points at which the cubic is read."""


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
    found: Equilibrium | None = None,
) -> Margin:
    """Margin of every draw; `shift_rows` (n, 2, 6, N) as given by `readings.shift_rows`.

    `found` is the equilibrium of the same draws in the activity itself, where it is known already.
    """
    n = len(model.variant)

    def some(rows: np.ndarray) -> list[np.ndarray]:
        with jax.enable_x64(True):
            part = _chunk(*_arguments(model, shift_rows, rotation, shift, found, rows))
            return [np.asarray(each) for each in part]

    capacity, limit, side, at_bound, _ = in_chunks(some, np.arange(n))
    limited = [
        "muscles" if c <= s else f"shift {('right', 'left')[int(i)]}"
        for c, s, i in zip(capacity, limit, side, strict=True)
    ]
    return Margin(capacity, np.minimum(limit, capacity), limited, at_bound)


def prepare(model: Model, shift_rows: Floats) -> None:
    """Compile for such a model."""
    with jax.enable_x64(True):
        rows = chunks(np.arange(len(model.variant)))[0]
        _chunk.prepare(*_arguments(model, shift_rows, SEEN_ROTATION, SEEN_SHIFT, None, rows))


def _arguments(
    model: Model,
    shift_rows: Floats,
    rotation: float,
    shift: float,
    found: Equilibrium | None,
    rows: np.ndarray,
) -> tuple:
    """What `_chunk` takes for some draws."""
    per_limit = np.asarray(shift_rows)[rows] / np.repeat([rotation, shift], 3)[:, None]
    if found is not None:
        # Soft demands of protection come after the held rows; a margin has none.
        return taken(model, rows), per_limit, found.x[rows], found.multiplier[rows][:, : len(model.held)]
    nothing = np.zeros((len(rows), model.pull.shape[1])), np.zeros((len(rows), len(model.held)))
    return taken(model, rows), per_limit, *nothing


class _At(NamedTuple):
    """A balance on the curve, and where the curve goes from there."""

    factor: Array
    """λ"""
    x: Array
    """(N,)"""
    way: Array
    """(N,) dx/dλ"""
    multiplier: Array
    """(m,)"""
    turn: Array
    """(m,) how fast the multiplier changes with λ."""
    share: Array
    """The larger share of the limit that a side uses."""


class _State(NamedTuple):
    low: _At
    """The furthest balance within the limit; its factor is 0 as long as there is none."""
    high: _At
    """The nearest beyond the limit; its factor is infinite as long as there is none."""
    last: _At
    """The one to start from; its factor is 0 as long as there is none."""
    capacity: Array
    at_bound: Array
    price: Array
    """Of effort, at the furthest balance so far."""
    cheaper: Array
    """Factor of the price for the next."""
    part: Array
    """How much of the way back from `high` to go: less after a failure."""
    solves: Array


@kept
def _chunk(model: Model, per_limit: Array, x: Array, multiplier: Array) -> tuple[Array, ...]:
    """Capacity, limit of shift (infinite if muscles come first), its side, elements at bound, solves."""
    # One after the other: a batch in step would run at the pace of its slowest element.
    tissue, own = (model.loads, model.muscles), (per_limit, x, multiplier)
    return jax.lax.map(partial(_one, model), (model.variant, model.structure, *tissue, *own))


def _one(model: Model, draw: tuple) -> tuple[Array, ...]:
    """One draw, one loop: the activity itself, then capacity at falling prices of effort, then the shift."""
    variant, structure, loads, tissue, per_limit, x, multiplier = draw
    pull = jnp.asarray(model.pull)[variant]
    grows = jnp.array([name in GROWS for name in LOADS])[:, None]
    grown = jnp.sum(jnp.where(grows, loads, 0.0), axis=0)
    steady = jnp.where(grows, 0.0, loads)
    structure, demands = balanced_problem(pull, model.held, model.force_unit, structure, steady, tissue)
    rows = demands.held.shape[0]
    wider = demands._replace(
        pull=jnp.concatenate([demands.pull, grown[:, None]], axis=1),
        direct=jnp.concatenate([demands.direct, jnp.zeros((rows, 1))], axis=1),
    )

    def asked(price: Array, at: Array, low: Array, high: Array, firm: Array) -> Demands:
        """λ as one more unknown that is drawn to `at`, and what effort costs beside that."""
        return wider._replace(
            weight=jnp.append(demands.weight * price, firm),
            target=jnp.append(demands.target, at),
            low=jnp.append(demands.low, low),
            high=jnp.append(demands.high, high),
        )

    def step(state: _State) -> _State:
        low, high, last, stage = state.low, state.high, state.last, state.solves
        growing, seeking = (stage > 0) & _grows(state), (stage > 0) & ~_grows(state)
        price = jnp.where(growing, state.price * state.cheaper, 1.0)
        low = _known(low, high)
        part = jnp.clip(_met(low, high, per_limit)[0], jnp.where(state.low.factor > 0, 0.01, _LEAP), 0.99)
        part = 1.0 - state.part * (1.0 - part)
        at = jnp.where(seeking, low.factor + part * (high.factor - low.factor), 1.0)
        at = jnp.maximum(at, LEAST)
        near = _cubic(low, high, (at - low.factor) / (high.factor - low.factor))
        goal = asked(
            price,
            jnp.where(growing, 2.0 * MOST, at),
            jnp.where(growing, 0.0, at),
            jnp.where(growing, MOST, at),
            jnp.where(growing, 1.0 / MOST, _PINNED),
        )
        # What lies on the curve already knows which strings are slack; a cold start takes them as taut first.
        cold = (last.factor == 0) & ((stage > 0) | ~jnp.any(x != 0))

        def law(x: Array, closed: Array) -> tuple[Array, Array]:
            return laws.law(structure, x, closed & cold)

        found = balance.find(
            law,
            goal,
            jnp.where(seeking, near[0], last.x),
            # At the muscles' bounds the worth of λ settles the multipliers, whatever effort costs.
            jnp.where(seeking, near[1], last.multiplier * jnp.where(stage > 1, state.price, price)),
            most_steps=_MOST_STEPS,
        )
        held = found.outcome == Outcome.CONVERGED
        factor = found.value[-1]
        found = found._replace(multiplier=found.multiplier / price)
        here = _at(laws.law(structure, found.x, jnp.array(False))[1], demands, grown, factor, found)
        here = here._replace(share=_shares(per_limit, here.x).max())
        beyond = held & (here.share > 1.0) & (factor < high.factor)
        within = held & (here.share <= 1.0) & (factor > low.factor) & (factor < high.factor)
        further = held & (factor > state.capacity) & ~seeking
        return _State(
            _chosen(within, here, state.low),
            _chosen(beyond, here, high),
            _chosen(held, here, last),
            jnp.where(further, factor, state.capacity),
            jnp.where(further, found.value[:-1] >= demands.high - 1e-9, state.at_bound),
            jnp.where(growing & held, price, state.price),
            jnp.where(growing & ~held, state.cheaper**0.3, state.cheaper),
            jnp.where(seeking & ~held, 0.7 * state.part, 1.0),
            stage + 1,
        )

    def go_on(state: _State) -> Array:
        low, high = state.low, state.high
        near = jnp.minimum(jnp.abs(low.share - 1.0), jnp.abs(high.share - 1.0)) <= _CLOSE
        # Where two balances exist side by side the share jumps across the limit.
        jump = high.factor - low.factor <= _CLOSE * high.factor
        settled = jnp.isinf(high.factor) | (high.factor <= LEAST) | near | jump | (state.part < _LEAST_PART)
        return _grows(state) | (~settled & (state.solves < _MOST_SOLVES))

    none = jnp.zeros(())
    nowhere = _At(none, 0 * x, 0 * x, 0 * multiplier, 0 * multiplier, none)
    start = _State(
        nowhere,
        nowhere._replace(factor=none + jnp.inf),
        nowhere._replace(x=x, multiplier=multiplier),
        none,
        jnp.zeros(demands.high.shape, bool),
        none + 1.0,
        none + 0.1,
        none + 1.0,
        jnp.array(0),
    )
    end = jax.lax.while_loop(go_on, step, start)
    low = _known(end.low, end.high)
    part, side = _met(low, end.high, per_limit)
    limit = low.factor + part * (end.high.factor - low.factor)
    limit = jnp.where(jnp.isinf(end.high.factor), jnp.inf, jnp.where(limit < LEAST, 0.0, limit))
    return end.capacity, limit, side, end.at_bound, end.solves


def _grows(state: _State) -> Array:
    """Whether capacity is still sought."""
    return (state.price > _LEAST_PRICE) & (state.solves <= _MOST_GROWTHS)


def _chosen(which: Array, one: _At, other: _At) -> _At:
    return jax.tree.map(partial(jnp.where, which), one, other)


def _known(low: _At, high: _At) -> _At:
    """`low`; while there is none, where the curve would start if it were straight before `high`."""
    straight = high._replace(
        factor=jnp.zeros(()),
        x=high.x - high.factor * high.way,
        multiplier=high.multiplier - high.factor * high.turn,
    )
    return _chosen((low.factor > 0) | jnp.isinf(high.factor), low, straight)


def _cubic(low: _At, high: _At, part: Array) -> tuple[Array, Array]:
    """x and multiplier a `part` of the way between two balances, from the values and slopes of both."""
    width, rest = jnp.where(jnp.isinf(high.factor), 0.0, high.factor - low.factor), 1.0 - part

    def between(a: Array, b: Array, slope_a: Array, slope_b: Array) -> Array:
        ends = a * rest**2 * (1 + 2 * part) + b * part**2 * (1 + 2 * rest)
        return ends + width * part * rest * (slope_a * rest - slope_b * part)

    return (
        between(low.x, high.x, low.way, high.way),
        between(low.multiplier, high.multiplier, low.turn, high.turn),
    )


def _shares(per_limit: Array, x: Array) -> Array:
    """(..., 2) share of the limit that each side uses at x (..., N)."""
    motion = jnp.einsum("srx,...x->...sr", per_limit, x)
    return jnp.linalg.norm(motion.reshape(*motion.shape[:-1], 2, 3), axis=-1).max(axis=-1)


def _met(low: _At, high: _At, per_limit: Array) -> tuple[Array, Array]:
    """At which part of the way from `low` to `high` the cubic leaves the limit, and on which side."""
    begin, width = jnp.zeros(()), 1.0
    used, after = jnp.zeros((_GRID + 1, 2)), jnp.array(1)
    for _ in range(2):
        along = begin + width * jnp.linspace(0.0, 1.0, _GRID + 1)
        used = _shares(per_limit, _cubic(low, high, along[:, None])[0])
        # The last that is within, and the one after.
        within = used.max(axis=1) <= 1.0
        after = jnp.where(within.any(), jnp.minimum(_GRID + 1 - jnp.argmax(within[::-1]), _GRID), 1)
        begin, width = along[after - 1], width / _GRID
    inside, beyond = used[after - 1].max(), used[after].max()
    part = (1.0 - inside) / jnp.where(beyond > inside, beyond - inside, 1.0)
    return jnp.clip(begin + width * jnp.clip(part, 0.0, 1.0), 0.0, 1.0), used[after].argmax()


def _at(tangent: Array, demands: Demands, grown: Array, factor: Array, found: balance.Balanced) -> _At:
    """The slopes at a balance: the demands stay met, muscles at a bound stay there; the tangent is frozen."""
    held, pull, weight = demands.held, demands.pull, demands.weight
    through = jnp.linalg.solve(tangent.T, held.T).T
    rows = through @ pull
    wanted = demands.target + rows.T @ found.multiplier / weight
    free = (wanted > demands.low) & (wanted < demands.high)
    curvature = (rows * jnp.where(free, 1.0 / weight, 0.0)) @ rows.T
    firmer = curvature + (1e-12 * jnp.trace(curvature) + 1e-30) * jnp.eye(len(curvature))
    turn = -jnp.linalg.solve(firmer, through @ grown)
    way = jnp.linalg.solve(tangent, grown + pull @ jnp.where(free, rows.T @ turn / weight, 0.0))
    # `find` starts from the multipliers of the braced problem.
    brace = jnp.eye(len(held)) + jnp.asarray(demands.brace)[:, None] * (held @ through.T)
    return _At(factor, found.x, way, brace @ found.multiplier, brace @ turn, factor)
