"""The conditions of optimality of a balance, and Newton's method on all of them at once.

    force(x) = load + pull·a        held·x + direct·a = aim        K(x)ᵀ ν = heldᵀ λ
    a = clip(t + (pullᵀν + directᵀλ) / w, lo, hi)

in the unknowns x, ν, λ. Newton's method here sees how the tangent K changes with x, which `balance.find` does
not, and settles what circles there; it is also what gradients follow: by the implicit function theorem an
answer z of F(z, θ) = 0 moves by dz = -(∂F/∂z)⁻¹ ∂F/∂θ dθ. At a kink (an unknown exactly at its bound, a string
exactly slack) this is the derivative of one side.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from counterpull.numerics.balance import Balanced, Demands, Law
from counterpull.numerics.problem import Outcome
from counterpull.numerics.tolerances import SETTLE_HALVINGS, SETTLE_STEPS, SETTLED


class Point(NamedTuple):
    """Where the conditions are asked: x (N,), its costate ν (N,), and the multipliers λ (m,)."""

    x: Array
    costate: Array
    multiplier: Array


def unknowns(demands: Demands, at: Point) -> Array:
    """a (n,)."""
    push = demands.pull.T @ at.costate + demands.direct.T @ at.multiplier
    return jnp.clip(demands.target + push / demands.weight, demands.low, demands.high)


def misses(law: Law, demands: Demands, at: Point) -> Point:
    """How far each condition is from being met; all hard demands are equalities here."""
    force, tangent = law(at.x, jnp.array(False))
    a = unknowns(demands, at)
    met = demands.held @ at.x + demands.direct @ a - demands.aim + demands.softness * at.multiplier
    met = jnp.where(demands.one_sided & (at.multiplier <= 0) & (met > 0), at.multiplier, met)
    return Point(
        force - demands.load - demands.pull @ a, tangent.T @ at.costate - demands.held.T @ at.multiplier, met
    )


def _flat(at: Point) -> Array:
    return jnp.concatenate(at)


def _split(flat: Array, demands: Demands) -> Point:
    size = demands.held.shape[1]
    return Point(flat[:size], flat[size : 2 * size], flat[2 * size :])


def _scales(law: Law, demands: Demands, at: Point) -> Array:
    """What counts as one in each condition."""
    unit = demands.force_unit
    newtons = jnp.maximum(jnp.max(jnp.abs(demands.load) / unit), 1.0)
    _, tangent = law(at.x, jnp.array(False))
    stiff = jnp.sqrt(jnp.abs(jnp.diagonal(tangent)))
    costate = jnp.maximum(jnp.max(jnp.abs(at.costate) * stiff), 1e-6)
    return jnp.concatenate(
        [newtons * unit, costate * jnp.maximum(stiff, 1e-3), jnp.full(demands.held.shape[0], 1e-3)]
    )


def settle(law: Law, demands: Demands, start: Balanced) -> Balanced:
    """Newton's method from where `balance.find` stopped, with steps that lessen the misses."""
    _, tangent = law(start.x, jnp.array(False))
    costate = jnp.linalg.solve(tangent.T, demands.held.T @ start.multiplier)
    first = Point(start.x, costate, start.multiplier)
    scales = _scales(law, demands, first)

    def residual(flat: Array) -> Array:
        return _flat(misses(law, demands, _split(flat, demands))) / scales

    def step(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        flat, _, steps = state
        now = residual(flat)
        way = -jnp.linalg.solve(jax.jacfwd(residual)(flat), now)
        size = jnp.linalg.norm(now)

        def worse(t: Array) -> Array:
            return ~(jnp.linalg.norm(residual(flat + t * way)) < (1 - 0.01 * t) * size) & (
                t > 0.5**SETTLE_HALVINGS
            )

        t = jax.lax.while_loop(worse, lambda t: 0.5 * t, jnp.array(1.0))
        moved = flat + t * way
        return moved, jnp.max(jnp.abs(residual(moved))), steps + 1

    def go_on(state: tuple[Array, Array, Array]) -> Array:
        _, left, steps = state
        return (left > SETTLED) & (steps < SETTLE_STEPS)

    flat = _flat(first)
    state = (flat, jnp.max(jnp.abs(residual(flat))), jnp.array(0))
    flat, left, steps = jax.lax.while_loop(go_on, step, state)
    at = _split(flat, demands)
    value = unknowns(demands, at)
    force, _ = law(at.x, jnp.array(False))
    pushed = demands.load + demands.pull @ value
    size = jnp.max(jnp.abs(jnp.stack([demands.load, pushed, force])) / demands.force_unit)
    unbalanced = jnp.max(jnp.abs(force - pushed) / demands.force_unit) / jnp.maximum(size, 1e-3)
    settled = left <= SETTLED
    return Balanced(
        at.x,
        value,
        at.multiplier,
        jnp.where(settled, Outcome.CONVERGED, Outcome.UNFINISHED),
        start.steps + steps,
        unbalanced,
        start.again,
        start.way,
        start.turn,
    )


def follow(law: Law, demands: Demands, answer: Point) -> Point:
    """The answer as a function of everything that `law` and `demands` hold, exact at `answer` in value and slope.

    One Newton step with a frozen matrix: it moves nothing where the conditions are met, and its derivative is
    that of the implicit function theorem. Differentiate it with JAX in either direction.
    """
    frozen = Point(*map(jax.lax.stop_gradient, answer))

    def residual(flat: Array) -> Array:
        return _flat(misses(law, demands, _split(flat, demands)))

    flat = _flat(frozen)
    matrix = jax.lax.stop_gradient(jax.jacfwd(residual)(flat))
    return _split(flat - jnp.linalg.solve(matrix, residual(flat)), demands)
