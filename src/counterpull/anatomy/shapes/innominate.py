"""The right hip bone: a curved wing, a carved cup, a pubis with two rami, an ischium with its spine.

Numbers in brackets are places of the model skeleton, mm, set from its landmarks and attachments
(tables/landmarks.csv, paths.csv, ligaments.csv); radii and thicknesses are a man's, mm.
"""

import numpy as np

from counterpull.anatomy.shapes.fields import (
    Floats,
    Sheet,
    all_of,
    ball,
    common,
    ellipsoid,
    frame,
    half_space,
    loop,
    polygon,
    ridge,
    swell,
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
    (-0.5, 0.5, 120.0), (-3.5, 11, 122.5), (-10, 27, 126.5), (-18, 44, 125.5), (-29, 59, 122), (-42, 70, 114.5),
    (-57, 77.5, 102), (-74, 81.5, 86), (-86, 81, 74), (-98, 77.5, 63.5), (-110.7, 71.5, 55.5),
    (-120, 62, 47.5), (-128, 49, 41.5), (-135, 36, 39.5), (-138.5, 23, 41), (-134, 10, 42.5), (-128, -3, 44),
    (-125, -14, 44.5), (-121.5, -20, 45), (-115, -17.5, 48), (-106, -14.5, 52), (-97, -15.5, 56), (-90, -20.5, 60),
    (-86.5, -28, 62), (-85, -40, 63), (-75, -66, 70), (-50, -70, 82), (-36, -56, 86), (-26, -43, 94),
    (-22, -36, 97), (-21.5, -29, 99), (-17.5, -18, 105), (-10, -9, 113), (-3, -4.5, 118),
]  # fmt: skip

# Its middle surface and thickness there.
_MIDDLE = [
    # the crest
    (-1, 0, 118, 10), (-5, 13, 121, 10), (-11, 27, 125, 10), (-19, 43, 124.5, 11), (-30, 57, 121, 13),
    (-42, 68, 113.5, 14.5), (-57, 75, 101, 14), (-74, 79, 85, 10), (-86, 79, 73, 9), (-98, 76, 62, 9.5),
    (-110, 70, 55, 11), (-119, 61, 47.5, 13), (-127, 48, 42.5, 14), (-133, 36, 40, 14), (-136, 23, 41.5, 12),
    (-128, 0, 44.5, 9), (-121, -18, 46, 8),
    # the fossa and the outer face
    (-20, 24, 123, 7), (-33, 42, 124, 7), (-50, 54, 111, 5), (-72, 58, 84.5, 4), (-92, 60, 66, 7),
    (-34, 26, 121, 7), (-52, 30, 102, 4), (-68, 32, 85.5, 4), (-82, 34, 69, 9), (-34, 5, 111, 9), (-54, 5, 98, 7),
    (-70, 8, 81.5, 9),
    # beside the sacrum
    (-112, 55, 49.5, 13), (-110, 28, 51.5, 12), (-97, 10, 55.5, 14), (-122, 20, 45, 13), (-115, 0, 49.5, 10),
    (-106, -8, 52.5, 10), (-92, -12, 57.5, 13), (-125, 35, 43.5, 14),
    # above the cup
    (-19, -14, 105, 11), (-23, -33, 96, 12), (-38, -16, 102, 14), (-56, -16, 92, 16), (-72, -16, 77, 18),
    (-42, -40, 88, 22), (-60, -45, 78, 26), (-76, -40, 67, 18),
]  # fmt: skip


# The lower ramus of the pubis and the ramus of the ischium; the arcuate line and the pecten.
_RAMUS = [
    (-24, -101, 11),
    (-36, -112.5, 18),
    (-50, -121.5, 27),
    (-64, -125, 35),
    (-76, -123.5, 41),
    (-86, -120.5, 47),
]
_PECTEN = [
    (-86, -6, 52), (-74, -20, 58), (-60, -36, 62), (-42, -58, 60), (-30, -67, 54), (-16, -76, 40), (-5, -78, 28),
]  # fmt: skip


def innominate(p: Floats, person: Reference) -> Floats:
    """Signed distance of points (N, 3) from the right hip bone of a reference person, mm."""
    body = union(_wing(p, person), _socket(p, person), 8.0)
    body = union(body, all_of([_pubis(p, person), _ischium(p, person)], 6.0), 7.0)
    body = body - _relief(p, person)
    body = _carved(p, body, person)
    return common(body, half_space(p, np.array([0, 0, 2.2]), np.array([0, 0, -1.0])), 1.5)


def _wing(p: Floats, person: Reference) -> Floats:
    plane = np.stack([_FORWARD, _UP], 1)
    edge = loop(person.at(_EDGE) @ plane)
    rows = np.array(_MIDDLE)
    middle = person.at(rows[:, :3])
    sheet = Sheet(middle @ plane, np.stack([middle @ _OUTWARD, rows[:, 3] * person.stout], 1), 3.0)
    q, step = p @ plane, 0.5
    value = sheet(q)
    slope = [(sheet(q + step * e)[:, 0] - value[:, 0]) / step for e in np.eye(2)]
    away = np.abs(p @ _OUTWARD - value[:, 0]) / np.sqrt(1 + slope[0] ** 2 + slope[1] ** 2)
    return common(away - np.clip(value[:, 1], 3.5, 30) / 2, polygon(q, edge), 5.0)


