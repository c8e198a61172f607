"""A person to look at: bones and muscles in a posture, with their colours, as meshes of the rasteriser.

Muscles are coloured by their group, each by itself, by pull (N) or by demand over capacity. What is not known of a
muscle (no value) stays grey.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from counterpull.anatomy.body import Body
from counterpull.anatomy.posture import MIDLINE_BODIES, Posture
from counterpull.anatomy.scaling import Floats
from counterpull.interfaces.figures.bellies import Belly, bellies
from counterpull.interfaces.figures.raster import Mesh
from counterpull.interfaces.figures.skeleton import Bone, ground, skeleton
from counterpull.interfaces.figures.style import (
    GROUPS,
    LIGHT,
    SERIES,
    Theme,
    group_colour,
    group_of,
    mixed,
    on_scale,
    rgb,
    shades,
)

_GLOW = 0.03
"""How far a joint's colour reaches, m."""
Values = Mapping[tuple[str, str], float]
"""A number per muscle and side, ("iliacus", "right")."""


@dataclass(frozen=True, slots=True)
class Glow:
    """A joint that is coloured by its load."""

    at: tuple[float, float, float]
    """m in P."""
    value: float
    """0 to 1: where on the scale."""


@dataclass(frozen=True, eq=False, slots=True)
class Scene:
    """What there is to see; the view decides what is seen."""

    body: Body
    bones: list[Bone]
    bellies: list[Belly]
    theme: Theme
    colours: dict[tuple[str, str], str]
    """Of each muscle and side."""
    grouped: bool
    """Whether a muscle's colour is a shade of its group's."""
    glows: Sequence[Glow] = ()

    def meshes(self, half: str | None = None) -> list[Mesh]:
        """Bones, then muscles; of one half only, if it is named."""
        bones = [_bone(bone, self.theme, self.glows) for bone in self.bones if _kept(bone.name, half)]
        muscles = [self._muscle(belly) for belly in self.bellies if half in (None, belly.side)]
        return bones + muscles

    def _muscle(self, belly: Belly) -> Mesh:
        tendon = belly.tendon[:, None]
        colour = rgb(self.colours[belly.muscle, belly.side])
        pale = 0.82 * rgb(self.theme.tendon) + 0.18 * colour
        return Mesh(
            f"{belly.muscle}_{belly.side}",
            belly.vertices,
            belly.faces,
            belly.normals,
            (1 - tendon) * colour + tendon * pale,
            belly.fibre,
            gloss=0.12,
        )


def scene(
    body: Body,
    elements: Sequence[str],
    posture: Posture,
    *,
    colour: str = "group",
    values: Values | None = None,
    most: float = 1.0,
    theme: Theme = LIGHT,
    glows: Sequence[Glow] = (),
) -> Scene:
    """Bones and the muscles of these elements (ids with side).

    `colour` is "group", "muscle", or "scale": by `values` from 0 to `most`.
    """
    bones = _bones(body, posture)
    found = bellies(body, elements, posture, ground(bones))
    reached = {point.body for name in elements for point in body.tables.elements[name.rsplit("_", 1)[0]].path}
    bones = [bone for bone in bones if _needed(bone, reached)]
    muscles = [(belly.muscle, belly.side) for belly in found]
    colours = _coloured(body, muscles, colour, values or {}, most, theme)
    return Scene(body, bones, found, theme, colours, colour == "group", glows)


@lru_cache(maxsize=8)
def _bones(body: Body, posture: Posture) -> list[Bone]:
    return skeleton(body, posture)


def _coloured(
    body: Body, muscles: list[tuple[str, str]], colour: str, values: Values, most: float, theme: Theme
) -> dict[tuple[str, str], str]:
    names = list(dict.fromkeys(muscle for muscle, _ in muscles))
    if colour == "scale":
        return {key: scale_colour(values.get(key), most, theme) for key in muscles}
    if colour == "muscle":
        one = {name: SERIES[i % len(SERIES)] for i, name in enumerate(names)}
    else:
        one = {}
        for group in GROUPS:
            members = [name for name in names if group_of(body.tables.muscles[name].groups) == group]
            if members:
                one |= zip(members, shades(group_colour(group, theme), len(members)), strict=True)
    return {(muscle, side): one[muscle] for muscle, side in muscles}


def scale_colour(value: float | None, most: float, theme: Theme = LIGHT) -> str:
    """The colour of a value on a scale from 0 to `most`; grey where there is none."""
    if value is None or not np.isfinite(value):
        return theme.usual
    red, green, blue = on_scale(np.array(value / most if most > 0 else 0.0), theme)
    return "#" + "".join(f"{round(255 * float(c)):02x}" for c in (red, green, blue))


def _needed(bone: Bone, reached: set[str]) -> bool:
    """Whether a bone belongs into a picture whose muscles reach these bodies."""
    above, legs = {"thorax", "humerus", "abdomen"}, {"femur", "tibia", "patella"}
    if bone.name == "thorax":
        return bool(reached & above)
    if bone.name.startswith(("patella", "tibia")):
        return bool(reached & {"tibia", "patella"})
    if bone.name.startswith("femur"):
        return bool(reached & legs) or (
            not bone.sketched and bool(reached - {"innominate", "sacrum"} or not reached)
        )
    return not bone.sketched or bool(reached & (above | {"l4", "l3", "l2", "l1"}))


def _kept(name: str, half: str | None) -> bool:
    return half is None or name in MIDLINE_BODIES or name.endswith(half)


def _bone(bone: Bone, theme: Theme, glows: Sequence[Glow]) -> Mesh:
    n = len(bone.vertices)
    colour = np.tile(rgb(mixed(theme.bone, theme.page, 0.4) if bone.sketched else theme.bone), (n, 1))
    for glow in () if bone.sketched else glows:
        apart = np.linalg.norm(bone.vertices - glow.at, axis=1)
        share = np.clip(1.6 * np.exp(-((apart / _GLOW) ** 2)), 0, 1)[:, None]
        colour = (1 - share) * colour + share * on_scale(np.array(glow.value), theme)
    return Mesh(
        bone.name,
        bone.vertices,
        bone.faces,
        bone.normals,
        colour,
        np.full(n, np.nan),
        gloss=0.05,
        cut=bone.name in MIDLINE_BODIES,
    )


def framed(scene: Scene, half: str | None = None) -> list[Floats]:
    """What a picture has to hold: the muscles and the pelvis with its fifth lumbar vertebra."""
    pelvis = [
        bone.vertices
        for bone in scene.bones
        if bone.name.startswith(("sacrum", "innominate", "l5")) and _kept(bone.name, half)
    ]
    heads = [
        bone.vertices[bone.vertices[:, 1] > bone.vertices[:, 1].max() - 0.09]
        for bone in scene.bones
        if bone.name.startswith("femur") and not bone.sketched and _kept(bone.name, half)
    ]
    return pelvis + heads + [belly.vertices for belly in scene.bellies if half in (None, belly.side)]
