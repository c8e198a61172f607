"""`laws.law` for the processor, one draw: forces, and what the tangent makes of a vector, without the tangent.

Every tissue is a row: what the coordinates do to its length. A muscle runs over two to four bodies and a ligament
over two, so a row is kept as a few blocks of the six coordinates of a body. Rows stand in one order: E muscles, S
strings, six axes of the right sacroiliac joint, six of the left.
"""

import math

import numpy as np
from numba import njit

from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.laws import BLEND_FORCE, BLEND_SHIFT, BLEND_TURN, GRIP, NORMAL

BLOCK = 6
Blocks = tuple[np.ndarray, np.ndarray, Floats]
"""Of R rows: how many blocks each has (R,), where they begin (R, B), and their values (R, B, 6)."""
FAST = {"reassoc", "contract"}
"""Sums may be taken in any order; infinities keep their meaning."""
inner = njit(nogil=True, fastmath=FAST, no_cpython_wrapper=True, no_cfunc_wrapper=True)  # pyright: ignore[reportCallIssue]
"""For functions that only others here call: no door from Python. Plain loops and no slices compile soonest."""
_WIDTH = np.array([BLEND_SHIFT] * 3 + [BLEND_TURN] * 3)
_SEARCHES = 40


@inner
def thin(
    dense: Floats, moving: Floats, end: int, count: np.ndarray, begin: np.ndarray, value: Floats
) -> None:
    """Keep the blocks of dense rows (r, N) that are not zero, as the rows before `end`."""
    first, width = end - dense.shape[0], dense.shape[1]
    for r in range(dense.shape[0]):
        kept = 0
        for start in range(0, width, BLOCK):
            some = False
            for n in range(start, min(start + BLOCK, width)):
                some |= dense[r, n] * moving[n] != 0.0
            if some:
                begin[first + r, kept] = start
                for k in range(BLOCK):
                    n = start + k
                    value[first + r, kept, k] = dense[r, n] * moving[n] if n < width else 0.0
                kept += 1
        count[first + r] = kept


@inner
def stretches(rows: int, count: np.ndarray, begin: np.ndarray, value: Floats, x: Floats, out: Floats) -> None:
    """The first rows times x."""
    for r in range(rows):
        total = 0.0
        for b in range(count[r]):
            start = np.uint64(begin[r, b])
            for k in range(BLOCK):
                total += value[r, b, k] * x[start + np.uint64(k)]
        out[r] = total


@inner
def pull(
    rows: int, count: np.ndarray, begin: np.ndarray, value: Floats, tension: Floats, out: Floats
) -> None:
    """Add the force of tensions along the first rows."""
    for r in range(rows):
        if tension[r] != 0.0:
            for b in range(count[r]):
                start = np.uint64(begin[r, b])
                for k in range(BLOCK):
                    out[start + np.uint64(k)] += value[r, b, k] * tension[r]


@inner
def stretches_both(
    rows: int,
    count: np.ndarray,
    begin: np.ndarray,
    value: Floats,
    x: Floats,
    y: Floats,
    of_x: Floats,
    of_y: Floats,
) -> None:
    """The first rows times x and times y, in one reading of the rows."""
    for r in range(rows):
        one = other = 0.0
        for b in range(count[r]):
            start = np.uint64(begin[r, b])
            for k in range(BLOCK):
                one += value[r, b, k] * x[start + np.uint64(k)]
                other += value[r, b, k] * y[start + np.uint64(k)]
        of_x[r], of_y[r] = one, other


@inner
def pull_both(
    rows: int,
    count: np.ndarray,
    begin: np.ndarray,
    value: Floats,
    tension: Floats,
    slope: Floats,
    out: Floats,
    other: Floats,
) -> None:
    """Add the forces of two tensions along the first rows, in one reading of the rows."""
    for r in range(rows):
        if tension[r] != 0.0 or slope[r] != 0.0:
            for b in range(count[r]):
                start = np.uint64(begin[r, b])
                for k in range(BLOCK):
                    out[start + np.uint64(k)] += value[r, b, k] * tension[r]
                    other[start + np.uint64(k)] += value[r, b, k] * slope[r]


