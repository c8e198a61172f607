"""Least effort in balance: activations whose forces balance a compliant structure and hold its posture.

    minimise over a, x   ½ Σ w_i (a_i - t_i)²  +  soft demands
    subject to           force(x) = load + pull·a            the structure's own law, not linear
                         held·x + direct·a = aim             (or ≥ aim)
                         lo ≤ a ≤ hi

Every step takes the law's tangent K at the present x, eliminates x, takes one Newton step on the dual of what
is left (`dual`), and moves x to the balance of the new forces, as far as that lessens the unbalanced force.
One flat loop, so that a batch runs at the pace of its slowest element only once. Where the tangents of two x
call forth each other's forces, x would swing between them: it goes only part of the way (Aitken's relaxation).
At the end the tangent
belongs to the answer, so that the conditions of optimality hold for the law itself and not for an earlier
tangent.

A structure that topples when nobody holds it (a trunk on a soft spine) has an indefinite K. Hard demands are
therefore braced while the loop runs: springs oppose held·x + direct·a - aim. Where the demands are met the
springs carry nothing, and the answer is that of the structure alone. Where they cannot be met, what the
springs carry is what the unknowns lack.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array, lax

from counterpull.numerics import dual
from counterpull.numerics.problem import Outcome, Problem
from counterpull.numerics.tolerances import (
    FORCE_TOLERANCE,
    HALVINGS,
    MOST_STEPS,
    SHORTEST,
    SLOPE_TOLERANCE,
    STILL,
    YIELDING,
)

Law = Callable[[Array, Array], tuple[Array, Array]]
"""From x and a flag (take every contact as closed) to restoring force (N,) and tangent stiffness (N, N)."""


class Demands(NamedTuple):
    """What is asked: one element of a batch. N coordinates, n unknowns, m demands."""

    pull: Array
    """(N, n) generalised force of one unit of each unknown."""
    load: Array
    """(N,)"""
    weight: Array
    target: Array
    low: Array
    high: Array
    held: Array
    """(m, N)"""
    direct: Array
    """(m, n)"""
    aim: Array
    softness: Array
    one_sided: Array
    force_unit: Array
    """(N,) what counts as one newton in each coordinate (1 for a force, a length for a moment)."""
    brace: Array | None = None
    """(m,) stiffness of the springs that brace hard demands; None: twice as stiff as the structure is there."""


class Balanced(NamedTuple):
    """What was found."""

    x: Array
    value: Array
    multiplier: Array
    outcome: Array
    steps: Array
    unbalanced: Array
    """Largest unbalanced force over the largest force; the springs' where the demands cannot be met."""
    again: Array
    """(m,) multipliers with which `find` starts a neighbour of this balance."""
    way: Array
    """(N,) how x goes on as the load changes by `change`; 0 where none was given."""
    turn: Array
    """(m,) the same for `again`."""


class Linear(NamedTuple):
    """The structure linearised at x, with x eliminated."""

    force: Array
    tangent: Array
    factors: tuple[Array, Array]
    """LU factors (N, N) of the tangent, and the order of its rows (N,)."""
    through: Array
    """(m, N) held·tangent⁻¹: what each force moves of each demand."""
    problem: Problem


def linearised(law: Law, demands: Demands, x: Array, closed: Array) -> Linear:
    """The problem in the unknowns alone at the tangent of the law at `x`."""
    force, tangent = law(x, closed)
    lu, _, order = lax.linalg.lu(tangent)
    through = _transposed((lu, order), demands.held.T).T
    rows = through @ demands.pull + demands.direct
    aim = demands.aim - demands.held @ x - through @ (demands.load - force)
    problem = Problem(
        demands.weight,
        demands.target,
        demands.low,
        demands.high,
        rows,
        aim,
        demands.softness,
        demands.one_sided,
    )
    return Linear(force, tangent, (lu, order), through, problem)


def _solved(factors: tuple[Array, Array], right: Array) -> Array:
    """K⁻¹ right (N,)."""
    lu, order = factors
    half = lax.linalg.triangular_solve(lu, right[order, None], left_side=True, lower=True, unit_diagonal=True)
    return lax.linalg.triangular_solve(lu, half, left_side=True, lower=False)[:, 0]


def _transposed(factors: tuple[Array, Array], right: Array) -> Array:
    """K⁻ᵀ right (N, m)."""
    lu, order = factors
    half = lax.linalg.triangular_solve(lu, right, left_side=True, lower=False, transpose_a=True)
    turned = lax.linalg.triangular_solve(
        lu, half, left_side=True, lower=True, transpose_a=True, unit_diagonal=True
    )
    return jnp.zeros_like(turned).at[order].set(turned)


def braced(law: Law, demands: Demands, x: Array) -> tuple[Law, Demands]:
    """The same with springs on the hard demands, twice as stiff as the structure is at `x`."""
    held, spring = demands.held, _springs(law, demands, x)
    stiffness = (held.T * spring) @ held

    def firmer(x: Array, closed: Array) -> tuple[Array, Array]:
        force, tangent = law(x, closed)
        return force + stiffness @ x, tangent + stiffness

    return firmer, demands._replace(
        pull=demands.pull - held.T @ (spring[:, None] * demands.direct),
        load=demands.load + held.T @ (spring * demands.aim),
    )


