"""Least effort by its dual: a semismooth Newton method, only as wide as there are demands.

For given multipliers λ the best unknowns are a(λ) = clip(t + rowsᵀλ / w, lo, hi), so the dual

    φ(λ) = Σ_i max_{lo ≤ a ≤ hi} [ a y_i - ½ w_i (a - t_i)² ]  -  aim·λ  +  ½ Σ softness λ²,   y = rowsᵀλ

is convex, piecewise quadratic, and its slope is the miss of every demand. One-sided multipliers stay ≥ 0.
Each step solves an m × m system and searches exactly along the line.

No a within its bounds meets the hard demands if and only if some λ (zero on soft demands) has
Σ_i max(lo_i y_i, hi_i y_i) < aim·λ; the method walks along such a λ when there is one, so every step looks
for this proof (Farkas). An infeasible element then goes on with its hard demands made soft, and ends at the
least miss.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from counterpull.numerics.problem import Outcome, Problem, Solution
from counterpull.numerics.tolerances import (
    CLOSE,
    COARSEST,
    DUAL_STEPS,
    LEAP,
    LEAST_CURVATURE,
    SEARCH_STEPS,
    YIELDING,
)


class Scaled(NamedTuple):
    """The demands with rows of unit length in the metric of the weights, and the lengths (m,)."""

    rows: Array
    aim: Array
    softness: Array
    size: Array


def scaled(problem: Problem) -> Scaled:
    """Divide each demand by the length of its row."""
    rows = jnp.asarray(problem.rows)
    size = jnp.sqrt(jnp.sum(rows**2 / problem.weight, axis=-1))
    size = jnp.where(size > 0, size, 1.0)
    aim, softness = jnp.asarray(problem.aim), jnp.asarray(problem.softness)
    return Scaled(rows / size[:, None], aim / size, softness / size**2, size)


def unknowns(problem: Problem, rows: Array, multiplier: Array) -> Array:
    """a(λ) (n,)."""
    return jnp.clip(problem.target + rows.T @ multiplier / problem.weight, problem.low, problem.high)


def certified(problem: Problem, rows: Array, aim: Array, multiplier: Array) -> Array:
    """Whether `multiplier`, zero on soft demands, proves that no a within its bounds meets the demands."""
    y = rows.T @ multiplier
    best = jnp.sum(jnp.maximum(problem.low * y, problem.high * y))
    worth = jnp.sum(jnp.abs(y) * jnp.maximum(jnp.abs(problem.low), jnp.abs(problem.high)))
    return best < aim @ multiplier - 1e-9 * (worth + jnp.abs(aim) @ jnp.abs(multiplier)) - 1e-300


def slope(problem: Problem, demands: Scaled, multiplier: Array) -> Array:
    """Largest slope of the dual that is left, in scaled units."""
    a = unknowns(problem, demands.rows, multiplier)
    each = demands.rows @ a - demands.aim + demands.softness * multiplier
    free = ~jnp.asarray(problem.one_sided) | (multiplier > 0) | (each < 0)
    return jnp.max(jnp.where(free, jnp.abs(each), 0.0), initial=0.0)


def close(demands: Scaled, multiplier: Array) -> Array:
    """How small a slope counts as none. Large multipliers, as of an infeasible element, round coarsely."""
    rounding = jnp.finfo(multiplier.dtype).eps * jnp.max(jnp.abs(multiplier), initial=0.0)
    scale = 1.0 + jnp.max(jnp.abs(demands.aim), initial=0.0)
    return jnp.clip(rounding, CLOSE, COARSEST) * scale


def newton_step(problem: Problem, demands: Scaled, multiplier: Array) -> tuple[Array, Array]:
    """One step: the new multipliers and the largest remaining slope before it, both in scaled units."""
    rows, aim, softness = demands.rows, demands.aim, demands.softness
    wanted = problem.target + rows.T @ multiplier / problem.weight
    a = jnp.clip(wanted, problem.low, problem.high)
    slope = rows @ a - aim + softness * multiplier
    free = ~jnp.asarray(problem.one_sided) | (multiplier > 0) | (slope < 0)
    slope = jnp.where(free, slope, 0.0)
    inside = (wanted >= problem.low) & (wanted <= problem.high)
    curvature = (rows * jnp.where(inside, 1 / jnp.asarray(problem.weight), 0.0)) @ rows.T + jnp.diag(softness)
    way = _direction(curvature, slope, free, jnp.asarray(problem.one_sided) & (multiplier <= 0))
    stops = jnp.asarray(problem.one_sided) & (way < 0)
    furthest = jnp.min(jnp.where(stops, -multiplier / jnp.where(stops, way, -1.0), jnp.inf), initial=jnp.inf)
    length = _searched(problem, demands, multiplier, way, furthest)
    moved = multiplier + length * way
    moved = jnp.where(problem.one_sided, jnp.maximum(moved, 0.0), moved)
    return moved, jnp.max(jnp.abs(slope), initial=0.0)


def _direction(curvature: Array, slope: Array, free: Array, at_zero: Array) -> Array:
    """Newton's way down among the free multipliers; those at zero that would go below are held there."""

    def solved(free: Array) -> Array:
        both = free[:, None] & free[None, :]
        # Where everything relevant stands at its bound, the line search sets the length.
        held = jnp.where(both, curvature, 0.0) + jnp.diag(jnp.where(free, LEAST_CURVATURE, 1.0))
        return -jnp.linalg.solve(held, jnp.where(free, slope, 0.0))

    def blocked(state: tuple[Array, Array]) -> Array:
        free, way = state
        return jnp.any(free & at_zero & (way < 0))

    def fewer(state: tuple[Array, Array]) -> tuple[Array, Array]:
        free, way = state
        free = free & ~(at_zero & (way < 0))
        return free, solved(free)

    return jax.lax.while_loop(blocked, fewer, (free, solved(free)))[1]


