"""The loop of `numerics.balance` for the processor, one draw, without tangents where it can.

What takes long there is the tangent: to put it together and to factor it. Here steps go on with the factors K₀ of an
earlier place, for the forces and for the costate ν of the held coordinates alike,

    x ← x + K₀⁻¹ (load + pull·a - force(x)),        ν ← ν - K₀⁻¹ (K(x)·ν - heldᵀ·λ),

as long as each leaves less than a fifth of the unbalanced force. The law is asked for force(x) and for the product
K(x)·ν only, and the answer is that of the law at x, whatever K₀ was.

Unknowns are E activations, λ, and the deviations of the first rows of m demands. Where a braced tangent is not
positive the draw is left unfinished.
"""

import math

import numpy as np

from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.kernel import dual
from counterpull.mechanics.kernel.law import felt, room_for, tangent
from counterpull.mechanics.kernel.tissue import Blocks, inner, pull, stretches
from counterpull.numerics.problem import Outcome
from counterpull.numerics.tolerances import (
    FORCE_TOLERANCE,
    HALVINGS,
    SHORTEST,
    SLOPE_TOLERANCE,
    STILL,
    YIELDING,
)

CONVERGED, INFEASIBLE = int(Outcome.CONVERGED), int(Outcome.INFEASIBLE)
UNFINISHED = int(Outcome.UNFINISHED)
_SERVES = 0.2
"""A tangent serves as long as a step with it leaves less than this of the unbalanced force, or the force is balanced:
there a new one brings nothing but its rounding."""
_CALM, _ROUGH = 20, 100.0
"""After so many steps in balance it is rounding that goes to and fro, as where a pelvis gives way by 20 degrees: then
so many times as much is left to slope and unknowns."""