def _springs(law: Law, demands: Demands, x: Array) -> Array:
    """Stiffness of the springs that brace each demand (m,)."""
    square = jnp.sum(demands.held**2, axis=1)
    hard = (demands.softness == 0) & ~demands.one_sided & (square > 0)
    if demands.brace is not None:
        return jnp.where(hard, demands.brace, 0.0)
    _, tangent = law(x, jnp.array(True))
    along = demands.held**2 @ jnp.abs(jnp.diagonal(tangent))
    return jnp.where(hard, 2 * along / jnp.where(square > 0, square, 1.0) ** 2, 0.0)


class _State(NamedTuple):
    x: Array
    value: Array
    multiplier: Array
    yielding: Array
    tried: Array
    outcome: Array
    steps: Array
    unbalanced: Array
    way: Array
    length: Array
    factors: tuple[Array, Array]
    through: Array
    """Of the last tangent: where it is done, that at x."""


def find(
    law: Law,
    demands: Demands,
    x: Array,
    multiplier: Array,
    newton_steps: Array | int = 1,
    caution: Array | float = 0.0,
    most_steps: Array | int = MOST_STEPS,
    tolerance: Array | float = FORCE_TOLERANCE,
    cold: Array | bool = True,
    change: Array | None = None,
) -> Balanced:
    """The balance, from a start (x, multiplier); `newton_steps` on the dual for each tangent.

    A `cold` start takes every contact as closed first; a neighbour knows already which are open. `change` (N,) is
    a change of the load whose effect is wanted too.

    Where the tangent changes fast with x the steps may circle. `caution` ρ then keeps each step near the last
    unknowns, by a price ½ ρ w (a - a_last)² that vanishes at the answer; so does its influence.
    """
    hard = demands.softness == 0
    given, held = demands, demands.held
    spring = _springs(law, demands, x)
    law, demands = braced(law, demands, x)

    def problem_now(linear: Linear, yielding: Array, last: Array) -> tuple[Problem, dual.Scaled]:
        problem = linear.problem
        near = (problem.target + caution * last) / (1.0 + caution)
        problem = problem._replace(weight=problem.weight * (1.0 + caution), target=near)
        scaled = dual.scaled(problem)
        soft = jnp.where(hard & yielding, YIELDING, scaled.softness)
        return problem, scaled._replace(softness=soft)

    def step(state: _State) -> _State:
        first = state.steps == 0
        linear = linearised(law, demands, state.x, first & cold)
        problem, scaled = problem_now(linear, state.yielding, state.value)
        before = dual.unknowns(problem, scaled.rows, state.multiplier * scaled.size)
        slope = dual.slope(problem, scaled, state.multiplier * scaled.size)
        pushed = given.load + given.pull @ before
        size = jnp.max(jnp.abs(jnp.stack([given.load, pushed, linear.force])) / demands.force_unit)
        size = jnp.maximum(size, 1e-3)
        # Braced where it yields: there only the springs can balance.
        rest = jnp.where(
            state.yielding,
            demands.load + demands.pull @ before - linear.force,
            pushed - (linear.force - held.T @ (spring * (held @ state.x))),
        )
        unbalanced = jnp.max(jnp.abs(rest) / demands.force_unit) / size
        close = SLOPE_TOLERANCE * jnp.maximum(tolerance / FORCE_TOLERANCE, 1.0)
        close *= dual.close(scaled, state.multiplier * scaled.size)
        still = (jnp.max(jnp.abs(before - state.value), initial=0.0) <= STILL) | (jnp.asarray(caution) == 0)
        settled = ~first & (unbalanced <= tolerance) & (slope <= close) & still
        proven = dual.certified(
            problem, scaled.rows, scaled.aim, jnp.where(hard, state.multiplier * scaled.size, 0.0)
        )
        # Settled at its least miss, but without proof: ask the hard demands at this tangent.
        unsure = settled & state.yielding & ~proven
        asked, infeasible_here = lax.cond(
            unsure, partial(_asked, linear.problem), lambda start: (start, jnp.array(False)), state.multiplier
        )
        proven |= unsure & infeasible_here
        back = unsure & ~proven

        new = lax.fori_loop(
            0,
            newton_steps,
            lambda _, new: dual.newton_step(problem, scaled, new)[0],
            state.multiplier * scaled.size,
        )
        infeasible = ~state.yielding & dual.certified(
            problem, scaled.rows, scaled.aim, jnp.where(hard, new, 0.0)
        )
        given_up = infeasible & state.tried
        done = (settled & ~back) | given_up
        outcome = jnp.where(
            done,
            jnp.where(state.yielding | given_up, Outcome.INFEASIBLE, Outcome.CONVERGED),
            Outcome.UNFINISHED,
        )
        new = jnp.where(infeasible, 0.0, jnp.where(back, asked * scaled.size, new))
        yielding = (state.yielding | infeasible) & ~back
        after = dual.unknowns(problem, scaled.rows, new)
        pushed = demands.load + demands.pull @ after
        way = _solved(linear.factors, pushed - linear.force)
        length = _relaxed(state, way, demands.force_unit)
        part = _part(law, demands, state.x, length * way, pushed, linear.force, first)
        moved = state.x + part * length * way
        keep = partial(jnp.where, done)
        return _State(
            keep(state.x, moved),
            keep(before, after),
            keep(state.multiplier, new / scaled.size),
            keep(state.yielding, yielding),
            state.tried | back,
            outcome,
            state.steps + 1,
            unbalanced,
            way,
            part * length,
            linear.factors,
            linear.through,
        )

    def go_on(state: _State) -> Array:
        return (state.outcome == Outcome.UNFINISHED) & (state.steps < most_steps)

    start = _State(
        x,
        jnp.clip(demands.target, demands.low, demands.high) * jnp.ones(demands.pull.shape[1]),
        multiplier,
        jnp.array(False),
        jnp.array(False),
        jnp.array(int(Outcome.UNFINISHED)),
        jnp.array(0),
        jnp.array(jnp.inf),
        jnp.zeros_like(x),
        jnp.array(1.0),
        (jnp.eye(len(x)), jnp.arange(len(x), dtype=jnp.int32)),
        jnp.zeros_like(held),
    )
    end = lax.while_loop(go_on, step, start)
    # To move a held coordinate also strains its spring; without it, it costs this.
    cost = end.multiplier - spring * (held @ (end.through.T @ end.multiplier))
    way, turn = jnp.zeros_like(end.x), jnp.zeros_like(cost)
    if change is not None:
        way, turn = _onward(end, demands, change)
    value, again = end.value, end.multiplier
    return Balanced(end.x, value, cost, end.outcome, end.steps, end.unbalanced, again, way, turn)


