"""The fifth lumbar vertebra."""

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
    p = p.copy()
    p[:, 2] = np.abs(p[:, 2])
    at = lambda places: person.at(places, "l5")  # noqa: E731
    k = person.stout
    centre = at([(-65.9, 67.9, 0)])[0]
    up = unit([-0.28, 0.96, 0])
    axes = frame(up, [0, 0, 1])
    waist = 1 - 0.10 * np.clip(1 - np.abs((p - centre) @ up) / 13.0, 0, 1)
    flat = p - np.outer((p - centre) @ up, up)
    body = ellipsoid(centre + (flat - centre) / waist[:, None], centre, axes, (200, 24.5 * k, 17 * k))
    forward = np.cross(up, [0, 0, 1.0])
    hollow = ellipsoid(p, centre - 27 * k * forward, axes, (200, 16, 12))
    body = without(body, hollow, 4.0)
    lower = unit(up - 0.10 * forward)
    upper = unit(up + 0.10 * forward)
    body = common(body, half_space(p, centre + 13 * k * up, upper), 3.0)
    body = common(body, half_space(p, centre - 12.5 * k * up, -lower), 3.0)
    pedicle = tube(
        p, at([(-72, 73, 16), (-82, 76, 17.5), (-92, 76, 19)]), k * np.array([(6, 8), (5.5, 6.5), (5.5, 7)])
    )
    process = tube(
        p,
        at([(-82, 75, 20), (-86, 78, 29), (-89, 79, 38)]),
        k * np.array([(7, 6), (4, 6), (3, 4.5)]),
        side=np.array([1.0, 0, 0.2]),
    )
    lamina = tube(
        p,
        at([(-93, 76, 19), (-98, 72, 13), (-103, 70, 4), (-104, 69, 0)]),
        k * np.array([(4, 8), (3.5, 9), (4, 8), (4, 8)]),
        side=np.array([1.0, 0.2, 0.6]),
    )
    superior = tube(
        p, at([(-92, 76, 19), (-94, 84, 19), (-95, 92, 18.5)]), k * np.array([(5.5, 5), (5, 4.5), (4, 3)])
    )
    inferior = tube(
        p, at([(-97, 72, 15), (-102, 62, 18), (-105, 54, 20)]), k * np.array([(6, 5), (5.5, 4.5), (4.5, 3)])
    )
    spinous = tube(
        p, at([(-101, 70, 0), (-109, 67.5, 0), (-116, 65, 0)]), k * np.array([(3, 8.5), (2.6, 8), (3.4, 6.5)])
    )
    arch = all_of([pedicle, process, lamina, superior, inferior, spinous], 4.0)
    return union(body, arch, 4.0)