@inner
def find(
    tissue: tuple,
    i: int,
    blocks: Blocks,
    linear: Floats,
    active: Floats,
    loads: Floats,
    weight: Floats,
    target: Floats,
    low: Floats,
    high: Floats,
    held: Floats,
    softness: Floats,
    spring: Floats,
    unit: Floats,
    cold: bool,
    most_steps: int,
    tolerance: float,
    onward: bool,
    newtons: int,
    caution: float,
    x: Floats,
    multiplier: Floats,
    costate: Floats,
    value: Floats,
    way_on: Floats,
    turn_on: Floats,
) -> tuple[int, int, float]:
    """Balance draw i from (x, multiplier), and write there what was found: outcome, steps, unbalanced force.

    `costate` and `value` are written too; where it is asked how to go `onward`, dx/dλ and dmultiplier/dλ.
    """
    m, size, n, room = len(spring), len(x), len(weight), room_for(len(blocks[0]))
    factors, through, rows = np.empty((size, size)), np.empty((m, size)), np.empty((m, n))
    of_place, of_demand, of_unknown = np.zeros((7, size)), np.zeros((7, m)), np.empty((4, n))
    force, product, push, way = of_place[0], of_place[1], of_place[2], of_place[3]
    origin, before, rest = of_place[4], of_place[5], of_place[6]
    length, aim, slope = of_demand[0], of_demand[1], of_demand[2]
    scaled, soft, bent, firm = of_demand[3], of_demand[4], of_demand[5], of_demand[6]
    goal, answer, worth, last = of_unknown[0], of_unknown[1], of_unknown[2], of_unknown[3]
    for u in range(n):
        worth[u] = 1.0 / (weight[u] * (1.0 + caution))
        last[u] = min(max(target[u], low[u]), high[u])
    part, left, unbalanced, coarse = 1.0, math.inf, math.inf, max(tolerance / FORCE_TOLERANCE, 1.0)
    steps, calm, fresh, serves, settled, yielding, tried = 0, 0, False, False, False, False, False
    while steps < most_steps:
        if not serves:
            tangent(tissue, i, blocks, linear, x, cold and steps == 0, room, factors)
            if not dual.factored(factors):
                break
            eliminated(blocks, active, loads, held, spring, worth, factors, through, rows, length)
            if not settled:
                dual.pushed_by(through, multiplier, costate)
            fresh = serves = True
        felt(tissue, i, blocks, linear, x, costate, room, force, product)
        drift = moved = 0.0
        if not fresh:
            # What a step leaves tells whether it was too long, and whether the tangent still serves.
            now = _distance(push, force, unit)
            if unbalanced > tolerance and now > (1.0 - 0.1 * part) * left and part > 0.5**HALVINGS:
                part *= 0.5
                for a in range(size):
                    x[a] = origin[a] + part * way[a]
                continue
            if unbalanced > tolerance and now > _SERVES * left:
                serves = False
                continue
            dual.pushed_by(held, multiplier, rest)
            for a in range(size):
                product[a] -= rest[a]
            dual.solved(factors, product)
            pulled(blocks, active, loads, held, spring, product, answer)
            for u in range(n):
                drift = max(drift, abs(answer[u]) * worth[u])
            for a in range(size):
                costate[a] -= product[a]

        # The unknowns answer to the costate of the law at x; the rows are those of the tangent.
        dual.pushed_by(through, multiplier, rest)
        for a in range(size):
            rest[a] = costate[a] - rest[a]
        pulled(blocks, active, loads, held, spring, rest, answer)
        for u in range(n):
            goal[u] = (target[u] + caution * last[u]) / (1.0 + caution) + answer[u] * worth[u]
        for a in range(size):
            rest[a] = loads[0, a] - force[a]
        dual.times(through, rest, aim)
        dual.times(held, x, bent)
        missed = 0.0
        for r in range(m):
            aim[r] = -(bent[r] + aim[r]) / length[r]
            scaled[r], firm[r] = multiplier[r] * length[r], softness[r] / (length[r] * length[r])
            soft[r] = YIELDING if yielding and softness[r] == 0.0 else firm[r]
            bent[r] *= spring[r]
        dual.pushed_by(rows, scaled, answer)
        dual.within(answer, worth, goal, low, high, value)
        dual.times(rows, value, slope)
        for r in range(m):
            slope[r] += soft[r] * scaled[r] - aim[r]
            missed = max(missed, abs(slope[r]))
        if caution > 0.0:
            for u in range(n):
                moved = max(moved, abs(value[u] - last[u]))
        # A deviation pulls at its brace only while the loop runs; so does a held coordinate. Where demands cannot be
        # met it is the braces that balance.
        pushed(blocks, active, loads, held, spring, value, 0.0, push)
        largest, unbalanced = 1e-3, 0.0
        for a in range(size):
            largest = max(largest, max(abs(loads[0, a]), abs(push[a]), abs(force[a])) / unit[a])
        if yielding:
            pushed(blocks, active, loads, held, spring, value, 1.0, push)
            for r in range(m):
                bent[r] = 0.0
        dual.pushed_by(held, bent, rest)
        for a in range(size):
            unbalanced = max(unbalanced, abs(push[a] - force[a] + rest[a]) / unit[a])
        unbalanced /= largest
        calm = calm + 1 if unbalanced <= tolerance else 0
        rough = coarse * _ROUGH if calm > _CALM else coarse
        close = missed <= SLOPE_TOLERANCE * rough * dual.close(aim, scaled)
        still = drift <= STILL * rough and moved <= STILL
        settled = steps > 0 and unbalanced <= tolerance and close and still
        if settled:
            if not fresh and (onward or yielding):
                serves = False  # what follows is asked at the tangent of the answer
                continue
            if not yielding:
                if onward:
                    for u in range(n):
                        worth[u] = 1.0 / weight[u]
                    _further(
                        blocks, active, loads, held, spring, worth, target, low, high, softness,
                        factors, through, rows, length, multiplier, answer, way_on, turn_on,
                    )  # fmt: skip
                return CONVERGED, steps + 1, unbalanced
            if dual.impossible(rows, low, high, aim, firm, scaled):
                return INFEASIBLE, steps + 1, unbalanced
            # Settled at the least miss, but without proof: ask the hard demands at this tangent.
            if dual.refused(rows, worth, goal, low, high, aim, firm, scaled, answer, slope, value):
                return INFEASIBLE, steps + 1, unbalanced
            settled, yielding, tried, unbalanced = False, False, True, math.inf
        else:
            if not dual.raised(
                rows, worth, goal, low, high, aim, soft, scaled, answer, slope, value, newtons
            ):
                break
            if not yielding and dual.impossible(rows, low, high, aim, firm, scaled):
                if tried:
                    return INFEASIBLE, steps + 1, unbalanced
                yielding, unbalanced = True, math.inf
                for r in range(m):
                    scaled[r] = 0.0
        dual.pushed_by(rows, scaled, answer)
        dual.within(answer, worth, goal, low, high, value)
        for r in range(m):
            slope[r] = scaled[r] / length[r] - multiplier[r]
            multiplier[r] += slope[r]
        dual.copy(value, last)
        dual.pushed_by(through, slope, rest)
        pushed(blocks, active, loads, held, spring, value, 1.0, push)
        for a in range(size):
            costate[a] += rest[a]
            before[a], way[a], origin[a] = way[a], push[a] - force[a], x[a]
        left = _distance(push, force, unit)
        dual.solved(factors, way)
        part = 1.0 if steps < 2 else _relaxed(way, before, part, unit)
        for a in range(size):
            x[a] += part * way[a]
        fresh, serves = False, not (cold and steps == 0)
        steps += 1
    return UNFINISHED, steps, unbalanced


