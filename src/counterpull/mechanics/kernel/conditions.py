"""`numerics.conditions` for the processor, one draw: Newton's method on all conditions of a balance at once.

How the tangent changes with x, which `balance.find` does not see, is taken by differences. It decides only how fast
the steps settle: the conditions themselves are exact.
"""

import math

import numpy as np

from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.kernel import dual
from counterpull.mechanics.kernel.balance import CONVERGED, INFEASIBLE, UNFINISHED, eliminated, pulled, pushed
from counterpull.mechanics.kernel.law import felt, room_for, tangent
from counterpull.mechanics.kernel.tissue import Blocks, inner, stiffen
from counterpull.numerics.problem import Outcome
from counterpull.numerics.tolerances import SETTLE_HALVINGS, SETTLE_STEPS, SETTLED

UNSTABLE = int(Outcome.UNSTABLE)
_APART = 1e-7
"""m or rad from which the change of the tangent is taken."""


@inner
def settle(
    tissue: tuple,
    i: int,
    blocks: Blocks,
    bare: Floats,
    active: Floats,
    loads: Floats,
    weight: Floats,
    target: Floats,
    low: Floats,
    high: Floats,
    held: Floats,
    softness: Floats,
    unit: Floats,
    x: Floats,
    multiplier: Floats,
    costate: Floats,
    value: Floats,
) -> tuple[int, int, float]:
    """Settle draw i from (x, multiplier), and write there what was found: outcome, steps, unbalanced force.

    `bare` is the linear stiffness without braces. What does not settle is left UNFINISHED, anywhere.
    """
    m, size = held.shape
    every = 2 * size + m
    of_every, of_place = np.empty((4, every)), np.empty((3, size))
    at, trial, miss, scale = of_every[0], of_every[1], of_every[2], of_every[3]
    force, product, push = of_place[0], of_place[1], of_place[2]
    matrix, stiff, spread = np.empty((every, every)), np.empty((size, size)), np.empty((size, size))
    room = room_for(len(blocks[0]))

    tangent(tissue, i, blocks, bare, x, False, room, stiff)
    _mirrored(stiff)
    _start(stiff, loads, held, unit, x, multiplier, at, scale)
    given = (
        tissue,
        i,
        blocks,
        bare,
        active,
        loads,
        weight,
        target,
        low,
        high,
        held,
        softness,
        np.zeros(m),
        room,
    )
    now, left = _misses(given, scale, at, value, force, product, push, miss)
    steps = 0
    while left > SETTLED and steps < SETTLE_STEPS:
        tangent(tissue, i, blocks, bare, at[:size], False, room, stiff)
        _spread(given, at, spread)
        _slopes(given, scale, at, stiff, spread, value, force, product, push, trial, matrix)
        if not dual.swept(matrix, miss):
            break
        way = matrix[0]  # used up
        dual.copy(miss, way)
        part, steps = 1.0, steps + 1
        while True:
            for a in range(every):
                trial[a] = at[a] - part * way[a]
            then, left = _misses(given, scale, trial, value, force, product, push, miss)
            if then < (1.0 - 0.01 * part) * now or part <= 0.5**SETTLE_HALVINGS:
                break
            part *= 0.5
        dual.copy(trial, at)
        now = then
    if not left <= SETTLED:
        return UNFINISHED, steps, math.inf
    largest, unbalanced = 1e-3, 0.0
    for a in range(size):
        x[a], costate[a] = at[a], at[size + a]
        largest = max(largest, max(abs(loads[0, a]), abs(push[a]), abs(force[a])) / unit[a])
        unbalanced = max(unbalanced, abs(force[a] - push[a]) / unit[a])
    for r in range(m):
        multiplier[r] = at[2 * size + r]
    return CONVERGED, steps, unbalanced / largest


@inner
def reason(
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
    x: Floats,
    multiplier: Floats,
) -> int:
    """Why draw i is not finished, asked at the braced tangent at x: as `numerics.balance.verdict`."""
    m, size, n, room = len(spring), len(x), len(weight), room_for(len(blocks[0]))
    factors, through, rows = np.empty((size, size)), np.empty((m, size)), np.empty((m, n))
    of_place, of_demand, of_unknown = np.zeros((3, size)), np.empty((6, m)), np.empty((3, n))
    force, product, rest = of_place[0], of_place[1], of_place[2]
    length, aim, slope, scaled, firm, moved = (
        of_demand[0], of_demand[1], of_demand[2], of_demand[3], of_demand[4], of_demand[5],
    )  # fmt: skip
    worth, push, value = of_unknown[0], of_unknown[1], of_unknown[2]
    for u in range(n):
        worth[u] = 1.0 / weight[u]
    tangent(tissue, i, blocks, linear, x, False, room, factors)
    if not dual.factored(factors):
        return UNSTABLE
    eliminated(blocks, active, loads, held, spring, worth, factors, through, rows, length)
    felt(tissue, i, blocks, linear, x, rest, room, force, product)
    for a in range(size):
        rest[a] = loads[0, a] - force[a]
    dual.times(held, x, moved)
    dual.times(through, rest, aim)
    for r in range(m):
        aim[r] = -(moved[r] + aim[r]) / length[r]
        scaled[r], firm[r] = multiplier[r] * length[r], softness[r] / (length[r] * length[r])
    if dual.refused(rows, worth, target, low, high, aim, firm, scaled, push, slope, value):
        return INFEASIBLE
    return UNFINISHED


