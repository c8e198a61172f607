"""The sacrum with the coccyx: a wedge bent about its own curve, with wings, ridges, a canal and foramina.

It is drawn in bent coordinates: s along the front of the vertebral bodies from the promontory down, d from
there backward, z to the side.
"""

import itertools

import numpy as np

from counterpull.anatomy.shapes.fields import (
    Floats,
    common,
    ellipsoid,
    frame,
    half_space,
    spline,
    tube,
    union,
    unit,
    without,
)
from counterpull.anatomy.shapes.person import Reference

# x, y of the front in the midline, and there: depth to the median crest, half width.
_FRONT = [
    (-63.4, 34.9), (-78, 17), (-95, 0), (-110, -19), (-122, -40), (-130, -60), (-134.5, -76), (-133, -88), (-127.5, -97)
]  # fmt: skip
# s level (index into _FRONT), front set back at the side, thickness in the midline, at the side; half width
_SECTION = [
    # level, midline back, side front, side back, half width
    (-0.4, 72, 8, 40, 56),
    (0.0, 72, 9, 42, 55),
    (0.6, 72, 6, 46, 50),
    (1.0, 70, 4, 46, 47),
    (1.5, 60, 4, 46, 44),
    (2.0, 55, 3, 44, 38),
    (2.3, 52, 2, 42, 34),
    (2.6, 50, 2, 40, 30.5),
    (3.0, 47, 2, 36, 26.5),
    (3.5, 41, 2, 26, 24),
    (4.0, 31, 1, 18, 24),
    (4.5, 22, 0, 11, 23.5),
    (5.0, 13, 0, 9, 20.5),
    (5.4, 10, 0, 8, 12.5),
    (5.8, 9, 0, 7, 11),
    (6.1, 8, 0, 6, 9.5),
    (6.6, 7, 0, 5, 7),
    (7.0, 6, 0, 5, 6),
    (8.0, 5, 0, 3, 3.5),
]  # fmt: skip


def sacrum(p: Floats, person: Reference) -> Floats:
    """Signed distance of points (N, 3) from the sacrum and coccyx of a reference person, mm."""
    p = p * np.array([1.0, 1.0, 1.0])
    p[:, 2] = np.abs(p[:, 2])
    at = lambda places: person.at(places, "sacrum")  # noqa: E731
    knots = at([(x, y, 0) for x, y in _FRONT])[:, :2]
    s, d, ends = _bent(p[:, :2], knots)
    level = np.interp(s, ends, np.arange(len(knots)), left=-1.0, right=9.0)
    # beyond the ends the level goes on at the slope of the end pieces
    level = np.where(s < 0, s / (ends[1] - ends[0]), level)
    rows = np.array(_SECTION)
    wide = at([(-110, 0, 40)])[0, 2] / 40
    back, side_front, side_back, half = (np.interp(level, rows[:, 0], c) for c in rows[:, 1:].T)
    half = half * wide
    z = p[:, 2]
    share = np.clip(z / half, 0, 1.2)
    front = side_front * np.clip((share - 0.35) / 0.65, 0, 1) ** 2
    rear = side_back + (back - side_back) * np.exp(-((z / 7.0) ** 2)) - 3 * np.exp(-(((z - 13) / 5) ** 2))
    body = common(front - d, d - rear, 4.0)
    body = common(body, z - half, 5.0)
    body = common(body, s - ends[-1], 3.0)
    sij, normal = at([person.skeleton.mark("sij_centre") * 1e3])[0], unit([-0.397, 0.03, 0.917])
    body = common(body, half_space(p, sij - 1.0 * normal, normal), 3.0)
    promontory, rim = at([(-63.4, 34.9, 0), (-89.0, 56.6, 0)])
    up = unit(np.array([-(rim - promontory)[1], (rim - promontory)[0], 0]))
    up = up if up[1] > 0 else -up
    # the wings slope away beside the endplate
    top = half_space(p, promontory, up) + 0.30 * np.maximum(z - 24, 0) - 0.0
    body = common(body, top / 1.04, 3.0)
    plate = frame(up, [0, 0, 1])
    centre = (promontory + rim) / 2 - 6 * up
    disc = ellipsoid(p, centre, plate, (40, 25 * wide, 17.5))
    disc = common(disc, half_space(p, centre + 6 * up, up), 1.5)
    disc = common(disc, half_space(p, centre - 9 * up, -up), 2.0)
    body = union(body, disc, 4.0)
    facet = tube(p, at([(-103, 50, 18), (-104, 62, 20), (-105, 70, 21)]), [(7, 6), (6.5, 4.5), (5, 3)])
    body = union(body, facet, 4.0)
    canal = tube(
        p, at([(-98, 78, 0), (-106, 58, 0), (-120, 32, 0), (-134, 4, 0), (-141, -20, 0), (-143, -42, 0), (-145, -58, 0)]),
        [(14, 8), (13, 7.5), (10, 6), (7, 4.5), (5, 3), (4, 2.5), (4, 2.5)],
    )  # fmt: skip
    body = without(body, canal, 2.0)
    for x, y, zz, r in [
        (-77, 16, 18, 6),
        (-96, -2, 16.5, 5.2),
        (-111, -21, 14.5, 4.4),
        (-122.5, -41, 12.5, 3.6),
    ]:
        a = at([(x, y, zz)])[0]
        inward = unit([-0.8, 0.45, -0.1])
        hole = tube(
            p, np.array([a - 14 * inward, a, a + 16 * inward, a + 40 * inward]), [r + 2, r, 0.7 * r, 0.55 * r]
        )
        body = without(body, hole, 3.0)
    return body


def _bent(q: Floats, knots: Floats) -> tuple[Floats, Floats, Floats]:
    """Along (from the first knot) and behind a planar curve, and where along its knots are."""
    steps = 8
    line = spline(knots, steps)
    lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    best = np.full(len(q), np.inf)
    s, d = np.empty(len(q)), np.empty(len(q))
    last = len(line) - 2
    for i, (a, b) in enumerate(itertools.pairwise(line)):
        along, long = unit(b - a), np.linalg.norm(b - a)
        behind = np.array([along[1], -along[0]])
        t = (q - a) @ along
        low, high = (-np.inf if i == 0 else 0.0), (np.inf if i == last else long)
        t = np.clip(t, low, high)
        off = q - a - t[:, None] * along
        square = np.sum(off**2, 1)
        near = square < best
        best[near] = square[near]
        s[near] = lengths[i] + t[near]
        d[near] = np.sign((off @ behind)[near]) * np.sqrt(square[near])
    return s, d, lengths[::steps]
