"""What an equilibrium says: shifts at the sacroiliac joints, loads across joints, forces under the body.

Signs: docs/explanation/conventions.md. Motion of an innominate is relative to the sacrum, at the centre of its
own joint; the same words and signs serve both sides. All arrays have a leading axis n (draws); sides are
right, left. SI: radians, metres, newtons.
"""

from typing import NamedTuple

import numpy as np

from counterpull.anatomy.posture import SIDES
from counterpull.mechanics import laws, ring
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.equilibrium import Equilibrium
from counterpull.mechanics.laws import FORWARD, NORMAL, UP
from counterpull.mechanics.model import Situation
from counterpull.mechanics.outside import s1_axes

SHIFTS = (
    "sagittal_rotation",
    "frontal_rotation",
    "axial_rotation",
    "superior_shift",
    "anterior_shift",
    "lateral_shift",
)
"""Motion of an innominate on the sacrum: anterior +, crest outward +, outflare +, up +, forward +, outward +."""


def shift_rows(situation: Situation) -> Floats:
    """From coordinates to SHIFTS of both sides (G, 2, 6, N)."""
    place, out = situation.place, []
    for s, side in enumerate(SIDES):
        motion = place.relative(f"innominate_{side}", "sacrum", place.marks[f"sij_centre_{side}"])
        hand = 1.0 if s == 0 else -1.0
        x, y, z, about_x, about_y, about_z = np.moveaxis(motion, 1, 0)
        out.append(np.stack([-about_z, hand * about_x, -hand * about_y, y, x, hand * z], axis=1))
    return np.stack(out, axis=1)


def shifts(situation: Situation, found: Equilibrium) -> Floats:
    """SHIFTS of both sides (n, 2, 6)."""
    return np.einsum("nsrx,nx->nsr", shift_rows(situation)[situation.draws.variant], found.x)


class Sacroiliac(NamedTuple):
    """Load across both sacroiliac joints, (n, 2)."""

    compression: Floats
    """Pressing the bones together along the joint's normal; negative draws them apart."""
    up: Floats
    """Force of the innominate on the sacrum along the joint surface, upward: it carries the trunk."""
    forward: Floats
    closure: Floats
    """κ: stiffness across the normal over that without compression."""

    @property
    def shear(self) -> Floats:
        """Size of the force along the joint surface."""
        return np.hypot(self.up, self.forward)


def sacroiliac(situation: Situation, found: Equilibrium) -> Sacroiliac:
    """Load across both sacroiliac joints; ligaments outside the joint carry theirs apart."""
    del situation
    joint = found.model.structure.sacroiliac
    d = np.einsum("nsjx,nx->nsj", joint.frame, found.x)

    force, _ = laws.joint_law(d, joint)
    grip = laws.gripped(laws.across(d, joint)[0], joint)[0]
    closure = laws.compression(d[..., NORMAL], grip, joint)[1]
    return Sacroiliac(-force[..., NORMAL], force[..., UP], force[..., FORWARD], closure)


class Contact(NamedTuple):
    """What one place of the body gets from what it rests on."""

    name: str
    body: str
    push: Floats
    """(n,) newtons across the surface, not negative."""
    force: Floats
    """(n, 3) the whole force on the body, in P."""
    at: Floats
    """(n, 3)"""


def contacts(situation: Situation, found: Equilibrium) -> list[Contact]:
    """Forces under the body."""
    strings, listed = found.model.structure.strings, situation.around.contacts
    if not listed:
        return []
    stretch = strings.start + np.einsum("nsx,nx->ns", strings.axis, found.x)
    pushed = laws.tension(strings, stretch)[0][:, -len(listed) :]
    out = []
    for i, one in enumerate(listed):
        moved = np.einsum(
            "nix,nx->ni", ring.point_motion(situation.place, situation.draws, one.body, one.at), found.x
        )
        along = moved - one.push * np.sum(moved * one.push, axis=1, keepdims=True)
        force = one.push * pushed[:, i, None] - (one.sticks * one.stiffness)[:, None] * along
        out.append(Contact(one.name, one.body, pushed[:, i], force, one.at))
    return out


def hip_contact(situation: Situation, found: Equilibrium) -> Floats:
    """Force of each innominate on its femoral head (n, 2, 3), newtons in P."""
    place, v = situation.place, situation.draws.variant
    k = situation.draws.joints["hip.translation_stiffness"]
    out = []
    for s, side in enumerate(SIDES):
        rows = place.relative(f"femur_{side}", f"innominate_{side}", place.marks[f"hip_centre_{side}"])
        out.append(-k[:, s, None] * np.einsum("nix,nx->ni", rows[v, :3], found.x))
    return np.stack(out, axis=1)


