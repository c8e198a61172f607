"""Least effort again, plainly: one problem at a time, by an interior point in NumPy; and limits, by HiGHS.

What the fast method of `dual` finds is checked against this. An answer of least effort is held against its
conditions of optimality before it is called CONVERGED: with y = rowsᵀλ and g(a) the slope of the effort,

    a = clip(a - (g(a) - y) / w, lo, hi)           no unknown is worth changing
    rows·a - aim + softness λ = 0                  where one-sided: ≥ 0, λ ≥ 0, and one of them is 0

A one-sided soft demand is priced only for what it lacks.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from counterpull.numerics.problem import Outcome, Problem, Solution
from counterpull.quantities import InputError

Floats = NDArray[np.floating[Any]]

MOST_STEPS = 100
TOLERANCE = 1e-10
"""What may be left of the conditions of optimality, relative to the largest unknown and the largest aim. Where
multipliers are so large that rounding alone is more than that, up to a hundred times as much."""
_POLISHES = 5
_LITTLE = 1e-13
"""Softness that lets the interior point pass demands which say the same twice; it alters steps, not the answer."""
_MARGIN = 1e-9
"""By how much a proof of impossibility must hold, relative to the numbers that it adds up."""
_EXACT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


class Feasible(NamedTuple):
    """Whether the hard demands can be met within the bounds, and how nearly."""

    possible: bool
    certificate: Floats | None
    """λ (m,), zero on soft demands and not negative on one-sided ones, that proves that they cannot: within the
    bounds λ·(rows·a) stays below λ·aim (Farkas). None where they can."""
    least_miss: float
    """Smallest sum of what the hard demands lack, each over the length √(Σ rows² / w) of its row."""
    value: Floats
    """(n,) unknowns that come so near."""


# -- least effort --------------------------------------------------------------------------------------------


def least_effort(problem: Problem, exponent: int = 2) -> Solution:
    """The a within its bounds that meets the demands with least (1/p) Σ w |a - t|^p; p is the `exponent`, 2 or 3.

    One problem, not a batch; arrays as in `Problem`. Multipliers (m,) are what one more unit of each aim costs.
    An INFEASIBLE answer holds the certificate and the nearest unknowns of `feasible`; one that misses its
    conditions of optimality is UNFINISHED. Any other exponent is an InputError.

    Two muscles share 10 N m with arms of 1 and 2: by the square as 1 to 2, by the cube as √1 to √2.

    >>> one, none = np.ones(2), np.zeros(2)
    >>> task = Problem(one, none, none, 9 * one, [[1, 2]], [10], [0], [False])
    >>> least_effort(task).value.round(3).tolist()
    [2.0, 4.0]
    >>> least_effort(task, exponent=3).value.round(3).tolist()
    [2.612, 3.694]
    """
    if exponent not in (2, 3):
        raise InputError(f"Effort is a sum of squares or of cubes, got the exponent {exponent}. Use 2 or 3.")
    found = feasible(problem)
    if found.certificate is not None:
        return _solution(problem, found.value, found.certificate, Outcome.INFEASIBLE)
    task = _task(problem, exponent)
    *inner, steps = _interior(task)
    for value, multiplier in _polished(task, *inner), inner:
        rounding = np.finfo(float).eps * np.max(np.abs(multiplier), initial=0.0)
        if task.breach(value, multiplier) <= np.clip(rounding, TOLERANCE, 100 * TOLERANCE):
            return _solution(problem, value, multiplier / task.size, Outcome.CONVERGED, steps)
    return _solution(problem, inner[0], inner[1] / task.size, Outcome.UNFINISHED, steps)


class _Task(NamedTuple):
    """A Problem as NumPy arrays, its rows divided by their length √(Σ rows² / w), with the exponent of effort."""

    weight: Floats
    target: Floats
    low: Floats
    high: Floats
    rows: Floats
    aim: Floats
    softness: Floats
    one_sided: NDArray[np.bool_]
    size: Floats
    exponent: int

    def slope(self, a: Floats) -> Floats:
        """Of the effort (n,)."""
        return self.bend(a) * (a - self.target) / (self.exponent - 1)

    def bend(self, a: Floats) -> Floats:
        """Second derivative of the effort (n,)."""
        return (self.exponent - 1) * self.weight * np.abs(a - self.target) ** (self.exponent - 2)

    def wanted(self, multiplier: Floats) -> Floats:
        """The unknowns that these multipliers ask for, before their bounds (n,)."""
        y = self.rows.T @ multiplier / self.weight
        return self.target + np.sign(y) * np.abs(y) ** (1 / (self.exponent - 1))

    def excess(self, a: Floats, multiplier: Floats) -> Floats:
        """By how much the demands are exceeded, at their price (m,)."""
        return self.rows @ a - self.aim + self.softness * multiplier

    def breach(self, a: Floats, multiplier: Floats) -> float:
        """Largest breach of the conditions of optimality, relative."""
        better = a - (self.slope(a) - self.rows.T @ multiplier) / self.weight
        change = np.clip(better, self.low, self.high) - a
        excess = self.excess(a, multiplier)
        excess = np.where(self.one_sided, np.minimum(excess, multiplier), excess)
        largest = np.max(np.abs([self.low, self.high, self.target]), initial=1e-300)
        asked = 1.0 + np.max(np.abs(self.aim), initial=0.0)
        return max(np.max(np.abs(change), initial=0.0) / largest, np.max(np.abs(excess), initial=0.0) / asked)


def _task(problem: Problem, exponent: int = 2) -> _Task:
    weight, target, low, high, rows, aim, softness = (np.asarray(part, float) for part in problem[:7])
    size = np.sqrt(np.sum(rows**2 / weight, axis=1))
    size = np.where(size > 0, size, 1.0)
    one_sided = np.asarray(problem.one_sided, bool)
    rows, aim, softness = rows / size[:, None], aim / size, softness / size**2
    return _Task(weight, target, low, high, rows, aim, softness, one_sided, size, exponent)


def _solution(problem: Problem, value: Any, multiplier: Any, outcome: Outcome, steps: int = 0) -> Solution:
    """With NumPy arrays where `dual` has JAX's."""
    miss: Any = np.asarray(problem.rows) @ value - np.asarray(problem.aim)
    number: list[Any] = [np.array(int(outcome)), np.array(steps)]
    return Solution(value, multiplier, miss, *number)


