"""The upper half of the right thigh bone.

Numbers in brackets are places of the model skeleton, mm, set from its landmarks, attachments and wraps.
"""

import numpy as np

from counterpull.anatomy.shapes.fields import (
    Floats,
    all_of,
    ball,
    common,
    half_space,
    ridge,
    tube,
    union,
    without,
)
from counterpull.anatomy.shapes.person import Reference


def femur(p: Floats, person: Reference) -> Floats:
    """Signed distance of points (N, 3) from the right femur of a reference person, mm."""
    k = person.stout

    def at(places):
        return person.at(places, "femur_right")

    head = ball(p, person.hip, person.head)
    neck = tube(
        p, at([(-58, -81, 82), (-61, -89, 96), (-66, -101, 110), (-68, -112, 116)]),
        k * np.array([(17, 15), (13, 16), (14, 19), (15, 20)]), side=np.array([-1.0, 0, -0.2]),
    )  # fmt: skip
    shaft = tube(
        p,
        at([(-66, -112, 118), (-66, -130, 114), (-60, -155, 111), (-52, -190, 109), (-43, -240, 106),
            (-37, -280, 103.5), (-33, -320, 101)]),
        k * np.array([(17, 18), (18, 17), (15.5, 15.5), (13.5, 13.5), (13, 13), (13, 13), (13, 13)]),
    )  # fmt: skip
    greater = tube(
        p,
        at([(-72, -112, 126), (-73, -96, 129), (-80, -84, 125)]),
        k * np.array([(11, 16), (10, 14), (6, 8)]),
    )
    lesser = tube(p, at([(-68, -128, 106), (-75, -130, 95), (-79, -131, 88)]), k * np.array([13, 9, 5]))
    crest = tube(
        p,
        at([(-84, -90, 122), (-86, -108, 115), (-83, -122, 104), (-78, -130, 94)]),
        k * np.array([6, 6.5, 6, 6]),
    )
    bone = all_of([neck, shaft, greater, lesser, crest], 8.0)
    bone = union(bone, head, 6.0)
    fossa = ball(p, at([(-80, -83, 111)])[0], 6.0 * k)
    bone = without(bone, fossa, 6.0)
    linea = ridge(
        p,
        at([(-83, -140, 120), (-73, -175, 115), (-65, -200, 112), (-55, -250, 108), (-46, -330, 102)]),
        2.5,
        4.0,
    )
    bone = bone - linea
    return common(bone, half_space(p, at([(0, -300, 0)])[0], np.array([0, -1.0, 0])), 2.0)
