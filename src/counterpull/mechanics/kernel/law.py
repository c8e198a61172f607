"""`laws.law` for the processor, one draw: the force at x, and the tangent or what it makes of a vector."""

import numpy as np

from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.kernel import dual
from counterpull.mechanics.kernel.tissue import (
    Blocks,
    inner,
    pull_both,
    stiffen,
    stretches,
    stretches_both,
    tensions,
)
from counterpull.mechanics.laws import GRIP


@inner
def room_for(rows: int) -> tuple:
    """Room for what so many rows do: stretch, tension, slope, what a vector stretches, and tangents of the joints."""
    each, stiff = np.empty((4, rows)), np.empty((2, 6, 6))
    return each[0], each[1], each[2], each[3], stiff


@inner
def felt(
    tissue: tuple,
    i: int,
    blocks: Blocks,
    linear: Floats,
    x: Floats,
    costate: Floats,
    room: tuple,
    force: Floats,
    product: Floats,
) -> None:
    """Write the restoring force at x, and the tangent there times the costate; `linear` with braces."""
    stretch, tension, slope, turned, stiff = room
    rows = len(stretch)
    dual.times_both(linear, x, costate, force, product)
    stretches_both(rows, *blocks, x, costate, stretch, turned)
    tensions(tissue, i, stretch, tension, slope, stiff)
    for r in range(rows):
        slope[r] *= turned[r]
    for side in range(2):
        first = rows - 12 + 6 * side
        for a in range(6):
            for b in range(6):
                slope[first + a] += stiff[side, a, b] * turned[first + b]
    pull_both(rows, *blocks, tension, slope, force, product)


@inner
def tangent(
    tissue: tuple,
    i: int,
    blocks: Blocks,
    linear: Floats,
    x: Floats,
    closed: bool,
    room: tuple,
    out: Floats,
) -> None:
    """Write the lower triangle of the tangent at x; with `closed`, every string counts as taut."""
    stretch, tension, slope, _, stiff = room
    rows, (count, begin, value) = len(stretch), blocks
    stretches(rows, *blocks, x, stretch)
    tensions(tissue, i, stretch, tension, slope, stiff)
    if closed:
        stiffness = tissue[1][0]
        for s in range(stiffness.shape[1]):
            slope[rows - 12 - stiffness.shape[1] + s] = (1.0 + GRIP) * stiffness[i, s]
    for a in range(len(x)):
        dual.copy(linear[a], out[a])
    stiffen(rows - 12, *blocks, slope, out)
    across = np.zeros(len(x))
    for side in range(2):
        first = rows - 12 + 6 * side
        for a in range(6):
            for n in range(len(x)):
                across[n] = 0.0
            for b in range(6):
                for c in range(count[first + b]):
                    for k in range(6):
                        across[begin[first + b, c] + k] += stiff[side, a, b] * value[first + b, c, k]
            for c in range(count[first + a]):
                for k in range(6):
                    n = begin[first + a, c] + k
                    for j in range(n + 1):
                        out[n, j] += value[first + a, c, k] * across[j]
