"""A body in a posture: where everything is, how it can move, and what each muscle pulls on.

Geometry variants have a leading axis G. Nothing here depends on a draw's stiffness or strength.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from counterpull.anatomy import paths
from counterpull.anatomy.body import Body
from counterpull.anatomy.ensemble import Draws, person_measures
from counterpull.anatomy.kinematics import pose, twists
from counterpull.anatomy.paths import Geometry
from counterpull.anatomy.posture import BODIES as ANATOMICAL
from counterpull.anatomy.posture import COORDINATES, LEVELS, SIDES, Posture
from counterpull.anatomy.records import Tables
from counterpull.anatomy.scaling import Measures
from counterpull.mechanics import coordinates
from counterpull.mechanics.coordinates import FREE, Floats

FASCIAL = ("gluteus_maximus_thoracolumbar", "latissimus_dorsi_thoracolumbar")
"""Elements that arise from the thoracolumbar fascia: their sacral point pulls on the sheet, which hands the
pull on to sacrum, hip bones and spine, and to the opposite side."""


@dataclass(frozen=True, eq=False)
class Posed:
    """A person's variants in one posture."""

    tables: Tables
    size: Measures
    marks: dict[str, Floats]
    """Landmarks with their side, where the posture puts them, (G, 3)."""
    rotation: Floats
    """(G, 18, 3, 3) of the bodies of the anatomy, with `translation` (G, 18, 3)."""
    translation: Floats
    centres: Floats
    """(G, 9, 3) of the FREE bodies."""
    twist: Floats
    """(G, 19, 6, N): motion of every body per coordinate, about P's origin."""
    wrench: Floats
    """(G, E, 19, 6): a unit tension's force and moment about P's origin on every body."""
    length: Floats
    """(G, E)"""

    @cached_property
    def pull(self) -> Floats:
        """Generalised force of a unit tension (G, N, E)."""
        return np.einsum("gbix,gebi->gxe", self.twist, self.wrench, optimize=True)

    def body(self, name: str) -> int:
        """Index of a body."""
        return coordinates.BODIES.index(name)

    def carried(self, body: str, point: Floats) -> Floats:
        """A point of the reference posture, (G, 3) or (3,), where the posture has carried it, (G, 3)."""
        if body == "fascia":
            return np.broadcast_to(point, (len(self.rotation), 3))
        b = ANATOMICAL.index(body)
        at = np.broadcast_to(point, (len(self.rotation), 3))
        return np.einsum("gij,gj->gi", self.rotation[:, b], at) + self.translation[:, b]

    def velocity(self, body: str, point: Floats) -> Floats:
        """Motion of a posed point (G, 3) of a body per coordinate, (G, 3, N)."""
        twist = self.twist[:, self.body(body)]
        arm = np.asarray(point)[:, :, None]
        return twist[:, :3] + np.cross(twist[:, 3:], arm, axis=1)

    def rotation_of(self, body: str) -> Floats:
        """Rotation of a body per coordinate, (G, 3, N)."""
        return self.twist[:, self.body(body), 3:]

    def relative(self, body: str, to: str, at: Floats, axes: Floats | None = None) -> Floats:
        """Motion of `body` relative to `to` at a posed point (G, 3), along `axes` (G, 3, 3, columns): (G, 6, N)."""
        shift = self.velocity(body, at) - self.velocity(to, at)
        turn = self.rotation_of(body) - self.rotation_of(to)
        if axes is not None:
            shift, turn = (np.einsum("gij,gin->gjn", axes, part) for part in (shift, turn))
        return np.concatenate([shift, turn], axis=1)


_KNEES = tuple(COORDINATES.index(f"knee_flexion_{side}") for side in SIDES)
_BELOW = [[ANATOMICAL.index(f"{bone}_{side}") for bone in ("tibia", "patella")] for side in SIDES]


