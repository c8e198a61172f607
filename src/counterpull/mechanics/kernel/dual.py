"""`numerics.dual` for the processor: Newton steps on the dual of two-sided demands, and small linear systems."""

import math

import numpy as np

from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.kernel.tissue import inner
from counterpull.numerics.tolerances import (
    CLOSE,
    COARSEST,
    DUAL_STEPS,
    LEAP,
    LEAST_CURVATURE,
    SEARCH_STEPS,
)

_EPS = float(np.finfo(float).eps)


@inner
def copy(of: Floats, to: Floats) -> None:
    """Write one vector into another."""
    for n in range(len(of)):
        to[n] = of[n]


@inner
def factored(matrix: Floats) -> bool:
    """Cholesky in the lower triangle (and its transpose in the upper one), one over the diagonal; whether positive."""
    size = matrix.shape[0]
    for k in range(size):
        if not matrix[k, k] > 0.0:
            return False
        matrix[k, k] = 1.0 / math.sqrt(matrix[k, k])
        for i in range(k + 1, size):
            matrix[i, k] *= matrix[k, k]
            matrix[k, i] = matrix[i, k]
        for i in range(k + 1, size):
            factor = matrix[i, k]
            if factor != 0.0:
                for j in range(k + 1, i + 1):
                    matrix[i, j] -= factor * matrix[k, j]
    return True


@inner
def solved(factors: Floats, right: Floats) -> None:
    """Put K⁻¹ right in the place of `right`, with what `factored` wrote."""
    size = len(right)
    for i in range(size):
        total = right[i]
        for j in range(i):
            total -= factors[i, j] * right[j]
        right[i] = total * factors[i, i]
    for i in range(size - 1, -1, -1):
        total = right[i]
        for j in range(i + 1, size):
            total -= factors[i, j] * right[j]
        right[i] = total * factors[i, i]


@inner
def swept(matrix: Floats, right: Floats) -> bool:
    """Put matrix⁻¹ right in the place of `right`; the matrix, any regular one, is used up; whether it was regular."""
    size = len(right)
    for k in range(size):
        best = k
        for i in range(k + 1, size):
            if abs(matrix[i, k]) > abs(matrix[best, k]):
                best = i
        if not abs(matrix[best, k]) > 0.0:
            return False
        if best != k:
            for j in range(k, size):
                matrix[k, j], matrix[best, j] = matrix[best, j], matrix[k, j]
            right[k], right[best] = right[best], right[k]
        for i in range(k + 1, size):
            factor = matrix[i, k] / matrix[k, k]
            if factor != 0.0:
                for j in range(k + 1, size):
                    matrix[i, j] -= factor * matrix[k, j]
                right[i] -= factor * right[k]
    for k in range(size - 1, -1, -1):
        for j in range(k + 1, size):
            right[k] -= matrix[k, j] * right[j]
        right[k] /= matrix[k, k]
    return True


@inner
def pushed_by(rows: Floats, multiplier: Floats, out: Floats) -> None:
    """rowsᵀ multiplier (n,)."""
    for i in range(len(out)):
        out[i] = 0.0
    for r in range(len(multiplier)):
        for i in range(len(out)):
            out[i] += multiplier[r] * rows[r, i]


@inner
def times(rows: Floats, x: Floats, out: Floats) -> None:
    """rows x (m,)."""
    for r in range(rows.shape[0]):
        total = 0.0
        for n in range(len(x)):
            total += rows[r, n] * x[n]
        out[r] = total


@inner
def times_both(rows: Floats, x: Floats, y: Floats, of_x: Floats, of_y: Floats) -> None:
    """rows x and rows y, in one reading of the rows."""
    for r in range(rows.shape[0]):
        one = other = 0.0
        for n in range(len(x)):
            one += rows[r, n] * x[n]
            other += rows[r, n] * y[n]
        of_x[r], of_y[r] = one, other


@inner
def within(push: Floats, worth: Floats, target: Floats, low: Floats, high: Floats, out: Floats) -> None:
    """The unknowns that a push brings about; `worth` is one over the weight."""
    for i in range(len(out)):
        out[i] = min(max(target[i] + push[i] * worth[i], low[i]), high[i])


@inner
def close(aim: Floats, multiplier: Floats) -> float:
    """How small a slope counts as none."""
    largest, furthest = 0.0, 0.0
    for r in range(len(aim)):
        largest, furthest = max(largest, abs(multiplier[r])), max(furthest, abs(aim[r]))
    return min(max(_EPS * largest, CLOSE), COARSEST) * (1.0 + furthest)


@inner
def raised(
    rows: Floats,
    worth: Floats,
    target: Floats,
    low: Floats,
    high: Floats,
    aim: Floats,
    soft: Floats,
    multiplier: Floats,
    push: Floats,
    slope: Floats,
    value: Floats,
    most: int,
) -> bool:
    """Move the multipliers by Newton steps until the slope is gone, or `most`; whether there was always a direction.

    `push`, `slope` and the unknowns `value` are those at the multipliers, and are used up.
    """
    for step in range(most):
        if not newton(rows, worth, target, low, high, aim, soft, multiplier, push, slope):
            return False
        if step == most - 1:
            break
        if sloped(rows, worth, target, low, high, aim, soft, multiplier, push, slope, value):
            break
    return True


