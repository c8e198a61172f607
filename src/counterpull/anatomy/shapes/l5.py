"""The fifth lumbar vertebra: a wedge of a body, and the arch with its seven processes.

Numbers in brackets are places of the model skeleton, mm, set from its landmarks and attachments.
"""

import numpy as np

from counterpull.anatomy.shapes.fields import (
    Floats,
    all_of,
    common,
    ellipsoid,
    frame,
    half_space,
    tube,
    union,
    unit,
    without,
)
from counterpull.anatomy.shapes.person import Reference


def l5(p: Floats, person: Reference) -> Floats:
    """Signed distance of points (N, 3) from the fifth lumbar vertebra of a reference person, mm."""
    p = np.column_stack([p[:, :2], np.abs(p[:, 2])])
    return union(_body(p, person), _arch(p, person), 4.0)


def _body(p: Floats, person: Reference) -> Floats:
    """A kidney-shaped wedge, higher in front, with a waist between its rims and dished ends."""
    k, centre = person.stout, person.at((-65.9, 67.9, 0), "l5")
    up = unit([0.32, 0.95, 0])
    forward, axes = np.cross(up, [0, 0, 1.0]), frame(up, [0, 0, 1])
    height = (p - centre) @ up
    waist = 3.2 * k * np.clip(1 - (height / (12.5 * k)) ** 2, 0, 1)
    body = ellipsoid(p, centre, axes, (300, 24.8 * k, 16.8 * k)) + waist
    body = without(body, ellipsoid(p, centre - 27 * k * forward, axes, (300, 15, 12)), 4.0)
    for way, lean, half in ((1, 0.11, 13.0), (-1, 0.15, 13.0)):
        normal, end = unit(way * up - lean * forward), centre + way * half * k * up
        body = common(body, half_space(p, end, normal), 3.0)
        body = without(body, ellipsoid(p, end, axes, (1.6 * k, 18 * k, 12 * k)), 3.0)
    return body


def _arch(p: Floats, person: Reference) -> Floats:
    k = person.stout

    def part(places, radii, side=(0.0, 0.0, 1.0)):
        return tube(p, person.at(places, "l5"), k * np.array(radii), side=np.array(side))

    return all_of(
        [
            # pedicle, transverse process, lamina, the two articular processes, spinous process
            part([(-72, 73, 16), (-82, 76, 18), (-91, 76, 20)], [(6, 8), (6, 6.5), (5.5, 7)]),
            part(
                [(-81, 75, 18), (-87, 77.5, 29), (-90, 78.5, 37)],
                [(7, 6), (4, 5.5), (3, 4.5)],
                (1, 0, 0.2),
            ),
            part(
                [(-91, 76, 19), (-97.5, 72, 12), (-101, 69.5, 4), (-101.5, 69, 0)],
                [(4, 7.5), (3.5, 8.5), (4, 7.5), (4, 7.5)],
                (1, 0.2, 0.6),
            ),
            part([(-90, 76, 19), (-93, 84, 19), (-96, 89.5, 19)], [(6, 5), (6, 4), (5, 2.8)], (0.7, 0, 0.7)),
            part(
                [(-97, 72, 12.5), (-104, 65.5, 14), (-107.5, 61, 14.5)],
                [(5.5, 5), (6, 4), (4.5, 2.6)],
                (0.7, 0, 0.7),
            ),
            part([(-100, 70, 0), (-107, 68, 0), (-113.5, 65.5, 0)], [(3, 8), (2.6, 7), (3.6, 6)]),
        ],
        4.0,
    )
