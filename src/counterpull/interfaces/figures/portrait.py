"""A person's pelvis for a report: muscles coloured by pull, joints by load; true to scale, on no ground.

Nothing is written into the picture. Whoever shows it is told where its muscles and joints are seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image

from counterpull.anatomy.body import Body
from counterpull.anatomy.courses import placed_landmarks
from counterpull.anatomy.posture import SIDES, Posture
from counterpull.anatomy.scaling import Floats
from counterpull.interfaces.figures.labels import anchors
from counterpull.interfaces.figures.raster import Camera, take
from counterpull.interfaces.figures.scene import Glow, scene
from counterpull.interfaces.figures.views import VIEWS, camera

JOINTS = {
    "sij_right": "sij_centre_right",
    "sij_left": "sij_centre_left",
    "symphysis": "pubic_symphysis_centre",
    "hip_right": "hip_centre_right",
    "hip_left": "hip_centre_left",
}
"""Joints whose load can be shown, and the landmark where it is shown."""
_AROUND = 0.06
"""How much more than the pelvis a portrait shows above and below, m."""
Place = tuple[float, float]
"""Where on a picture: shares of its width, from the left, and of its height, from above."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A picture without words."""

    webp: bytes
    """Clear where nothing is seen."""
    width: int
    height: int
    """Pixels."""
    per_metre: float
    """Share of the picture's width that a metre of the body takes."""
    muscles: dict[tuple[str, str], Place]
    """Where each muscle of each side is seen; without those that cannot be seen."""
    joints: dict[str, Place]


def portrait(
    body: Body,
    posture: Posture,
    *,
    pulls: Mapping[tuple[str, str], float],
    joints: Mapping[str, float],
    view: str,
    most_pull: float,
    most_joint: float,
    width: int = 900,
) -> Portrait:
    """A picture `width` pixels wide.

    `pulls` are newtons per muscle and side, ("iliacus", "right"); exactly these muscles are drawn, as far as the frame
    around the pelvis holds them. `joints` are newtons per name of JOINTS; the bones around a joint take the colour of
    its load. Scales end at `most_pull` and `most_joint`. Raises KeyError for a muscle or joint that does not exist.
    """
    rows = {f"{row.id}_{side}": (row.muscle, side) for side in SIDES for row in body.tables.elements.values()}
    elements = [name for name in body.elements if rows[name] in pulls]
    unknown = set(pulls) - set(rows.values())
    if unknown:
        raise KeyError(f"There is no muscle {sorted(unknown)[0]}.")
    marks = placed_landmarks(body, posture)
    glows = [Glow(_at(marks[JOINTS[name]]), load / most_joint) for name, load in joints.items()]
    shown = scene(body, elements, posture, colour="scale", values=pulls, most=most_pull, glows=glows)
    pelvis = np.vstack([b.vertices for b in shown.bones if b.name.startswith(("sacrum", "innominate"))])
    heads = np.vstack([marks[f"{name}_{s}"] for name in ("greater_trochanter", "hip_centre") for s in SIDES])
    shift = np.array([0.0, _AROUND, 0.0])
    extent = camera(VIEWS[view], [pelvis + shift, pelvis - shift, heads], 1.0)
    look = Camera(extent.axes, extent.low, extent.high, width / (extent.high[0] - extent.low[0]))
    shot = take(shown.meshes(), look)
    wide, high = look.size
    file = BytesIO()
    pixels = np.rint(255 * shot.colour).astype(np.uint8)
    Image.fromarray(pixels).save(file, "webp", quality=88, method=4)
    seen = {key: (x / wide, y / high) for key, (x, y) in anchors(shown, shot).items()}
    spots = {name: look.page(marks[JOINTS[name]]) for name in joints}
    return Portrait(
        file.getvalue(),
        wide,
        high,
        look.resolution / wide,
        seen,
        {name: (float(x) / wide, float(y) / high) for name, (x, y, _) in spots.items()},
    )


def rounded_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, ...

    >>> rounded_up(130.0)
    200.0
    """
    if value <= 0:
        return 1.0
    ten = 10.0 ** np.floor(np.log10(value))
    return float(next(step * ten for step in (1, 2, 5, 10) if value <= step * ten * (1 + 1e-9)))


def _at(mark: Floats) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in mark)
    return x, y, z