@inner
def stiffen(
    rows: int, count: np.ndarray, begin: np.ndarray, value: Floats, slope: Floats, out: Floats
) -> None:
    """Add slope_r row_rᵀ row_r of the first rows to the lower triangle of `out`; blocks rise along a row."""
    for r in range(rows):
        if slope[r] != 0.0:
            for b in range(count[r]):
                for k in range(BLOCK):
                    n, each = np.uint64(begin[r, b] + k), slope[r] * value[r, b, k]
                    for c in range(b + 1):
                        start = np.uint64(begin[r, c])
                        for j in range(BLOCK):
                            out[n, start + np.uint64(j)] += each * value[r, c, j]


@inner
def passive(fibres: tuple, i: int, stretch: Floats, tension: Floats, slope: Floats) -> None:
    """Tensions of the muscles of draw i and their slopes, as in `muscle.passive_tension`."""
    along_, optimal_, thickness, strength, constant, most_, shape, rise_, begin_ = fibres
    for e in range(along_.shape[1]):
        tension[e], slope[e] = constant[i, e], 0.0
        along, optimal, begin = along_[i, e] - stretch[e], optimal_[i, e], begin_[i, 0]
        if along <= 0.0:
            continue
        long = math.sqrt(along * along + thickness[i, e] * thickness[i, e])
        ratio = long / optimal
        if ratio <= 1.0 - begin:
            continue
        cosine = along / long
        begun = min(ratio - 1.0 + begin, 2.0 * begin)
        strain = begun * begun / (4.0 * begin) + max(ratio - 1.0 - begin, 0.0)
        k, most, rise = shape[i, e], most_[i, e], rise_[i, e]
        within = min(strain, most)
        grown = math.exp(k * within / most)
        force = rise * ((grown - 1.0) * most / k + grown * (strain - within))
        turning = force * (1.0 - cosine * cosine) / long
        slope[e] = strength[i, e] * (
            rise * grown * begun / (2.0 * begin) * cosine * cosine / optimal + turning
        )
        tension[e] += strength[i, e] * cosine * force


@inner
def strung(strings: tuple, i: int, first: int, stretch: Floats, tension: Floats, slope: Floats) -> None:
    """What strings of draw i pull beyond their preload, and the slopes, as in `laws.tension`."""
    stiffness, toe_, start, balanced = strings
    for s in range(stiffness.shape[1]):
        k, toe, e = stiffness[i, s], toe_[i, s], start[i, s] + stretch[first + s]
        taut = max(e, 0.0)
        inside = taut < toe
        pulled = 0.5 * k * taut * taut / toe if inside else k * (taut - 0.5 * toe)
        tension[first + s] = pulled + GRIP * k * e - balanced[i, s]
        slope[first + s] = GRIP * k + (k * taut / toe if inside else k)


@inner
def _lncosh(z: float) -> float:
    return abs(z) + math.log1p(math.exp(-2.0 * abs(z))) - math.log(2.0)