@inner
def _start(
    stiff: Floats,
    loads: Floats,
    held: Floats,
    unit: Floats,
    x: Floats,
    multiplier: Floats,
    at: Floats,
    scale: Floats,
) -> None:
    """Where to start: x, its costate and the multipliers; and what counts as one in each condition."""
    m, size = held.shape
    costate, work, newtons, most = np.empty(size), np.empty((size, size)), 1.0, 1e-6
    dual.pushed_by(held, multiplier, costate)
    for a in range(size):
        dual.copy(stiff[a], work[a])
        newtons = max(newtons, abs(loads[0, a]) / unit[a])
    dual.swept(work, costate)
    for a in range(size):
        at[a], at[size + a] = x[a], costate[a]
        most = max(most, abs(costate[a]) * math.sqrt(abs(stiff[a, a])))
    for a in range(size):
        scale[a] = newtons * unit[a]
        scale[size + a] = most * max(math.sqrt(abs(stiff[a, a])), 1e-3)
    for r in range(m):
        at[2 * size + r], scale[2 * size + r] = multiplier[r], 1e-3


@inner
def _spread(given: tuple, at: Floats, out: Floats) -> None:
    """The force by which unknowns answer to a change of the costate, (N, N) in the lower triangle: P D Pᵀ."""
    _, _, blocks, _, active, loads, _, _, _, _, held, _, _, room = given
    size, elements = held.shape[1], len(active)
    free = np.empty(len(given[6]))
    _freed(given, at, free)
    for a in range(size):
        for b in range(size):
            out[a, b] = free[elements] * loads[1, a] * loads[1, b]
    for e in range(elements):
        room[0][e] = free[e] * active[e] * active[e]
    stiffen(elements, blocks[0], blocks[1], blocks[2], room[0], out)


@inner
def _freed(given: tuple, at: Floats, out: Floats) -> None:
    """How far each unknown answers to what acts on it: one over its weight, 0 at a bound."""
    _, _, blocks, _, active, loads, weight, target, low, high, held, _, none, _ = given
    size = held.shape[1]
    pulled(blocks, active, loads, held, none, at[size : 2 * size], out)
    for u in range(len(weight)):
        acts = out[u] - (at[2 * size + u - len(active) - 1] if u > len(active) else 0.0)
        wanted = target[u] + acts / weight[u]
        out[u] = 1.0 / weight[u] if low[u] < wanted < high[u] else 0.0


@inner
def _slopes(
    given: tuple,
    scale: Floats,
    at: Floats,
    stiff: Floats,
    spread: Floats,
    value: Floats,
    force: Floats,
    product: Floats,
    push: Floats,
    work: Floats,
    out: Floats,
) -> None:
    """How all misses change with x, costate and multipliers; of `stiff` and `spread` the lower triangles count."""
    _, _, _, _, active, _, weight, _, _, _, held, softness, _, _ = given
    (m, size), elements = held.shape, len(active)
    for a in range(len(at)):
        for b in range(len(at)):
            out[a, b] = 0.0
    _freed(given, at, value)
    for r in range(m):
        out[2 * size + r, 2 * size + r] = softness[r]
        if elements + 1 + r < len(weight):
            out[2 * size + r, 2 * size + r] += value[elements + 1 + r]
    for b in range(size):
        here = at[b]
        for sign in range(2):
            at[b] = here + (_APART if sign else -_APART)
            _misses(given, scale, at, value, force, product, push, work)
            for a in range(size):
                slope = work[size + a] * scale[size + a] / (2.0 * _APART)
                out[size + a, b] = slope - out[size + a, b] if sign else slope
        at[b] = here
        for a in range(size):
            out[a, b] = out[size + a, size + b] = stiff[max(a, b), min(a, b)]
            out[a, size + b] = -spread[max(a, b), min(a, b)]
        for r in range(m):
            out[2 * size + r, b] = held[r, b]
            out[size + b, 2 * size + r] = -held[r, b]
    for a in range(len(at)):
        for b in range(len(at)):
            out[a, b] /= scale[a]


@inner
def _misses(
    given: tuple,
    scale: Floats,
    at: Floats,
    value: Floats,
    force: Floats,
    product: Floats,
    push: Floats,
    out: Floats,
) -> tuple[float, float]:
    """Write how far each condition is from being met, in its scale; the norm, and the largest."""
    tissue, i, blocks, bare, active, loads, weight, target, low, high, held, softness, none, room = given
    (m, size), n, elements = held.shape, len(weight), len(active)
    x, costate, multiplier = at[:size], at[size : 2 * size], at[2 * size :]
    felt(tissue, i, blocks, bare, x, costate, room, force, product)
    pulled(blocks, active, loads, held, none, costate, value)
    for u in range(n):
        acts = value[u] - (multiplier[u - elements - 1] if u > elements else 0.0)
        value[u] = min(max(target[u] + acts / weight[u], low[u]), high[u])
    pushed(blocks, active, loads, held, none, value, 0.0, push)
    for a in range(size):
        out[a], out[size + a] = force[a] - push[a], product[a]
    for r in range(m):
        moved = softness[r] * multiplier[r]
        if elements + 1 + r < n:
            moved -= value[elements + 1 + r]
        for a in range(size):
            moved += held[r, a] * x[a]
            out[size + a] -= held[r, a] * multiplier[r]
        out[2 * size + r] = moved
    square, largest = 0.0, 0.0
    for a in range(len(out)):
        out[a] /= scale[a]
        square += out[a] * out[a]
        # Not a number is never small.
        largest = abs(out[a]) if not abs(out[a]) <= largest else largest
    return math.sqrt(square), largest


@inner
def _mirrored(matrix: Floats) -> None:
    """Fill the upper triangle from the lower one."""
    for a in range(len(matrix)):
        for b in range(a):
            matrix[b, a] = matrix[a, b]
