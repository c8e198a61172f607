"""The sacrum with the coccyx: a wedge bent about its own curve, with wings, crests, a canal and foramina.

It is drawn in bent coordinates: a level (0 at the promontory, 1 to 4 where the bodies of S1 to S5 are fused,
5.6 at the joint with the coccyx) along the front of the bodies, d from that front backward, z to the side.
Numbers are of the model skeleton, mm, set from its landmarks and attachments.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from counterpull.anatomy.shapes.fields import (
    Floats,
    common,
    ellipsoid,
    frame,
    half_space,
    loop,
    polygon,
    spline,
    swell,
    tube,
    union,
    unit,
    without,
)
from counterpull.anatomy.shapes.person import Reference

# x, y of the front in the midline at levels 0, 1, 2, ...
_FRONT = [
    (-63.4, 34.9), (-80.5, 19), (-98.5, 2.5), (-112.5, -17.5), (-122.5, -39), (-129, -60), (-134, -76), (-133, -88),
    (-127.5, -97),
]  # fmt: skip
_SECTIONS = [
    # level, roof of the canal d, front at the side d, back at the side d, half width
    (-0.5, 34, 38, 40, 50),
    (-0.1, 34, 33, 40, 52),
    (0.3, 34.5, 28, 43, 52),
    (0.55, 42.5, 22.5, 47, 51),
    (0.85, 50, 15, 49, 49),
    (1.3, 51, 7.5, 47.5, 45),
    (1.8, 46, 1, 43.5, 38),
    (2.3, 42, -1, 40, 31),
    (2.7, 38.5, -1.5, 37, 28),
    (3.1, 34.5, -0.5, 33, 25.8),
    (3.6, 28.5, 0, 25, 24.5),
    (4.0, 24, 0.5, 18, 23.4),
    (4.5, 19, 0, 13, 21.8),
    (4.9, 13.5, 0, 9.5, 20.5),
    (5.25, 9, 0.5, 8, 14),
    (5.6, 7, 0.5, 6, 9),
    (5.9, 9, 0, 6, 11.5),
    (6.3, 5.5, 0.5, 4.5, 6),
    (6.6, 7, 0, 5, 7),
    (6.95, 5, 0.5, 4, 5),
    (7.2, 6, 0, 5, 5.5),
    (7.5, 4.5, 0, 4, 4),
    (8.0, 4, 0, 3, 3),
]  # fmt: skip
# The canal: level, depth of its middle, half width, half depth.
_CANAL = [
    (-1, 43, 17, 9.5), (0.0, 41.5, 15, 7.5), (1.0, 36, 12.5, 6.5), (2.0, 31.5, 9.5, 4.7), (3.0, 25.5, 7, 3.7),
    (4.0, 18.5, 5, 3), (4.6, 15, 4.5, 3.5), (5.0, 12.5, 4, 3),
]  # fmt: skip
# The median crest in the midline, x, y: its free edge from above down, then back under the roof of the canal.
_CREST = [
    (-112, 50), (-122, 59), (-128.5, 66.5), (-132, 60), (-129.5, 50), (-131.2, 42), (-134.2, 31), (-142, 21),
    (-144, 10), (-149.5, -1), (-149.5, -12), (-152, -21), (-149, -30), (-144, -38), (-138, -36), (-137, -20), (-133, 0),
    (-126, 20), (-118, 40),
]  # fmt: skip
# Its spinous tubercles, x, y.
_TUBERCLES = [(-128, 63), (-131, 39), (-142, 18), (-149, -6), (-150, -23)]
# Foramina of the front: x, y, z and radius.
_FORAMINA = [(-84.5, 15, 20, 6.5), (-100.5, -2, 18.5, 6), (-114.5, -22, 16.5, 5), (-123.5, -42.5, 14.5, 4.2)]


def sacrum(p: Floats, person: Reference) -> Floats:
    """Signed distance of points (N, 3) from the sacrum and coccyx of a reference person, mm."""
    p = np.column_stack([p[:, :2], np.abs(p[:, 2])])
    level, d = _bent(p[:, :2], person.at([(x, y, 0) for x, y in _FRONT], "sacrum")[:, :2])
    bone = union(_wedge(p, level, d, person), _crest(p, person), 7.0)
    bone = union(bone, _endplate(p, person), 3.0)
    bone = union(bone, _facet(p, person), 4.0)
    return _hollowed(p, bone, level, d, person)


def _wedge(p: Floats, level: Floats, d: Floats, person: Reference) -> Floats:
    wide = _wide(person)
    z = p[:, 2] / wide
    roof, side_front, side_back, half = _at_level(level, _SECTIONS)
    front, back = _front(level, z, side_front, half), _back(level, z, roof, side_back)
    solid = common(front - d, d - back, 4.0)
    solid = common(solid, p[:, 2] - half * wide, 4.0)
    solid = common(solid, 22.0 * (level - 7.85), 3.0)
    solid = common(solid, _beside_joint(p, d, person), 3.0)
    return common(solid, _above(p, person), 5.0)


def _front(level: Floats, z: Floats, side: Floats, half: Floats) -> Floats:
    """The pelvic face, mm behind the curve: bodies with seams, the first one rounded, and the wings behind them."""
    body = np.minimum(20.0, 0.7 * half)
    out = np.clip((z - body) / (half - body), 0, 1.3)
    first = 1 - _step((level - 0.3) / 1.2)
    rounded = 6.0 * first * np.minimum(z / 25, 1.1) ** 2
    seams = 1.2 * _at(level, (1, 2, 3, 4), 0.09) * np.exp(-((z / 17) ** 6))
    return side * 1.15 * out * out / (out * out + 0.15) + rounded - seams


def _back(level: Floats, z: Floats, roof: Floats, side: Floats) -> Floats:
    """The dorsal face, mm behind the curve: roof of the canal, groove of multifidus, lateral crest with tubercles."""
    arched = _step((level - 0.4) / 0.4) * _step((4.4 - level) / 0.4)
    groove = 6.5 * arched * _at(z, (18.5 - 1.2 * level,), 4.5)
    tubercles = 2.5 * _at(level, (1.6, 2.3, 3.0, 3.7), 0.17) * _at(z, (28 - 1.6 * level,), 4.0)
    return roof + (side - roof) * _step((z - 10.0) / 16.0) - groove + tubercles


def _beside_joint(p: Floats, d: Floats, person: Reference) -> Floats:
    """The joint's face, and behind it the rough hollow of the interosseous ligaments."""
    joint, normal = person.at(person.skeleton.mark("sij_centre") * 1e3, "sacrum"), unit([-0.397, 0.03, 0.917])
    return half_space(p, joint, normal) + 1.2 + 4.5 * _step((d - 33.0) / 9.0)