@inner
def pushed(
    blocks: Blocks,
    active: Floats,
    loads: Floats,
    held: Floats,
    spring: Floats,
    a: Floats,
    braced: float,
    out: Floats,
) -> None:
    """load + pull·a, with what deviations do at their braces or (0) without; `loads` are what stays and what grows."""
    elements = len(active)
    for n in range(len(out)):
        out[n] = loads[0, n] + loads[1, n] * a[elements]
    tension = np.empty(elements)
    for e in range(elements):
        tension[e] = active[e] * a[e]
    pull(elements, *blocks, tension, out)
    for r in range(len(a) - elements - 1):
        push = braced * spring[r] * a[elements + 1 + r]
        if push != 0.0:
            for n in range(len(out)):
                out[n] += push * held[r, n]


@inner
def pulled(
    blocks: Blocks, active: Floats, loads: Floats, held: Floats, spring: Floats, costate: Floats, out: Floats
) -> None:
    """pullᵀ·ν."""
    elements = len(active)
    stretches(elements, *blocks, costate, out)
    for e in range(elements):
        out[e] *= active[e]
    for r in range(-1, len(out) - elements - 1):
        total = 0.0
        for n in range(len(costate)):
            total += (loads[1, n] if r < 0 else spring[r] * held[r, n]) * costate[n]
        out[elements + 1 + r] = total


@inner
def _distance(a: Floats, b: Floats, unit: Floats) -> float:
    total = 0.0
    for n in range(len(a)):
        total += ((a[n] - b[n]) / unit[n]) ** 2
    return math.sqrt(total)


@inner
def _relaxed(way: Floats, before: Floats, part: float, unit: Floats) -> float:
    """How much of the way to go: less the more of it only takes back the way before (Aitken)."""
    across = square = 0.0
    for n in range(len(way)):
        turn = (way[n] - before[n]) * unit[n]
        across += before[n] * unit[n] * turn
        square += turn * turn
    return min(max(-part * across / max(square, 1e-300), SHORTEST), 1.0)


@inner
def eliminated(
    blocks: Blocks,
    active: Floats,
    loads: Floats,
    held: Floats,
    spring: Floats,
    worth: Floats,
    factors: Floats,
    through: Floats,
    rows: Floats,
    length: Floats,
) -> None:
    """Demands in the unknowns alone: `through` held·K⁻¹, rows of unit length in the metric of the weights."""
    free = rows.shape[1] - len(active) - 1
    for r in range(len(length)):
        dual.copy(held[r], through[r])
        dual.solved(factors, through[r])
        pulled(blocks, active, loads, held, spring, through[r], rows[r])
        if r < free:
            rows[r, len(active) + 1 + r] -= 1.0
        total = 0.0
        for u in range(rows.shape[1]):
            total += rows[r, u] * rows[r, u] * worth[u]
        length[r] = math.sqrt(total) if total > 0.0 else 1.0
        for u in range(rows.shape[1]):
            rows[r, u] /= length[r]


@inner
def _further(
    blocks: Blocks,
    active: Floats,
    loads: Floats,
    held: Floats,
    spring: Floats,
    worth: Floats,
    target: Floats,
    low: Floats,
    high: Floats,
    softness: Floats,
    factors: Floats,
    through: Floats,
    rows: Floats,
    length: Floats,
    multiplier: Floats,
    push: Floats,
    way: Floats,
    turn: Floats,
) -> None:
    """dx and dmultiplier as λ grows by one, as in `numerics.balance`; `push` is room for what acts on the unknowns."""
    m, n = rows.shape
    free, long = np.empty(n), np.empty(m)
    for r in range(m):
        long[r] = multiplier[r] * length[r]
    dual.pushed_by(rows, long, push)
    for u in range(n):
        free[u] = worth[u] if low[u] < target[u] + push[u] * worth[u] < high[u] else 0.0
    curvature, trace = np.zeros((m, m)), 0.0
    dual.times(through, loads[1], turn)
    for r in range(m):
        turn[r] = -turn[r]
        for q in range(r + 1):
            total = 0.0
            for u in range(n):
                total += rows[r, u] * free[u] * rows[q, u]
            curvature[r, q] = total * length[r] * length[q]
        curvature[r, r] += softness[r]
        trace += curvature[r, r]
    for r in range(m):
        curvature[r, r] += 1e-12 * trace + 1e-30
    if not dual.factored(curvature):
        return
    dual.solved(curvature, turn)
    for r in range(m):
        long[r] = turn[r] * length[r]
    dual.pushed_by(rows, long, push)
    for u in range(n):
        push[u] *= free[u]
    pushed(blocks, active, loads, held, spring, push, 1.0, way)
    for a in range(len(way)):
        way[a] += loads[1, a] - loads[0, a]
    dual.solved(factors, way)