class Disc(NamedTuple):
    """Load on the L5/S1 disc, (n,) newtons."""

    compression: Floats
    shear: Floats
    """L5 pushed forward on the sacrum."""


def lumbosacral(situation: Situation, found: Equilibrium) -> Disc:
    """Load on the L5/S1 disc, along the normal of the S1 endplate and forward in it."""
    place, v, joints = situation.place, situation.draws.variant, situation.draws.joints
    rows = place.relative("l5", "sacrum", place.marks["l5_s1_disc_centre"], s1_axes(place))
    d = np.einsum("nix,nx->ni", rows[v], found.x)
    return Disc(
        -joints["lumbosacral.compression_stiffness"] * d[:, 1],
        joints["lumbosacral.shear_stiffness"] * d[:, 0],
    )


class Symphysis(NamedTuple):
    """Motion (m) of the right pubic bone on the left, and the force (N) of the left on the right, (n, 3) in P."""

    shift: Floats
    force: Floats


def symphysis(situation: Situation, found: Equilibrium) -> Symphysis:
    """Shear and gap at the pubic symphysis: x forward, y up, z apart."""
    place, joints = situation.place, situation.draws.joints
    rows = place.relative("innominate_right", "innominate_left", place.marks["pubic_symphysis_centre"])
    shift = np.einsum("nix,nx->ni", rows[situation.draws.variant, :3], found.x)
    shear, axial = joints["symphysis.shear_stiffness"], joints["symphysis.axial_stiffness"]
    return Symphysis(shift, -np.stack([shear, shear, axial], -1) * shift)


def ligament_tensions(situation: Situation, found: Equilibrium) -> dict[str, Floats]:
    """Tension (n, 2) of each ligament outside the joints' own stiffness, preload included."""
    strings = found.model.structure.strings
    names = ring.ligament_names(situation.place, situation.setting)
    stretch = strings.start + np.einsum("nsx,nx->ns", strings.axis, found.x)
    pulled, _ = laws.tension(strings, stretch)
    out: dict[str, list[Floats]] = {}
    for (name, _), tension in zip(names, pulled.T[: len(names)], strict=True):
        out.setdefault(name, []).append(tension)
    return {name: np.stack(sides, axis=1) for name, sides in out.items()}


class Pelvis(NamedTuple):
    """Turns of the whole pelvis from its posture, (n,) radians: what an examiner sees."""

    tilt: Floats
    """Forward +."""
    obliquity: Floats
    """Right side up +."""
    rotation: Floats
    """To the left +."""


def pelvis(found: Equilibrium) -> Pelvis:
    """Mean turn of both hip bones."""
    from counterpull.mechanics.coordinates import block

    turn = 0.5 * (found.x[:, block("innominate_right")] + found.x[:, block("innominate_left")])[:, 3:]
    return Pelvis(-turn[:, 2], -turn[:, 0], turn[:, 1])


class Motion(NamedTuple):
    """Motion of one body relative to another: at a point, and about its helical axis. (n, ...)"""

    shift: Floats
    """(n, 3) metres at the point."""
    turn: Floats
    """(n, 3) rotation vector, radians."""
    at: Floats
    """(n, 3) the point."""

    @property
    def angle(self) -> Floats:
        """(n,) size of the rotation."""
        return np.linalg.norm(self.turn, axis=1)

    @property
    def axis(self) -> Floats:
        """(n, 3) direction of the helical axis; zero where nothing turns."""
        size = self.angle[:, None]
        return self.turn / np.where(size > 0, size, 1.0)

    @property
    def axis_point(self) -> Floats:
        """(n, 3) the point of the helical axis nearest to `at`."""
        square = np.sum(self.turn**2, axis=1, keepdims=True)
        return self.at + np.cross(self.turn, self.shift) / np.where(square > 0, square, 1.0)

    @property
    def slide(self) -> Floats:
        """(n,) metres along the helical axis."""
        return np.sum(self.axis * self.shift, axis=1)


def motion(
    situation: Situation, found: Equilibrium, body: str, to: str, at: Floats, axes: Floats | None = None
) -> Motion:
    """Motion of `body` relative to `to` at posed points (G, 3), along the columns of `axes` (G, 3, 3) if given."""
    rows = situation.place.relative(body, to, at, axes)
    moved = np.einsum("nix,nx->ni", rows[situation.draws.variant], found.x)
    point = np.broadcast_to(at, (len(rows), 3))[situation.draws.variant]
    return Motion(moved[:, :3], moved[:, 3:], point)
