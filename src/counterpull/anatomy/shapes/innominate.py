"""The right hip bone: a curved wing, a carved cup, two rami, an ischium."""

import numpy as np

from counterpull.anatomy.shapes.fields import (
    Floats,
    Sheet,
    all_of,
    ball,
    common,
    half_space,
    loop,
    polygon,
    tube,
    union,
    unit,
    without,
)
from counterpull.anatomy.shapes.person import Reference

# The wing is drawn over a plane that faces outward and backward: u forward, v upward, w outward.
_FORWARD, _UP, _OUTWARD = np.array([0.866, 0, 0.5]), np.array([0.0, 1, 0]), np.array([-0.5, 0, 0.866])

# Its edge, from the anterior superior iliac spine over the crest to the notch and back.
_EDGE = [
    (-0.8, 0.5, 119.0), (-5, 14, 120.5), (-9, 27, 120.5), (-16.5, 45, 120), (-27, 61, 115.5),
    (-40, 72, 109.5), (-56.5, 77, 101), (-74, 81.5, 85), (-86, 81, 73.5), (-98, 77.5, 63.5), (-110.7, 71.5, 55.5),
    (-120, 62, 47.5), (-128, 49, 41.5), (-135, 36, 39.5), (-139, 22, 41), (-136, 10, 43), (-127, -6, 45),
    (-122.5, -19, 45), (-117, -23, 47), (-102, -24.5, 54), (-87.5, -27, 61), (-83, -42, 66), (-75, -62, 70),
    (-45, -75, 85), (-25, -58, 88), (-21, -40, 96), (-21, -30, 99), (-16, -17, 106.5), (-8, -9, 113.5),
]  # fmt: skip

# Its middle surface and thickness.
_MIDDLE = [
    # x, y, z, thickness: crest
    (-2, 0, 117.5, 11), (-7, 14, 119, 9.5), (-11, 27, 120, 9), (-18, 45, 119, 9.5), (-29, 60, 114, 11), (-41, 71, 108.5, 13),
    (-56.5, 75, 99, 14), (-74, 79, 84.5, 10), (-86, 79, 73, 9), (-98, 76, 62, 9.5), (-110, 70, 55, 11), (-119, 61, 47, 13),
    (-127, 48, 42, 14), (-133, 36, 39.5, 14), (-137, 23, 41.5, 12), (-121, -18, 46, 7),
    # the fossa and the outer face
    (-22, 25, 113, 7), (-38, 42, 107, 6), (-56, 52, 94, 4.5), (-75, 55, 79, 4.5), (-92, 58, 64, 7), (-52, 25, 96, 5),
    (-68, 30, 82, 4.5), (-82, 32, 67, 9), (-36, 5, 107, 9), (-54, 0, 95.5, 8), (-70, 5, 80, 9),
    # beside the sacrum
    (-112, 55, 48.5, 13), (-110, 28, 50.5, 12), (-97, 10, 54.5, 14), (-122, 20, 44, 13), (-115, 0, 49, 10),
    (-105, -12, 52, 11), (-92, -15, 57.5, 15), (-125, 35, 42.5, 14),
    # above the cup
    (-20, -16, 103, 11), (-23, -34, 95, 13), (-40, -16, 100, 15), (-56, -16, 92, 18), (-72, -16, 77, 19),
    (-45, -40, 87, 26), (-60, -45, 79, 28), (-77, -40, 65, 18),
]  # fmt: skip


def innominate(p: Floats, person: Reference) -> Floats:
    """Signed distance of points (N, 3) from the hip bone of a reference person, mm."""
    body = union(_wing(p, person), _lower(p, person), 8.0)
    return _cup(p, body, person)


def _wing(p: Floats, person: Reference) -> Floats:
    plane = np.stack([_FORWARD, _UP], 1)
    edge = loop(person.at(_EDGE) @ plane)
    rows = np.array(_MIDDLE)
    middle = person.at(rows[:, :3])
    sheet = Sheet(middle @ plane, np.stack([middle @ _OUTWARD, rows[:, 3] * person.stout], 1), 3.0)
    q = p @ plane
    value = sheet(q)
    step = 0.5
    slope = [(sheet(q + step * e)[:, 0] - value[:, 0]) / step for e in np.eye(2)]
    away = np.abs(p @ _OUTWARD - value[:, 0]) / np.sqrt(1 + slope[0] ** 2 + slope[1] ** 2)
    return common(away - np.clip(value[:, 1], 3.5, 30) / 2, polygon(q, edge), 5.0)


def _lower(p: Floats, person: Reference) -> Floats:
    at, k = person.at, person.stout
    hip = person.hip
    cup = ball(p, hip, person.head + 9.5)
    superior = tube(
        p,
        at([(-74, -30, 62), (-58, -55, 60), (-40, -68, 59), (-22, -78, 44), (-12, -84, 30), (-9, -87, 18)]),
        k * np.array([(9, 9), (11, 12), (11, 11), (8, 7.5), (8.5, 6.5), (9, 7)]),
    )
    pubis = tube(
        p, at([(-7, -83, 10), (-16, -93, 9), (-26, -104, 9)]), k * np.array([(9.5, 7), (9, 7), (8, 6)])
    )
    inferior = tube(
        p,
        at([(-24, -102, 10), (-36, -112, 17), (-50, -120, 27), (-64, -123, 35), (-80, -122, 43)]),
        k * np.array([(7, 5), (8, 4.5), (8.5, 4.5), (9, 5.5), (10, 8)]),
        side=unit([-0.2, -1, -0.7]),
    )
    ischium = tube(
        p,
        at([(-72, -62, 64), (-80, -85, 60), (-90, -103, 55), (-95, -115, 52), (-86, -123, 44)]),
        k * np.array([(14, 14), (13, 15), (12.5, 13), (12, 12), (9, 9)]),
    )
    spine = tube(p, at([(-88, -72, 56), (-98, -72, 50), (-107.5, -72.2, 43.2)]), k * np.array([9, 5, 2.2]))
    lower = all_of([superior, pubis, inferior, ischium], 6.0)
    lower = union(lower, spine, 5.0)
    lower = union(lower, cup, 8.0)
    return common(lower, half_space(p, np.array([0, 0, 2.2]), np.array([0, 0, -1.0])), 1.5)


def _cup(p: Floats, body: Floats, person: Reference) -> Floats:
    opening = unit([0.36, -0.62, 0.70])
    hip, head = person.hip, person.head
    beyond = half_space(p, hip + 3.0 * opening, -opening)
    front = common(ball(p, hip, head + 16), beyond, 3.0)
    body = without(body, front, 3.0)
    return without(body, ball(p, hip, head + 2.0), 2.0)
