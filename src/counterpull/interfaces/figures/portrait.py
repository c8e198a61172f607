"""A person's pelvis for a report: muscles coloured by pull, joints by load, findings marked; true to scale."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np

from counterpull.anatomy.body import Body
from counterpull.anatomy.courses import placed_landmarks
from counterpull.anatomy.posture import SIDES, Posture
from counterpull.anatomy.scaling import Floats
from counterpull.interfaces.figures.plate import Scale, page, save_to
from counterpull.interfaces.figures.scene import Glow, scene
from counterpull.interfaces.figures.style import LIGHT, Theme

JOINTS = {
    "sij_right": ("right SI joint", "sij_centre_right"),
    "sij_left": ("left SI joint", "sij_centre_left"),
    "symphysis": ("pubic symphysis", "pubic_symphysis_centre"),
    "hip_right": ("right hip", "hip_centre_right"),
    "hip_left": ("left hip", "hip_centre_left"),
}
"""Joints whose load can be shown: what to call them, and the landmark where it is shown."""
_AROUND = 0.06
"""How much more than the pelvis a portrait shows above and below, m."""


def portrait(
    body: Body,
    posture: Posture,
    *,
    pulls: Mapping[tuple[str, str], float],
    joints: Mapping[str, float] | None = None,
    found: Mapping[Any, str] | None = None,
    view: str = "front",
    most_pull: float | None = None,
    most_joint: float | None = None,
    labels: bool = True,
    title: str = "",
    theme: Theme = LIGHT,
    width: float = 150.0,
    dpi: int = 200,
) -> bytes:
    """A PNG file, `width` mm wide.

    `pulls` are newtons per muscle and side, ("iliacus", "right"); exactly these muscles are drawn, as far as the frame
    around the pelvis holds them. `joints` are newtons per name of JOINTS; the bones around a joint take the colour of
    its load. `found` says in a word what was found of a muscle ("tight") or of a joint ("lax"); it gets a ring and its
    word. Scales end at the next round number if not given. Raises KeyError for a muscle or joint that does not exist.
    """
    rows = {
        f"{row.id}_{side}": (row.muscle, side)
        for side in ("right", "left")
        for row in body.tables.elements.values()
    }
    elements = [name for name in body.elements if rows[name] in pulls]
    unknown = set(pulls) - set(rows.values())
    if unknown:
        raise KeyError(f"There is no muscle {sorted(unknown)[0]}.")
    joints, found = joints or {}, found or {}
    most = most_pull or rounded_up(max(pulls.values(), default=1.0))
    limit = most_joint or rounded_up(max(joints.values(), default=1.0))
    marks = placed_landmarks(body, posture)
    glows = [Glow(_place(marks[JOINTS[name][1]]), load / limit) for name, load in joints.items()]
    shown = scene(body, elements, posture, colour="scale", values=pulls, most=most, theme=theme, glows=glows)
    scales = [Scale("pull of a muscle", most, " N")] if pulls else []
    if joints:
        scales.append(Scale("load of a joint", limit, " N"))
    words, told = {}, {key: word for key, word in found.items() if key not in JOINTS}
    for name, load in joints.items():
        label, mark = JOINTS[name]
        text = (
            f"{label}: {found[name]}, {load:.0f}\u00a0N" if name in found else f"{label}: {load:.0f}\u00a0N"
        )
        words[text] = _place(marks[mark])
        if name in found:
            told[text] = found[name]
    pelvis = np.vstack([b.vertices for b in shown.bones if b.name.startswith(("sacrum", "innominate"))])
    heads = np.vstack([marks[f"{name}_{s}"] for name in ("greater_trochanter", "hip_centre") for s in SIDES])
    shift = np.array([0.0, _AROUND, 0.0])
    frame = [pelvis + shift, pelvis - shift, heads]
    figure = page(
        shown,
        view,
        title=title,
        labels=labels,
        scales=scales,
        found=told,
        joints=words,
        frame=frame,
        width=width,
        dpi=dpi,
    )
    out = BytesIO()
    save_to(figure, out, "png", dpi)
    return out.getvalue()


def rounded_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, ...

    >>> rounded_up(130.0)
    200.0
    """
    if value <= 0:
        return 1.0
    ten = 10.0 ** np.floor(np.log10(value))
    return float(next(step * ten for step in (1, 2, 5, 10) if value <= step * ten * (1 + 1e-9)))


def _place(mark: Floats) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in mark)
    return x, y, z