def _above(p: Floats, person: Reference) -> Floats:
    """The plane of the endplate; the wings slope away beside it."""
    promontory, up = _plane(person)
    return (half_space(p, promontory, up) + 0.22 * np.maximum(p[:, 2] - 30 * _wide(person), 0)) / 1.02


def _endplate(p: Floats, person: Reference) -> Floats:
    promontory, up = _plane(person)
    rim = person.at((-89.0, 56.6, 0), "sacrum")
    middle, deep = (promontory + rim) / 2, float(np.linalg.norm(rim - promontory)) / 2
    disc = ellipsoid(p, middle, frame(up, [0, 0, 1]), (60, 25.5 * _wide(person), deep + 0.6))
    disc = common(disc, half_space(p, middle + 0.8 * up, up), 1.5)
    return common(disc, half_space(p, middle - 7.0 * up, -up), 2.0)


def _facet(p: Floats, person: Reference) -> Floats:
    """The superior articular process."""
    path = person.at([(-102, 45, 19), (-102.5, 56, 22.5), (-101.5, 64.5, 24.5)], "sacrum")
    return tube(p, path, person.stout * np.array([(9, 6), (8, 4.5), (6.5, 3)]), side=unit([-0.7, 0, 0.7]))


def _crest(p: Floats, person: Reference) -> Floats:
    """The median crest with its spinous tubercles."""
    edge = loop(person.at([(x, y, 0) for x, y in _CREST], "sacrum")[:, :2])
    crest = common(polygon(p[:, :2], edge), p[:, 2] - 3.0 * person.stout, 2.5)
    for x, y in _TUBERCLES:
        crest = crest - swell(p, person.at((x, y, 0), "sacrum"), 2.2, 4.5)
    return crest


def _hollowed(p: Floats, bone: Floats, level: Floats, d: Floats, person: Reference) -> Floats:
    """With the canal and the foramina."""
    wide = _wide(person)
    middle, across, deep = _at_level(level, _CANAL)
    local, radii = np.stack([p[:, 2], d - middle], 1), np.stack([across * wide, deep], 1)
    first, second = (np.linalg.norm(local / radii**n, axis=1) for n in (1, 2))
    canal = first * (first - 1) / np.maximum(second, 1e-3)
    bone = without(bone, np.maximum(canal, 20 * (level - 5.0)), 2.0)
    for x, y, z, r in _FORAMINA:
        mouth = person.at((x, y, z), "sacrum")
        inward = unit([-0.85, 0.35, -0.02])
        path = np.array([mouth - 14 * inward + [0, 0, 5], mouth, mouth + 14 * inward, mouth + 50 * inward])
        bone = without(bone, tube(p, path, r * np.array([1.5, 1.0, 0.6, 0.5])), 3.5)
    return bone


def _wide(person: Reference) -> float:
    return float(person.at((-106, 0, 40.0), "sacrum")[2]) / 40.0


def _plane(person: Reference) -> tuple[Floats, Floats]:
    """A point and the upward normal of the upper endplate."""
    promontory, rim = person.at([(-63.4, 34.9, 0), (-89.0, 56.6, 0)], "sacrum")
    return promontory, unit([(rim - promontory)[1], -(rim - promontory)[0], 0])


def _at(u: Floats, places: Sequence[float | Floats], size: float) -> Floats:
    """One at each of the places, and nothing away from them."""
    return np.sum([np.exp(-(((u - place) / size) ** 2)) for place in places], axis=0)


def _step(u: Floats) -> Floats:
    u = np.clip(u, 0, 1)
    return u * u * (3 - 2 * u)


def _at_level(level: Floats, rows: list) -> list[Floats]:
    """The columns of a table at levels, smoothly."""
    dense = spline(np.array(rows, dtype=float), 6)
    return [np.interp(level, dense[:, 0], column) for column in dense[:, 1:].T]


def _bent(q: Floats, knots: Floats) -> tuple[Floats, Floats]:
    """Level along, and depth behind, a curve in the midline plane."""
    steps = 8
    line = spline(knots, steps)
    best, level, d = np.full(len(q), np.inf), np.empty(len(q)), np.empty(len(q))
    last = len(line) - 2
    for i, (a, b) in enumerate(pairwise(line)):
        along, long = unit(b - a), float(np.linalg.norm(b - a))
        t = np.clip((q - a) @ along, -np.inf if i == 0 else 0.0, np.inf if i == last else long)
        off = q - a - t[:, None] * along
        square = np.sum(off**2, 1)
        near = square < best
        best[near], level[near] = square[near], (i + t[near] / long) / steps
        d[near] = np.sign(off[near] @ np.array([along[1], -along[0]])) * np.sqrt(square[near])
    return level, d