@inner
def sloped(
    rows: Floats,
    worth: Floats,
    target: Floats,
    low: Floats,
    high: Floats,
    aim: Floats,
    soft: Floats,
    multiplier: Floats,
    push: Floats,
    slope: Floats,
    value: Floats,
) -> bool:
    """Write push, slope and unknowns at the multipliers; whether the slope counts as none."""
    pushed_by(rows, multiplier, push)
    within(push, worth, target, low, high, value)
    times(rows, value, slope)
    missed = 0.0
    for r in range(len(aim)):
        slope[r] += soft[r] * multiplier[r] - aim[r]
        missed = max(missed, abs(slope[r]))
    return missed <= close(aim, multiplier)


@inner
def refused(
    rows: Floats,
    worth: Floats,
    target: Floats,
    low: Floats,
    high: Floats,
    aim: Floats,
    soft: Floats,
    multiplier: Floats,
    push: Floats,
    slope: Floats,
    value: Floats,
) -> bool:
    """Raise the multipliers as far as they go; whether they come to prove that hard demands cannot be met."""
    for _ in range(DUAL_STEPS):
        if sloped(rows, worth, target, low, high, aim, soft, multiplier, push, slope, value):
            return False
        if not newton(rows, worth, target, low, high, aim, soft, multiplier, push, slope):
            return False
        if impossible(rows, low, high, aim, soft, multiplier):
            return True
    return False


@inner
def newton(
    rows: Floats,
    worth: Floats,
    target: Floats,
    low: Floats,
    high: Floats,
    aim: Floats,
    soft: Floats,
    multiplier: Floats,
    push: Floats,
    slope: Floats,
) -> bool:
    """Move the multipliers by one Newton step with an exact search along it; whether there was a direction.

    `push` is rowsᵀ multiplier and `slope` the slope there.
    """
    m, n = rows.shape
    curvature, way, turn, free = np.zeros((m, m)), np.empty(m), np.empty(n), np.empty(n)
    for i in range(n):
        wanted = target[i] + push[i] * worth[i]
        free[i] = worth[i] if low[i] <= wanted <= high[i] else 0.0
    for r in range(m):
        way[r] = -slope[r]
        for i in range(n):
            turn[i] = rows[r, i] * free[i]
        for q in range(r + 1):
            total = 0.0
            for i in range(n):
                total += turn[i] * rows[q, i]
            curvature[r, q] = total
        curvature[r, r] += soft[r] + LEAST_CURVATURE
    if not factored(curvature):
        return False
    solved(curvature, way)
    pushed_by(rows, way, turn)
    length = _searched(push, turn, worth, target, low, high, aim, soft, multiplier, way)
    for r in range(m):
        multiplier[r] += length * way[r]
    return True


@inner
def _searched(
    push: Floats,
    turn: Floats,
    worth: Floats,
    target: Floats,
    low: Floats,
    high: Floats,
    aim: Floats,
    soft: Floats,
    multiplier: Floats,
    way: Floats,
) -> float:
    """Length of the step at which the slope along the way is zero."""
    n = len(push)
    steady = bend = price = 0.0
    for r in range(len(way)):
        steady += (soft[r] * multiplier[r] - aim[r]) * way[r]
        bend += soft[r] * way[r] ** 2
        price += (abs(aim[r]) + soft[r] * abs(multiplier[r])) * abs(way[r])
    for i in range(n):
        price += abs(turn[i]) * max(abs(low[i]), abs(high[i]))
    rounding = 4.0 * _EPS * price
    least, most, t, value = 0.0, math.inf, 1.0, 0.0
    for _ in range(SEARCH_STEPS):
        value, curvature = steady + t * bend, bend
        for i in range(n):
            wanted = target[i] + (push[i] + t * turn[i]) * worth[i]
            value += turn[i] * min(max(wanted, low[i]), high[i])
            curvature += turn[i] * turn[i] * worth[i] if low[i] < wanted < high[i] else 0.0
        if value <= 0.0:
            least = t
        else:
            most = t
        if abs(value) <= rounding:
            return t
        following = t - value / curvature if curvature > 0.0 else -1.0
        if not (least < following < min(most, LEAP * t)):
            if most == math.inf:
                following = LEAP * t
            elif least == 0.0:
                following = t / LEAP
            elif most > LEAP * least:
                following = math.sqrt(least) * math.sqrt(most)
            else:
                following = 0.5 * (least + most)
        if following == t:
            break
        t = following
    return t if value <= 0.0 or least == 0.0 else max(least, 0.9 * t)


@inner
def impossible(
    rows: Floats, low: Floats, high: Floats, aim: Floats, soft: Floats, multiplier: Floats
) -> bool:
    """Whether the multipliers of the hard demands prove that these cannot be met."""
    best = worth = price = gain = 0.0
    y = np.zeros(rows.shape[1])
    for r in range(len(aim)):
        if soft[r] == 0.0:
            gain += aim[r] * multiplier[r]
            price += abs(aim[r]) * abs(multiplier[r])
            for i in range(len(y)):
                y[i] += rows[r, i] * multiplier[r]
    for i in range(len(y)):
        best += max(low[i] * y[i], high[i] * y[i])
        worth += abs(y[i]) * max(abs(low[i]), abs(high[i]))
    return best < gain - 1e-9 * (worth + price) - 1e-300