def posed(body: Body, draws: Draws, posture: Posture) -> Posed:
    """All geometry variants of `draws` in a posture."""
    tables = body.tables
    seed = None if draws.seed < 0 else draws.seed
    variants = len(draws.geometry.wrap_radius)
    size = person_measures(tables, body.person, variants, seed)
    return assemble(tables, size, draws.landmarks, draws.geometry, posture)


def assemble(
    tables: Tables, size: Measures, landmarks: dict[str, Floats], geometry: Geometry, posture: Posture
) -> Posed:
    """The same from the parts; variants of several people may be stacked along G."""
    from counterpull.anatomy.arrays import topology

    top = topology(tables)
    variants = len(geometry.wrap_radius)
    poses = pose(geometry.skeleton, posture.array())
    rotation, translation = poses
    bending = twists(geometry.skeleton, posture.array(), _KNEES)
    knees = np.stack([bending[:, s, _BELOW[s]] for s in range(2)], axis=1)
    wrench = paths.wrenches(top, geometry, posture.array())
    length = paths.path_lengths(top, geometry, poses)
    body_of = {name: row.body for name, row in tables.landmarks.items()}

    def carried(name: str, at: Floats) -> Floats:
        stem = name.removesuffix("_right").removesuffix("_left")
        side = name.removeprefix(stem) or "_right"
        bone = body_of[stem]
        i = ANATOMICAL.index(bone if bone in ANATOMICAL else bone + side)
        return np.einsum("gij,gj->gi", rotation[:, i], at) + translation[:, i]

    marks = {name: carried(name, at) for name, at in landmarks.items()}
    for side in SIDES:
        i = ANATOMICAL.index(f"tibia_{side}")
        down = np.stack([0 * size.stature, -size.lengths["shank_length"], 0 * size.stature], -1)
        ankle = landmarks[f"knee_centre_{side}"] + down
        marks[f"ankle_centre_{side}"] = np.einsum("gij,gj->gi", rotation[:, i], ankle) + translation[:, i]
    sij = [marks[f"sij_centre_{side}"] for side in SIDES]
    centres = {
        "thorax": marks["l3_l4_joint_centre"],
        "l5": marks["l5_vertebral_centre"],
        "sacrum": 0.5 * (sij[0] + sij[1]),
        "innominate_right": sij[0],
        "innominate_left": sij[1],
        "femur_right": marks["hip_centre_right"],
        "femur_left": marks["hip_centre_left"],
        "abdomen": marks["l3_l4_joint_centre"] + np.array([0.1, 0.0, 0.0]),
        "fascia": marks["s1_median_crest"],
    }
    at = np.stack([centres[name] for name in FREE], 1)
    chain = coordinates.Chain(
        np.stack([marks[f"{level}_joint_centre"] for level in LEVELS[1:]], 1),
        np.broadcast_to(chain_compliance(tables), (variants, 5, 6)),
    )
    twist = coordinates.twists(at, chain, knees)
    wrench = np.concatenate([wrench, np.zeros_like(wrench[:, :, :1])], axis=2)
    sacrum, fascia = coordinates.BODIES.index("sacrum"), coordinates.BODIES.index("fascia")
    for name in FASCIAL:
        for side in SIDES:
            e = top.elements.index(f"{name}_{side}")
            wrench[:, e, fascia] = wrench[:, e, sacrum]
            wrench[:, e, sacrum] = 0.0
    return Posed(tables, size, marks, rotation, translation, at, twist, wrench, length)


def chain_compliance(tables: Tables) -> Floats:
    """Compliance of the joints between L5 and the rib cage, (5, 6), from below, m/N and rad/(Nm).

    The table's total, shared out over the levels as the movements are; shear and compression alike.
    """
    moves = ("trunk_bend", "trunk_rotation", "lordosis")
    share = np.array([[tables.number(f"rhythm.{lv}.{m}").value for m in moves] for lv in LEVELS[1:]])
    share = np.hstack([np.full((5, 3), 0.2), share / share.sum(axis=0)])
    names = ("shear", "compression", "shear", "lateral", "axial", "sagittal")
    total = np.array([tables.number(f"joint.lumbar.{name}_stiffness").value for name in names])
    return share / total
