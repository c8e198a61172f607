"""Draws of a model for the processor: what is asked of each, made ready and balanced, one after the other."""

from typing import NamedTuple

import numpy as np
from numba import njit

from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.kernel.balance import CONVERGED, find
from counterpull.mechanics.kernel.conditions import reason, settle
from counterpull.mechanics.kernel.dual import copy
from counterpull.mechanics.kernel.tissue import BLOCK, inner, stiffen, thin


class Given(NamedTuple):
    """A Model as contiguous arrays: n draws, G variants, E elements, S strings, N coordinates.

    What is held has a size of whole blocks: filled up by coordinates that do not move.
    """

    variant: np.ndarray
    pull: Floats
    """(G, E, N)"""
    linear: Floats
    toppling: Floats
    axis: Floats
    """(n, S, N)"""
    frame: Floats
    """(n, 12, N)"""
    tissue: tuple
    """Of fibres, strings and joints, in the order in which `tissue` takes them."""
    moving: Floats
    loads: Floats
    """(n, 2, N): what does not grow, and what λ multiplies."""
    active: Floats
    short_range: Floats
    weight: Floats
    low: Floats
    high: Floats
    target: Floats
    held: Floats
    """(m, N) without the soft rows of protection."""
    softness: Floats
    spring: Floats
    limit: Floats
    """(12,) shifts and turns of the joints that cost one unit of protection; empty without."""
    unit: Floats


class Wanted(NamedTuple):
    """What is asked of each of n draws: see `asked.Asked`."""

    quick: Floats
    most: Floats
    """By which the posture may deviate."""
    price: Floats
    drive: Floats
    before: Floats
    effort: Floats
    factor: Floats
    x: Floats
    multiplier: Floats
    cold: Floats
    most_steps: Floats
    tolerance: Floats
    onward: Floats
    newton_steps: Floats
    caution: Floats
    settles: Floats
    """1: by Newton's method on all conditions at once."""


class Results(NamedTuple):
    """What is found: see `asked.Found`; `value` is activations, then λ, then deviations."""

    x: Floats
    value: Floats
    multiplier: Floats
    outcome: np.ndarray
    steps: np.ndarray
    unbalanced: Floats
    again: Floats
    way: Floats
    turn: Floats