def _searched(problem: Problem, demands: Scaled, multiplier: Array, way: Array, furthest: Array) -> Array:
    """Length of the step at which the dual's slope along the way is zero, by safeguarded Newton steps."""
    start = demands.rows.T @ multiplier / problem.weight + problem.target
    turn = demands.rows.T @ way
    speed = turn / problem.weight
    steady = -demands.aim @ way + (demands.softness * multiplier) @ way
    bend = demands.softness @ way**2
    reach = jnp.maximum(jnp.abs(problem.low), jnp.abs(problem.high))
    price = jnp.abs(demands.aim) + demands.softness * jnp.abs(multiplier)
    rounding = 4 * jnp.finfo(way.dtype).eps * (jnp.abs(turn) @ reach + price @ jnp.abs(way))

    def slope(t: Array) -> tuple[Array, Array]:
        wanted = start + t * speed
        inside = (wanted > problem.low) & (wanted < problem.high)
        value = turn @ jnp.clip(wanted, problem.low, problem.high) + steady + t * bend
        return value, jnp.sum(jnp.where(inside, turn * speed, 0.0)) + bend

    def closer(state: tuple[Array, ...]) -> tuple[Array, ...]:
        low, high, t, _, steps = state
        value, curvature = slope(t)
        low, high = jnp.where(value <= 0, t, low), jnp.where(value > 0, t, high)
        newton = t - value / jnp.where(curvature > 0, curvature, 1.0)
        within = (newton > low) & (newton < jnp.minimum(high, LEAP * t)) & (curvature > 0)
        halfway = jnp.where(high > LEAP * low, jnp.sqrt(low) * jnp.sqrt(high), 0.5 * (low + high))
        halfway = jnp.where(jnp.isinf(high), LEAP * t, jnp.where(low == 0, t / LEAP, halfway))
        following = jnp.where(within, newton, halfway)
        # At the zero itself: stay.
        there = jnp.abs(value) <= rounding
        following = jnp.where(there, t, jnp.minimum(following, furthest))
        return low, high, following, there | (following == t), steps + 1

    def goes_on(state: tuple[Array, ...]) -> Array:
        return ~state[3] & (state[4] < SEARCH_STEPS)

    none, far = jnp.zeros(()), jnp.array(jnp.inf)
    first = (none, far, jnp.minimum(1.0, furthest), jnp.array(False), jnp.array(0))
    low, _, t, _, _ = jax.lax.while_loop(goes_on, closer, first)
    value, _ = slope(t)
    return jnp.where((value <= 0) | (low == 0), t, jnp.maximum(low, 0.9 * t))


def solve(problem: Problem, start: Array | None = None) -> Solution:
    """Solve one problem; `start` (m,) warms it up. Map it over batches with `jax.vmap`."""
    demands = scaled(problem)
    hard = jnp.asarray(problem.softness) == 0
    size = demands.size
    first = jnp.zeros_like(demands.aim) if start is None else start * size

    def yielding(infeasible: Array) -> Scaled:
        return demands._replace(softness=jnp.where(infeasible & hard, YIELDING, demands.softness))

    def go_on(state: tuple[Array, Array, Array, Array, Array]) -> Array:
        multiplier, slope, _, _, steps = state
        return (slope > close(demands, multiplier)) & (steps < DUAL_STEPS)

    def step(state: tuple[Array, Array, Array, Array, Array]) -> tuple[Array, Array, Array, Array, Array]:
        multiplier, _, proof, infeasible, steps = state
        moved, slope = newton_step(problem, yielding(infeasible), multiplier)
        # The slope that ends the search belongs to what is returned.
        moved = jnp.where(slope <= close(demands, multiplier), multiplier, moved)
        proven = ~infeasible & certified(problem, demands.rows, demands.aim, jnp.where(hard, moved, 0.0))
        proof = jnp.where(proven, jnp.where(hard, moved, 0.0), proof)
        moved = jnp.where(proven, jnp.zeros_like(moved), moved)
        slope = jnp.where(proven, jnp.inf, slope)
        return moved, slope, proof, infeasible | proven, steps + 1

    state = (first, jnp.array(jnp.inf), jnp.zeros_like(first), jnp.array(False), jnp.array(0))
    multiplier, slope, proof, infeasible, steps = jax.lax.while_loop(go_on, step, state)
    a = unknowns(problem, demands.rows, multiplier)
    finished = slope <= close(demands, multiplier)
    outcome = jnp.where(
        infeasible, Outcome.INFEASIBLE, jnp.where(finished, Outcome.CONVERGED, Outcome.UNFINISHED)
    )
    miss = jnp.asarray(problem.rows) @ a - problem.aim
    return Solution(a, jnp.where(infeasible, proof, multiplier) / size, miss, outcome, steps)