def _interior(task: _Task) -> tuple[Floats, Floats, int]:
    """Interior point with Mehrotra's predictor and corrector: a (n,), λ (m,) and the steps taken.

    Equalities E a + e_soft λ = e: two-sided demands, unknowns without room. Inequalities C a + c_soft z - c = x:
    one-sided demands, bounds. x and z stay positive; each step aims at equal products x z, ever smaller.
    """
    one, loose, unit = task.one_sided, task.low < task.high, np.eye(task.low.size)
    E, C = np.vstack([task.rows[~one], unit[~loose]]), np.vstack([task.rows[one], unit[loose], -unit[loose]])
    e = np.concatenate([task.aim[~one], task.low[~loose]])
    c = np.concatenate([task.aim[one], task.low[loose], -task.high[loose]])
    e_soft, c_soft = np.zeros(e.size), np.zeros(c.size)
    e_soft[: np.sum(~one)], c_soft[: np.sum(one)] = task.softness[~one], task.softness[one]

    room = np.max(task.high - task.low, initial=0.0)
    a, free = 0.5 * (task.low + task.high), np.zeros(e.size)
    x = np.maximum(C @ a - c, 0.01 * (room + np.abs(c)) + _LITTLE)
    z = np.full(c.size, np.mean(task.weight) * room ** (task.exponent - 1) + _LITTLE)

    def newton(products: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Change of a, equalities' λ, x and z that meets all, with x z = products, were everything straight."""
        firm = x + z * c_soft
        push = (products - z * (C @ a + c_soft * z - c)) / firm
        stiff = np.diag(task.bend(a)) + (C.T * (z / firm)) @ C
        matrix = np.block([[stiff, -E.T], [E, np.diag(e_soft + _LITTLE)]])
        slope = task.slope(a) - E.T @ free - C.T @ z
        change = np.linalg.solve(matrix, np.concatenate([C.T @ push - slope, e - E @ a - e_soft * free]))
        da, dfree = change[: a.size], change[a.size :]
        dz = push - (z / firm) * (C @ da)
        return da, dfree, C @ (a + da) + c_soft * (z + dz) - c - x, dz

    def answer() -> tuple[Floats, Floats]:
        multiplier = np.zeros(one.size)
        multiplier[~one], multiplier[one] = free[: np.sum(~one)], z[: np.sum(one)]
        return np.clip(a, task.low, task.high), multiplier

    steps, least = 0, 1e-6**task.exponent * (x @ z)
    while task.breach(*answer()) > 0.01 * TOLERANCE and x @ z >= least and steps < MOST_STEPS:
        try:
            *_, dx, dz = newton(np.zeros_like(x))
            reach = min(1.0, _reach(x, dx, z, dz))
            now, ahead = x @ z / max(x.size, 1), (x + reach * dx) @ (z + reach * dz) / max(x.size, 1)
            da, dfree, dx, dz = newton(now * (ahead / max(now, 1e-300)) ** 3 - dx * dz)
        except np.linalg.LinAlgError:  # as near as rounding allows
            break
        reach = min(1.0, 0.995 * _reach(x, dx, z, dz))
        a, free, x, z = a + reach * da, free + reach * dfree, x + reach * dx, z + reach * dz
        steps += 1
    return *answer(), steps


def _reach(x: Floats, dx: Floats, z: Floats, dz: Floats) -> float:
    """How far x and z stay positive on their way."""
    both, change = np.concatenate([x, z]), np.concatenate([dx, dz])
    return float(np.min(both[change < 0] / -change[change < 0], initial=2.0))


def _polished(task: _Task, a: Floats, multiplier: Floats) -> tuple[Floats, Floats]:
    """Newton's method with those bounds and one-sided demands that bind taken as known, a few times over."""
    for _ in range(_POLISHES):
        wanted = task.wanted(multiplier)
        free = (wanted > task.low) & (wanted < task.high)
        a = np.clip(wanted, task.low, task.high)
        binds = ~task.one_sided | (multiplier > task.excess(a, multiplier))
        multiplier = np.where(binds, multiplier, 0.0)
        rows = task.rows[np.ix_(binds, free)]
        matrix = np.block([[np.diag(task.bend(a)[free]), -rows.T], [rows, np.diag(task.softness[binds])]])
        slope = task.slope(a) - task.rows.T @ multiplier
        right = -np.concatenate([slope[free], task.excess(a, multiplier)[binds]])
        change = np.linalg.lstsq(matrix, right, rcond=1e-14)[0]
        a[free] += change[: np.sum(free)]
        multiplier[binds] += change[np.sum(free) :]
    return np.clip(a, task.low, task.high), multiplier


# -- the largest, and whether at all -------------------------------------------------------------------------


def min_max(problem: Problem) -> Solution:
    """The least of the largest |a - t|, and under that ceiling least effort: first by HiGHS, then `least_effort`.

    One problem. The ceiling is what effort of an ever larger exponent comes to, and knows no weights; soft demands
    have their say only under it. Multipliers (m,): what one more unit of each hard aim adds to the ceiling.

    >>> task = Problem(np.ones(2), np.zeros(2), np.zeros(2), np.ones(2), [[1, 2]], [1.5], [0], [False])
    >>> min_max(task).value.round(6).tolist()
    [0.5, 0.5]
    """
    found, task = feasible(problem), _task(problem)
    if found.certificate is not None:
        return _solution(problem, found.value, found.certificate, Outcome.INFEASIBLE)
    n, m = task.low.size, task.aim.size
    unit, minus = np.eye(n), -np.ones((n, 1))
    lowest = _linear(
        task,
        cost=np.append(np.zeros(n), 1.0),
        more=np.zeros((m, 1)),
        under=np.block([[unit, minus], [-unit, minus]]),
        ceiling=np.concatenate([task.target, -task.target]),
    )
    # What has a price at its bound or at the ceiling stays there; the others have room below the ceiling.
    value, most = lowest.value[:n], lowest.value[n]
    stuck = lowest.bound[:n] + lowest.under[:n] + lowest.under[n:] > 1e-9
    low = np.where(stuck, value, np.maximum(task.low, task.target - most))
    high = np.where(stuck, value, np.minimum(task.high, task.target + most))
    second = least_effort(problem._replace(low=np.minimum(low, high), high=high))
    if second.outcome != Outcome.CONVERGED:
        return _solution(problem, value, lowest.multiplier / task.size, Outcome.UNFINISHED)
    return second._replace(multiplier=lowest.multiplier / task.size)


def feasible(problem: Problem) -> Feasible:
    """Whether some a within its bounds meets the hard demands; else the proof that none does. One problem.

    Phase one of the simplex method (HiGHS): the least sum of misses, whose dual is the proof.

    >>> weak = Problem(np.ones(2), np.zeros(2), np.zeros(2), np.ones(2), [[3, 4]], [12], [0], [False])
    >>> found = feasible(weak)
    >>> found.possible, found.least_miss, found.value.tolist()
    (False, 1.0, [1.0, 1.0])
    """
    task = _task(problem)
    n, m = task.low.size, task.aim.size
    lowest = _linear(
        task,
        cost=np.repeat([0.0, 1.0], [n, 2 * m]),
        more=np.hstack([np.eye(m), -np.eye(m)]),
        under=np.zeros((0, n + 2 * m)),
        ceiling=np.zeros(0),
    )
    proof = lowest.multiplier
    y = task.rows.T @ proof
    best = np.sum(np.maximum(task.low * y, task.high * y))
    added = np.abs(y) @ np.maximum(np.abs(task.low), np.abs(task.high)) + np.abs(task.aim) @ np.abs(proof)
    possible = bool(best >= task.aim @ proof - _MARGIN * added)
    miss = float(np.sum(lowest.value[n:]))
    return Feasible(possible, None if possible else proof / task.size, miss, lowest.value[:n])


class _Lowest(NamedTuple):
    """Answer to a linear program and the prices of its sides: demands (m,), bounds and `under`, the last two ≥ 0."""

    value: Floats
    multiplier: Floats
    bound: Floats
    under: Floats


def _linear(task: _Task, cost: Floats, more: Floats, under: Floats, ceiling: Floats) -> _Lowest:
    """Least cost·(a, b) with b ≥ 0, rows·a + more·b = aim (or ≥) on hard demands and under·(a, b) ≤ ceiling."""
    hard, extra = task.softness == 0, more.shape[1]
    two, one = hard & ~task.one_sided, hard & task.one_sided
    rows = np.hstack([task.rows, more])
    done = linprog(
        cost,
        A_eq=rows[two],
        b_eq=task.aim[two],
        A_ub=np.vstack([-rows[one], under]),
        b_ub=np.concatenate([-task.aim[one], ceiling]),
        bounds=np.vstack([np.stack([task.low, task.high], axis=1), np.tile([0.0, np.inf], (extra, 1))]),
        method="highs",
        options=_EXACT,
    )
    if done.status != 0:
        raise RuntimeError(f"HiGHS found no least value of a linear program that has one: {done.message}")
    multiplier = np.zeros(task.aim.size)
    multiplier[two], multiplier[one] = done.eqlin.marginals, -done.ineqlin.marginals[: np.sum(one)]
    bound = done.lower.marginals - done.upper.marginals
    return _Lowest(done.x, multiplier, bound, -done.ineqlin.marginals[np.sum(one) :])
