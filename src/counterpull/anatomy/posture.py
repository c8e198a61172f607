"""A posture: the angles between the bodies, by name.

Angles are per side and mean the same on both sides: hip flexion, abduction and internal rotation, knee
flexion, all positive. Lordosis (more than standing, +), trunk bend (to the right, +) and trunk rotation
(to the left, +) move the thorax on the sacrum, shared out over six levels. Trunk lean inclines the whole
body forward (+) against gravity and moves no muscle.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from counterpull.quantities import InputError, nearest, or_list, parse

SIDES = ("right", "left")
MIDLINE_BODIES = ("sacrum", "l5", "l4", "l3", "l2", "l1", "thorax", "abdomen")
SIDED_BODIES = ("innominate", "femur", "tibia", "patella", "humerus")
BODIES = MIDLINE_BODIES + tuple(f"{body}_{side}" for side in SIDES for body in SIDED_BODIES)
"""Every body that a point can belong to. Abdomen is the linea alba, which moves with L3; a humerus hangs
beside the thorax and moves with it."""

LEVELS = ("l5_s1", "l4_l5", "l3_l4", "l2_l3", "l1_l2", "t12_l1")


@dataclass(frozen=True, kw_only=True, slots=True)
class Posture:
    """Joint angles in radians; the default is standing. `Posture.of(hip_flexion="90 deg")` reads text."""

    hip_flexion_right: float = 0.0
    hip_abduction_right: float = 0.0
    hip_rotation_right: float = 0.0
    knee_flexion_right: float = 0.0
    hip_flexion_left: float = 0.0
    hip_abduction_left: float = 0.0
    hip_rotation_left: float = 0.0
    knee_flexion_left: float = 0.0
    lordosis: float = 0.0
    trunk_bend: float = 0.0
    trunk_rotation: float = 0.0
    trunk_lean: float = 0.0

    @classmethod
    def of(cls, **angles: str) -> "Posture":
        """From text with units. A hip or knee angle without a side means both sides.

        >>> Posture.of(hip_flexion="90 deg", knee_flexion_left="1.5 rad").knee_flexion_left
        1.5
        """
        values: dict[str, float] = {}
        for name, written in angles.items():
            sided = [f"{name}_{side}" for side in SIDES if f"{name}_{side}" in COORDINATES]
            known = sided or ([name] if name in COORDINATES else [])
            if not known:
                near = nearest(name, [*COORDINATES, *UNSIDED])
                hint = f"did you mean {or_list(near)}?" if near else f"the angles are {or_list(COORDINATES)}."
                raise InputError(f'posture: there is no angle "{name}"; {hint}')
            values.update(dict.fromkeys(known, parse(written, "angle", f"posture.{name}")))
        return cls(**values)

    def array(self) -> NDArray[np.float64]:
        """The angles in the order of COORDINATES, shape (12,), radians."""
        return np.array([getattr(self, name) for name in COORDINATES])

    def mirrored(self) -> "Posture":
        """The posture as a mirror shows it: sides exchanged, bend and rotation reversed."""
        swapped = {name: getattr(self, mirror_name(name)) for name in COORDINATES}
        return Posture(**{**swapped, "trunk_bend": -self.trunk_bend, "trunk_rotation": -self.trunk_rotation})


COORDINATES = tuple(field.name for field in fields(Posture))
UNSIDED = ("hip_flexion", "hip_abduction", "hip_rotation", "knee_flexion")


def mirror_name(name: str) -> str:
    """The same part on the other side.

    >>> mirror_name("femur_right")
    'femur_left'
    """
    for side, other in (SIDES, SIDES[::-1]):
        if name.endswith(f"_{side}"):
            return f"{name.removesuffix(side)}{other}"
    return name