@njit(cache=True, nogil=True)
def balance_draws(given: Given, wanted: Wanted, rows: np.ndarray, turns: np.ndarray, out: Results) -> None:
    """Balance draws rows[turns] of a model, in this order; `wanted` and `out` are in the order of `rows`."""
    elements, strings, real = given.pull.shape[1], given.axis.shape[1], given.pull.shape[2]
    m, size = given.held.shape
    free = m - len(given.limit)
    n, tissues = elements + 1 + free, elements + strings + 12
    count, begin = np.zeros(tissues, np.int64), np.zeros((tissues, size // BLOCK), np.int64)
    value, held = np.zeros((tissues, size // BLOCK, BLOCK)), np.zeros((m, size))
    stiff, bare, fast = np.empty((size, size)), np.empty((size, size)), np.zeros((size, size))
    none = np.zeros(m)
    of_place, loads, of_unknown = np.zeros((4, size)), np.zeros((2, size)), np.empty((5, n))
    moving, x, way, costate = of_place[0], of_place[1], of_place[2], of_place[3]
    weight, target, low, high = of_unknown[0], of_unknown[1], of_unknown[2], of_unknown[3]
    answer = of_unknown[4]
    variant = -1
    for r in range(m):
        copy(given.held[r], held[r])
    for q in turns:
        i, quick = int(rows[q]), float(wanted.quick[q])
        copy(given.moving[i], moving)
        if given.variant[i] != variant:
            variant = given.variant[i]
            thin(given.pull[variant], moving, elements, count, begin, value)
        thin(given.axis[i], moving, elements + strings, count, begin, value)
        thin(given.frame[i], moving, tissues, count, begin, value)
        for a in range(real):
            for r in range(free, m):
                held[r, a] = given.frame[i, r - free, a] / given.limit[r - free] * moving[a]
        for kind in range(2):
            copy(given.loads[i, kind], loads[kind])
        if quick > 0.0:
            # Stretch counts from the baseline, and what has toppled so far stays.
            for e in range(elements):
                answer[e] = given.short_range[i, e] * wanted.drive[q, e] * quick
            for a in range(real):
                for b in range(real):
                    fast[a, b] = 0.0
            stiffen(elements, count, begin, value, answer, fast)
            for a in range(real):
                for b in range(real):
                    fast[a, b] = fast[max(a, b), min(a, b)] - quick * given.toppling[i, a, b]
                    loads[0, a] += fast[a, b] * wanted.before[q, b]
        _stiff(given.linear[i], given.toppling[i], fast, quick, moving, held, given.spring, stiff)
        for a in range(real):
            loads[0, a] *= moving[a]
            loads[1, a] *= moving[a]
            x[a] = wanted.x[q, a]
        for e in range(elements):
            weight[e] = given.weight[i, e] * wanted.effort[q]
            low[e], high[e], target[e] = given.low[i, e], given.high[i, e], given.target[i, e]
            if quick > 0.0:
                low[e] = high[e] = target[e] = min(max(wanted.drive[q, e] + low[e], 0.0), 1.0)
        target[elements], low[elements] = wanted.factor[q, 0], wanted.factor[q, 1]
        high[elements], weight[elements] = wanted.factor[q, 2], wanted.factor[q, 3]
        for u in range(elements + 1, n):
            weight[u], target[u], low[u], high[u] = wanted.price[q], 0.0, -wanted.most[q], wanted.most[q]
        again, cost = out.again[q], out.multiplier[q]
        copy(wanted.multiplier[q], again)
        if wanted.settles[q] > 0.0:
            copy(again, cost)
            copy(x, way)
            _stiff(given.linear[i], given.toppling[i], fast, quick, moving, held, none, bare)
            out.outcome[q], out.steps[q], out.unbalanced[q] = settle(
                given.tissue, i, (count, begin, value), bare, given.active[i], loads,
                weight, target, low, high, held, given.softness, given.unit,
                x, cost, costate, answer,
            )  # fmt: skip
            if out.outcome[q] != CONVERGED:
                # It stays where it was, with the reason.
                copy(way, x)
                copy(again, cost)
                out.steps[q], out.unbalanced[q] = 0, 0.0
                for u in range(n):
                    answer[u] = 0.0
                out.outcome[q] = reason(
                    given.tissue, i, (count, begin, value), stiff, given.active[i], loads,
                    weight, target, low, high, held, given.softness, given.spring, x, again,
                )  # fmt: skip
        else:
            out.outcome[q], out.steps[q], out.unbalanced[q] = find(
                given.tissue, i, (count, begin, value), stiff, given.active[i], loads,
                weight, target, low, high, held, given.softness, given.spring, given.unit,
                bool(wanted.cold[q]), int(wanted.most_steps[q]), float(wanted.tolerance[q]), bool(wanted.onward[q]),
                int(wanted.newton_steps[q]), float(wanted.caution[q]),
                x, again, costate, answer, way, out.turn[q],
            )  # fmt: skip
            for r in range(m):
                # To move a held coordinate also strains its spring; without it, it costs this.
                strain = 0.0
                for a in range(size):
                    strain += held[r, a] * costate[a]
                cost[r] = again[r] - given.spring[r] * strain
        copy(answer, out.value[q])
        for a in range(real):
            out.x[q, a], out.way[q, a] = x[a], way[a] * wanted.onward[q]


@inner
def _stiff(
    linear: Floats,
    toppling: Floats,
    fast: Floats,
    quick: float,
    moving: Floats,
    held: Floats,
    spring: Floats,
    out: Floats,
) -> None:
    """Linear stiffness of a draw with its braces, and where it is `quick` what is fast; 1 where nothing moves."""
    real = linear.shape[0]
    for a in range(out.shape[0]):
        for b in range(out.shape[0]):
            out[a, b] = 0.0 if a != b else 1.0 - moving[a]
    for a in range(real):
        for b in range(real):
            still = linear[a, b] + toppling[a, b]
            if quick > 0.0:
                still += fast[a, b]
            out[a, b] += still * moving[a] * moving[b]
    for r in range(len(spring)):
        for a in range(out.shape[0]):
            if spring[r] * held[r, a] != 0.0:
                for b in range(out.shape[0]):
                    out[a, b] += held[r, a] * spring[r] * held[r, b]