def _socket(p: Floats, person: Reference) -> Floats:
    at, k = person.at, person.stout
    brim = tube(
        p,
        at([(-88, -3, 57), (-77, -14, 63), (-63, -27, 68), (-49, -45, 68), (-40, -62, 63)]),
        k * np.array([(6, 8), (8, 9), (9, 11), (10, 12), (10, 11)]),
    )
    inner_wall = ellipsoid(
        p, at([(-70, -70, 58)])[0], frame([0.05, -0.33, 1], [0.5, -1, 0]), (10 * k, 31 * k, 24 * k)
    )
    below = tube(p, at([(-76, -97, 58), (-60, -94, 57), (-45, -84, 56)]), k * np.array([7, 5, 6]))
    return union(all_of([brim, inner_wall, below], 8.0), ball(p, person.hip, person.head + 7.0), 8.0)


def _pubis(p: Floats, person: Reference) -> Floats:
    at, k = person.at, person.stout
    superior = tube(
        p,
        at([(-52, -70, 63), (-38, -72, 58), (-24, -80, 46), (-14, -84, 32), (-9, -86, 20)]),
        k * np.array([(11, 11), (9, 10), (7.5, 7.5), (7.5, 6.5), (8, 7)]),
    )
    knob = tube(p, at([(-9, -85, 20), (-2.5, -81, 26)]), k * np.array([6, 3.5]))
    symphysis = tube(
        p, at([(-7, -82, 9), (-16, -92, 9), (-26, -104, 9)]), k * np.array([(10, 8), (9, 7.5), (8, 6)])
    )
    plate = ellipsoid(
        p, at([(-20, -92, 16)])[0], frame([-0.6, -0.8, 0.1], [-0.5, 0.2, 0.85]), (20 * k, 17 * k, 5.5 * k)
    )
    slender = k * k  # a woman's rami are thinner than her other bones, and bow outward
    bow = np.array([[0.0], [0.5], [1.0], [0.6], [0.0], [0.0]]) * person.bow
    inferior = tube(
        p,
        at(_RAMUS) + bow,
        slender * np.array([(9, 4.5), (9.5, 4.2), (9.5, 4), (9.5, 4.8), (9.5, 7), (10.5, 10)]),
        side=unit([-0.2, -1, -0.7]),
    )
    return union(all_of([superior, symphysis, plate, inferior], 6.0), knob, 4.0)


def _ischium(p: Floats, person: Reference) -> Floats:
    at, k = person.at, person.stout
    body = tube(
        p,
        at([(-74, -60, 65), (-82, -82, 61), (-92, -100, 57.5), (-96.5, -113.5, 53.5)]),
        k * np.array([(13, 13), (13, 14), (13.5, 14), (13.5, 14)]),
    )
    border = tube(p, at([(-80, -36, 63), (-86, -50, 58), (-93, -66, 53)]), k * np.array([7, 7, 8]))
    spine = tube(p, at([(-90, -68, 56), (-99, -71, 50), (-107.3, -72.2, 43.4)]), k * np.array([9, 5.5, 2.2]))
    return union(union(body, border, 8.0), spine, 5.0)


def _relief(p: Floats, person: Reference) -> Floats:
    """Lines and small rises, mm above the smooth shape."""
    at = person.at
    pecten = ridge(p, at(_PECTEN), 1.5, 3.0)
    eminence = swell(p, at((-30, -61, 64)), 1.0, 6.0)
    tubercle = swell(p, at((-38, 56, 124)), 2.5, 9.0)
    lower_spine = swell(p, at((-21, -36, 98)), 3.0, 5.0)
    pillar = ridge(p, at([(-54, -5, 108), (-50, 20, 118), (-48, 45, 122), (-48, 62, 116)]), 3.0, 12.0)
    ear = ridge(p, at([(-96, 47, 46), (-94, 30, 49), (-101, 14, 49), (-116, 7, 44)]), 0.9, 6.0)
    tuber = swell(p, at((-107, -118.5, 62)), 2.0, 6.5)
    return pecten + eminence + tubercle + lower_spine + pillar + ear + tuber


def _carved(p: Floats, body: Floats, person: Reference) -> Floats:
    """The cup, its rough floor and the notch below."""
    opening = unit([0.27, -0.65, 0.71])
    down = unit(np.array([0.1, -1, 0]) - opening * (np.array([0.1, -1, 0]) @ opening))
    hip, head = person.hip, person.head
    front = common(ball(p, hip, head + 14), half_space(p, hip - 0.5 * opening, -opening), 3.0)
    body = without(body, front, 3.0)
    body = without(body, ball(p, hip, head + 2.0), 2.0)
    path = [
        hip - (head - 7) * opening,
        hip + 0.7 * (head - 8) * (down - opening),
        hip + (head + 1) * down + 2 * opening,
    ]
    return without(body, tube(p, np.array(path), [10.5, 10.5, 9]), 2.0)
