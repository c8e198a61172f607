"""The bones of a person: our own surfaces, carried to the person by the map that places the landmarks.

The reference bones (an average woman's and man's, drawn from the landmarks by `anatomy.shapes`) are shipped
as bones.npz in the model skeleton's place and size; nothing but NumPy is needed to load and move them.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpull.anatomy.arrays import skeleton
from counterpull.anatomy.body import Body
from counterpull.anatomy.posture import BODIES
from counterpull.anatomy.scaling import Cloud, Floats
from counterpull.anatomy.surface import Surface

DRAWN = ("sacrum", "l5", "innominate_right", "femur_right")
"""Bodies whose bones are drawn and shipped; the left ones are mirror images."""
STEP = 1e-5
"""m: vertices are shipped as whole multiples of this."""
FILE = Path(__file__).with_name("bones.npz")
"""Where the reference bones are kept."""


class Drawn(NamedTuple):
    """A reference bone in the model skeleton's place and size, m."""

    vertices: Floats
    faces: NDArray[np.int32]


def surfaces(body: Body) -> dict[str, Surface]:
    """The bones of a person by body id, in the reference posture, metres in P: sacrum with coccyx, fifth
    lumbar vertebra, both hip bones, and the upper halves of both femurs.

    Each surface is closed and faces outward. `anatomy.kinematics` moves it with its body.
    """
    sex = body.person.sex if body.person else "male"
    place, out = skeleton(body.tables).place, {}
    for name in DRAWN:
        vertices, faces = drawn(sex, name)
        cloud = Cloud(vertices, np.full(len(vertices), BODIES.index(name)))
        out[name] = Surface(place(cloud, body.measures)[0], faces)
        if name.endswith("_right"):
            out[name.replace("_right", "_left")] = out[name].mirrored
    return out


@cache
def drawn(sex: str, name: str) -> Drawn:
    """One reference bone as it is shipped."""
    with np.load(FILE) as file:
        whole, origin = file[f"{sex}_{name}_vertices"], file[f"{sex}_{name}_origin"]
        return Drawn((whole + origin) * STEP, file[f"{sex}_{name}_faces"].astype(np.int32))


def keep(bones: dict[str, Drawn], path: Path = FILE) -> None:
    """Write reference bones, by "sex_body"; the same bones give the same file."""
    arrays = {}
    for name, (vertices, faces) in bones.items():
        whole = np.round(vertices / STEP).astype(np.int64)
        origin = whole.min(0)
        arrays |= {
            f"{name}_vertices": (whole - origin).astype(np.uint16),
            f"{name}_origin": origin,
            f"{name}_faces": faces.astype(np.uint16),
        }
    np.savez_compressed(path, **arrays)