@inner
def joint(joints: tuple, i: int, side: int, d: Floats, push: Floats, stiff: Floats) -> None:
    """Force (6,) and tangent (6, 6) of one sacroiliac joint of draw i, as in `laws.joint_law`."""
    positive, negative, toe_ratio, toes, gain_, half_ = joints
    slope, curvature = np.zeros(6), np.zeros(6)
    energy, soft, gain, half = 0.0, 1.0 - toe_ratio[i, side], gain_[i, side], half_[i, side]
    for axis in range(6):
        if axis == NORMAL:
            continue
        w, toe = _WIDTH[axis], toes[i, side, axis]
        plus, minus = positive[i, side, axis], negative[i, side, axis]
        root = math.sqrt(d[axis] * d[axis] + w * w)
        bend = 0.5 * w * w / (root * root * root)
        still = 0.5 * w - soft * toe * math.tanh(0.5 * w / toe)
        settled = 0.125 * w * w - soft * toe * toe * _lncosh(0.5 * w / toe)
        for way in range(2):
            sign, k = 1.0 - 2.0 * way, minus if way else plus
            h, dh = 0.5 * (root + sign * d[axis]), 0.5 * (d[axis] / root + sign)
            tanh = math.tanh(h / toe)
            steep = h - soft * toe * tanh
            energy += k * (0.5 * h * h - soft * toe * toe * _lncosh(h / toe) - settled)
            slope[axis] += k * steep * dh
            curvature[axis] += k * ((1.0 - soft * (1.0 - tanh * tanh)) * dh * dh + steep * bend)
        force = 0.5 * still * (plus - minus)
        energy -= force * d[axis]
        slope[axis] -= force
    pressed, drawn = negative[i, side, NORMAL], positive[i, side, NORMAL]
    below = 1.0 + 3.5 * gain * max(pressed, drawn) / (half * half) * energy
    hold, fade = 1.0 / (below * below), -7.0 * gain * max(pressed, drawn) / (half * half) / below**3

    # The compression: `laws.compression`.
    grip, normal = energy / below, d[NORMAL]
    mean, skew = 0.5 / pressed + 0.5 / drawn, 0.5 / pressed - 0.5 / drawn
    y, square = skew * BLEND_FORCE - normal, mean * mean - skew * skew
    low = (mean * y - skew * math.sqrt(y * y + square * BLEND_FORCE * BLEND_FORCE)) / square
    high = low + 1.1 * gain / half * grip / (mean - abs(skew))
    c, last, more, bite, firm = low, math.inf, 0.0, 0.0, 1.0
    for _ in range(_SEARCHES):
        z = max(c, 0.0) / half
        cube = z * z * z
        more = gain * cube / (1.0 + cube)
        bite = gain / half * 3.0 * z * z / (1.0 + cube) ** 2
        bend = gain / (half * half) * (6.0 * z - 12.0 * z * cube) / (1.0 + cube) ** 3
        root = math.sqrt(c * c + BLEND_FORCE * BLEND_FORCE)
        phi = mean * c + skew * (root - BLEND_FORCE) - bite * grip + normal
        firm = mean + skew * c / root - bend * grip
        if last <= 1e-12 * half:
            break
        if phi <= 0.0:
            low = c
        else:
            high = c
        following = c - phi / firm
        # Near the root rounding may lead out of the bracket by a hair.
        if not (firm > 0.0 and low <= following <= high) and last > 1e-4 * half:
            following = 0.5 * (low + high)
        last, c = abs(following - c), following
    for a in range(6):
        way_a = (1.0 if a == NORMAL else 0.0) - bite * hold * slope[a]
        push[a] = (1.0 + more * hold) * slope[a] - (c if a == NORMAL else 0.0)
        for b in range(6):
            way_b = (1.0 if b == NORMAL else 0.0) - bite * hold * slope[b]
            stiff[a, b] = way_a * way_b / firm + more * fade * slope[a] * slope[b]
        stiff[a, a] += (1.0 + more * hold) * curvature[a]


@inner
def tensions(tissue: tuple, i: int, stretch: Floats, tension: Floats, slope: Floats, stiff: Floats) -> None:
    """Of every row at its stretch: what it pulls back, how steeply; `stiff` (2, 6, 6) of the joints' rows together."""
    fibres, strings, joints = tissue
    elements, count = fibres[0].shape[1], strings[0].shape[1]
    passive(fibres, i, stretch, tension, slope)
    # A muscle's row is its pull: what lengthens it is against it.
    for e in range(elements):
        tension[e] = -tension[e]
    strung(strings, i, elements, stretch, tension, slope)
    for side in range(2):
        first = elements + count + 6 * side
        joint(joints, i, side, stretch[first : first + 6], tension[first : first + 6], stiff[side])
        for a in range(6):
            slope[first + a] = 0.0
