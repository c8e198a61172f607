"""Build the reference bones: python -m counterpull.anatomy.shapes"""

from collections.abc import Iterable, Iterator

import numpy as np

from counterpull.anatomy.bones import Drawn
from counterpull.anatomy.reading import read
from counterpull.anatomy.shapes.femur import femur
from counterpull.anatomy.shapes.fields import Floats
from counterpull.anatomy.shapes.innominate import innominate
from counterpull.anatomy.shapes.l5 import l5
from counterpull.anatomy.shapes.meshing import mesh
from counterpull.anatomy.shapes.person import Reference, average
from counterpull.anatomy.shapes.sacrum import sacrum

# What draws a bone, the box it lies in (mm), and how many triangles it gets.
PLANS = {
    "sacrum": (sacrum, (-170, -112, 0), (-45, 84, 66), 9000),
    "l5": (l5, (-135, 35, 0), (-35, 104, 64), 5000),
    "innominate_right": (innominate, (-155, -150, 1), (16, 98, 155), 8500),
    "femur_right": (femur, (-120, -325, 45), (-15, -35, 180), 4000),
}


def build(
    sexes: Iterable[str] = ("female", "male"), bodies: Iterable[str] = tuple(PLANS), step: float = 1.25
) -> Iterator[tuple[str, Drawn]]:
    """Reference bones by "sex_body", meshed from a grid of `step` mm."""
    tables = read()
    for sex in sexes:
        person = average(tables, sex)
        for name in bodies:
            draw, low, high, triangles = PLANS[name]
            low, high = np.array(low, dtype=float), np.array(high, dtype=float)
            vertices, faces = mesh(lambda p, d=draw, who=person: d(p, who), low, high, step, triangles)
            yield f"{sex}_{name}", Drawn(in_model(vertices, person, name), faces.astype(np.int32))


def in_model(vertices: Floats, person: Reference, body: str) -> Floats:
    """The places of the model skeleton, m, that the person's map carries to vertices in mm.

    Newton's method on the map. Raises ValueError if a vertex cannot be reached within a hundredth of a mm.
    """
    x, eps = vertices.copy(), 1e-3
    for _ in range(40):
        miss = person.at(x, body) - vertices
        if np.abs(miss).max() < 1e-3:
            break
        slope = [(person.at(x + eps * e, body) - person.at(x - eps * e, body)) / (2 * eps) for e in np.eye(3)]
        x = x - np.linalg.solve(np.stack(slope, -1), miss[..., None])[..., 0]
    miss = float(np.abs(person.at(x, body) - vertices).max())
    if miss > 1e-2:
        raise ValueError(f"{body}: the map cannot be inverted; {miss:.3f} mm remain.")
    return x * 1e-3