def _onward(end: _State, demands: Demands, change: Array) -> tuple[Array, Array]:
    """dx (N,) and dλ (m,) as the load changes by `change`: demands stay met, unknowns at a bound stay there.

    How the tangent changes with x is left out.
    """
    rows, weight = end.through @ demands.pull + demands.direct, demands.weight
    wanted = demands.target + rows.T @ end.multiplier / weight
    free = jnp.where((wanted > demands.low) & (wanted < demands.high), 1.0 / weight, 0.0)
    curvature = (rows * free) @ rows.T + jnp.diag(demands.softness)
    firmer = curvature + (1e-12 * jnp.trace(curvature) + 1e-30) * jnp.eye(len(curvature))
    turn = -jnp.linalg.solve(firmer, end.through @ change)
    return _solved(end.factors, change + demands.pull @ (free * (rows.T @ turn))), turn


def _asked(problem: Problem, start: Array) -> tuple[Array, Array]:
    """Multipliers of the hard demands at one tangent, and whether they cannot be met there."""
    found = dual.solve(problem, start)
    return found.multiplier, found.outcome == Outcome.INFEASIBLE


def verdict(law: Law, demands: Demands, found: Balanced) -> Balanced:
    """The same, with a reason for an element that is not finished.

    INFEASIBLE if its demands cannot be met at its tangent; UNSTABLE if that tangent, braced, is not positive.
    """
    firmer, stronger = braced(law, demands, found.x)
    linear = linearised(firmer, stronger, found.x, jnp.array(False))
    _, infeasible = _asked(linear.problem, found.multiplier)
    topples = jnp.min(jnp.linalg.eigvalsh(linear.tangent)) <= 0
    reason = jnp.where(infeasible, Outcome.INFEASIBLE, jnp.where(topples, Outcome.UNSTABLE, found.outcome))
    return found._replace(outcome=jnp.where(found.outcome == Outcome.UNFINISHED, reason, found.outcome))


def _relaxed(state: _State, way: Array, force_unit: Array) -> Array:
    """How much of the way to go: less the more of it only takes back the way before."""
    before, turn = state.way * force_unit, (way - state.way) * force_unit
    length = -state.length * (before @ turn) / jnp.maximum(turn @ turn, 1e-300)
    return jnp.where(state.steps < 2, 1.0, jnp.clip(length, SHORTEST, 1.0))


def _part(
    law: Law, demands: Demands, x: Array, way: Array, pushed: Array, force: Array, first: Array
) -> Array:
    """How much of the way to go: the first of 1, ½, ¼, ... that lessens the unbalanced force."""

    def rest(t: Array) -> Array:
        return jnp.linalg.norm((pushed - law(x + t * way, jnp.array(False))[0]) / demands.force_unit)

    now = jnp.linalg.norm((pushed - force) / demands.force_unit)

    def halved(t: Array) -> Array:
        return 0.5 * t

    def worse(t: Array) -> Array:
        return (rest(t) > (1 - 0.1 * t) * now) & (t > 0.5**HALVINGS) & ~first

    return lax.while_loop(worse, halved, jnp.array(1.0))
