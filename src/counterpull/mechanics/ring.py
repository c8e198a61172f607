"""The pelvic ring and its neighbours as arrays: joints, ligaments, sheets and contacts become a Structure."""

from dataclasses import dataclass

import numpy as np

from counterpull.anatomy.ensemble import Draws
from counterpull.anatomy.kinematics import rotation_matrix, rotation_vector
from counterpull.anatomy.posture import BODIES as ANATOMICAL
from counterpull.anatomy.posture import SIDES
from counterpull.mechanics import sheets
from counterpull.mechanics.coordinates import FREE, SIZE, Floats, block, carrier, moved_to
from counterpull.mechanics.laws import GRIP, Sacroiliac, Strings, Structure
from counterpull.mechanics.outside import Outside, s1_axes
from counterpull.mechanics.posed import Posed, chain_compliance
from counterpull.mechanics.setting import Setting

MIRROR = np.array([1.0, 1.0, -1.0])


def moving(setting: Setting, fixed: bool = True) -> Floats:
    """(N,) 1 for coordinates of bodies that are present and, if asked, not fixed."""
    out = np.zeros(SIZE)
    gone = set(setting.fixed) if fixed else set()
    for body in setting.present:
        if body not in gone:
            out[block(body)] = 1.0
    for s, side in enumerate(SIDES):
        if f"femur_{side}" in setting.present and f"femur_{side}" not in gone:
            out[6 * len(FREE) + s] = 1.0
    return out


def structure(place: Posed, draws: Draws, setting: Setting, around: Outside, softer: Floats) -> Structure:
    """Everything that pushes back, (n, ...)."""
    n = len(draws.variant)
    frames, stiffness = linear_springs(place, draws, setting, around)
    linear = np.einsum("nlx,nl,nly->nxy", frames, stiffness, frames, optimize=True)
    if _both(setting, "thorax", "l5"):
        linear += lumbar_block(place, draws)
    return Structure(
        linear=linear,
        toppling=around.toppling,
        strings=strings(place, draws, setting, around),
        sacroiliac=sacroiliac(place, draws, setting, softer),
        moving=np.broadcast_to(moving(setting), (n, SIZE)).copy(),
    )


def _both(setting: Setting, *bodies: str) -> bool:
    return all(body in setting.present for body in bodies)


@dataclass(frozen=True, eq=False)
class Spring:
    """Six springs between two bodies at a place of the posture: three shifts along its axes, three turns about them."""

    name: str
    body: str
    to: str | None
    """None: the world."""
    at: Floats
    """(n, 3) posed."""
    axes: Floats
    """(n, 3, 3) columns."""
    stiffness: Floats
    """(n, 6) N/m, then Nm/rad."""


def springs(place: Posed, draws: Draws, setting: Setting, around: Outside) -> list[Spring]:
    """All linear springs between bodies that are present; edges of sheets and contacts also have a string each."""
    v, joints, n = draws.variant, draws.joints, len(draws.variant)
    along_p = np.broadcast_to(np.eye(3), (n, 3, 3))
    out: list[Spring] = []

    def table(joint: str, *names: str) -> Floats:
        return np.stack([joints[f"{joint}.{name}_stiffness"] for name in names], -1)

    if _both(setting, "innominate_right", "innominate_left"):
        k = table("symphysis", "shear", "shear", "axial", "bending", "bending", "bending")
        at = place.marks["pubic_symphysis_centre"][v]
        out.append(Spring("symphysis", "innominate_right", "innominate_left", at, along_p, k))
    if _both(setting, "l5", "sacrum"):
        bend = 0.5 * (table("lumbosacral", "flexion") + table("lumbosacral", "extension"))
        k = np.concatenate(
            [table("lumbosacral", "shear", "compression", "shear", "lateral", "axial"), bend], axis=1
        )
        at = place.marks["l5_s1_disc_centre"][v]
        out.append(Spring("lumbosacral", "l5", "sacrum", at, s1_axes(place)[v], k))
    for s, side in enumerate(SIDES):
        if _both(setting, f"femur_{side}", f"innominate_{side}"):
            shift = np.repeat(joints["hip.translation_stiffness"][:, s, None], 3, axis=1)
            turn = np.stack(
                [
                    joints["hip.capsule_abduction_stiffness"][:, s],
                    joints["hip.capsule_rotation_stiffness"][:, s],
                    hip_capsule(draws, setting, s)[1],
                ],
                axis=1,
            )
            k, at = np.concatenate([shift, turn], axis=1), place.marks[f"hip_centre_{side}"][v]
            out.append(Spring(f"hip_{side}", f"femur_{side}", f"innominate_{side}", at, along_p, k))
    for edge in sheets.edges(place, draws, setting):
        axes = np.concatenate([edge.way[:, :, None], sheets.tangents(edge.way)], axis=2)[v]
        k = np.stack([edge.pressed, edge.stiffness, edge.stiffness, *np.zeros((3, n))], axis=1)
        out.append(Spring(edge.name, edge.sheet, edge.bone, edge.at[v], axes, k))
    for contact in around.contacts:
        axes = np.concatenate([contact.push[:, :, None], sheets.tangents(contact.push)], axis=2)
        k = contact.sticks * contact.stiffness
        none = np.zeros(n)
        k = np.stack([none, k, k, none, none, none], axis=1)
        out.append(Spring(contact.name, contact.body, None, contact.at, axes, k))
    return out


def linear_springs(place: Posed, draws: Draws, setting: Setting, around: Outside) -> tuple[Floats, Floats]:
    """Frames (n, L, N) and stiffness (n, L) of all linear springs, the knees' among them."""
    n, v = len(draws.variant), draws.variant
    frames, stiffness = [np.zeros((n, 0, SIZE))], [np.zeros((n, 0))]
    for spring in springs(place, draws, setting, around):
        twist = place.twist[v, place.body(spring.body)]
        if spring.to is not None:
            twist = twist - place.twist[v, place.body(spring.to)]
        shift = twist[:, :3] + np.cross(twist[:, 3:], spring.at[:, :, None], axis=1)
        motion = np.concatenate(
            [np.einsum("nij,nix->njx", spring.axes, part) for part in (shift, twist[:, 3:])], axis=1
        )
        there = np.any(spring.stiffness > 0, axis=0)
        frames.append(motion[:, there])
        stiffness.append(spring.stiffness[:, there])
    for s, side in enumerate(SIDES):
        if _both(setting, f"femur_{side}", f"innominate_{side}"):
            knee = np.zeros((n, 1, SIZE))
            knee[:, 0, 6 * len(FREE) + s] = 1.0
            frames.append(knee)
            stiffness.append(knee_stop(draws, setting, s)[1][:, None])
    return np.concatenate(frames, axis=1), np.concatenate(stiffness, axis=1)


def lumbar_block(place: Posed, draws: Draws) -> Floats:
    """The lumbar levels between L5 and the rib cage as one stiffness, (n, N, N): joints in series."""
    joints = draws.joints
    names = ("shear", "compression", "shear", "lateral", "axial", "sagittal")
    drawn = np.stack([joints[f"lumbar.{name}_stiffness"] for name in names], -1)
    nominal = np.array([place.tables.number(f"joint.lumbar.{name}_stiffness").value for name in names])
    each = chain_compliance(place.tables)[None] * (nominal / drawn)[:, None]
    centres = np.stack([place.marks[f"{level}_joint_centre"] for level in LUMBAR_LEVELS], 1)
    move = moved_to(centres)[draws.variant]
    total = np.einsum("nlji,nlj,nljk->nik", move, each, move, optimize=True)
    relative = (place.twist[:, place.body("thorax")] - place.twist[:, place.body("l5")])[draws.variant]
    return np.einsum("nix,nij,njy->nxy", relative, np.linalg.inv(total), relative, optimize=True)


LUMBAR_LEVELS = ("l4_l5", "l3_l4", "l2_l3", "l1_l2", "t12_l1")


def strings(place: Posed, draws: Draws, setting: Setting, around: Outside) -> Strings:
    """Ligaments outside the joints' own stiffness, then edges of sheets, then contacts."""
    n = len(draws.variant)
    axis, stiffness, toe, start, balanced = [], [], [], [], []
    for line in ligaments(place, draws, setting):
        span = line.ends[:, 1] - line.ends[:, 0]
        long = np.linalg.norm(span, axis=1)
        ends = zip(line.bodies, line.ends.swapaxes(0, 1), strict=True)
        first, second = (point_motion(place, draws, body, at) for body, at in ends)
        axis.append(np.einsum("ni,nix->nx", span / long[:, None], second - first))
        stiffness.append(line.stiffness)
        toe.append(line.toe)
        start.append(long - line.slack)
        balanced.append(line.preload + GRIP * line.stiffness * line.stretched)
    for edge in sheets.edges(place, draws, setting):
        axis.append(edge.along)
        stiffness.append(edge.drawn)
        toe.append(edge.toe)
        start.append(np.zeros(n))
        balanced.append(np.zeros(n))
    for contact in around.contacts:
        velocity = point_motion(place, draws, contact.body, contact.at)
        axis.append(-np.einsum("ni,nix->nx", contact.push, velocity))
        stiffness.append(contact.stiffness)
        toe.append(contact.toe)
        start.append(contact.raised)
        balanced.append(np.zeros(n))
    if not axis:
        nothing = np.zeros((n, 1))
        return Strings(np.zeros((n, 1, SIZE)), nothing, nothing + 1.0, nothing - 1.0, nothing)
    return Strings(np.stack(axis, 1), *(np.stack(part, 1) for part in (stiffness, toe, start, balanced)))


@dataclass(frozen=True, eq=False)
class Line:
    """A ligament that is a string of its own."""

    name: str
    side: str
    bodies: tuple[str, str]
    ends: Floats
    """(n, 2, 3) posed."""
    stiffness: Floats
    toe: Floats
    """(n,) metres of stretch over which the stiffness rises."""
    preload: Floats
    """(n,) newtons that the joints hold in the reference posture."""
    stretched: Floats
    """(n,) metres by which the preload stretches it there."""
    slack: Floats
    """(n,) metres, its length when it begins to pull."""


def ligaments(place: Posed, draws: Draws, setting: Setting) -> list[Line]:
    """Every ligament outside the joints' own stiffness, in the order of the strings."""
    out, names = [], list(place.tables.ligaments)
    for name, side in ligament_names(place, setting):
        i, s = names.index(name), SIDES.index(side)
        first, second = _ends(place, name, side)
        rest = draws.ligament_ends[:, s, i]
        ends = [place.carried(b, rest[:, e])[draws.variant] for e, b in enumerate((first, second))]
        unloaded = np.linalg.norm(rest[:, 1] - rest[:, 0], axis=1)[draws.variant]
        k, preload = (draws.ligaments[q][:, s, i] for q in ("stiffness", "preload"))
        toe = draws.joints["ligament.toe_strain"] * unloaded
        stretched = preload_stretch(preload, k, toe)
        line = (name, side, (first, second), np.stack(ends, 1), k, toe, preload, stretched)
        out.append(Line(*line, slack=unloaded - stretched))
    return out


def ligament_names(place: Posed, setting: Setting) -> list[tuple[str, str]]:
    """Name and side of every ligament that is a string of its own, in the order of the strings."""
    return [
        (name, side)
        for name, ligament in place.tables.ligaments.items()
        if not ligament.in_joint_stiffness and ligament.group not in setting.cut
        for side in SIDES
        if all(carrier(body) in setting.present for body in _ends(place, name, side))
    ]


def _ends(place: Posed, name: str, side: str) -> list[str]:
    ends = place.tables.ligaments[name].ends
    return [f"{body}_{side}" if f"{body}_{side}" in ANATOMICAL else body for body, _ in ends]


def preload_stretch(preload: Floats, stiffness: Floats, toe: Floats) -> Floats:
    """Stretch at which a string with a toe carries its preload."""
    in_toe = np.sqrt(2 * toe * preload / stiffness)
    return np.where(in_toe < toe, in_toe, preload / stiffness + 0.5 * toe)


def sacroiliac(place: Posed, draws: Draws, setting: Setting, softer: Floats) -> Sacroiliac:
    """Both sacroiliac joints, (n, 2, ...)."""
    n = len(draws.variant)

    def number(name: str) -> Floats:
        return draws.joints[f"sacroiliac.{name}"]

    def halves(mean: Floats, ratio: Floats) -> tuple[Floats, Floats]:
        """Stiffness of the two directions of an axis: their mean, and positive over negative."""
        return 2 * mean * ratio / (1 + ratio), 2 * mean / (1 + ratio)

    axes = [
        (number("distraction_stiffness"), number("compression_stiffness")),
        halves(number("superior_stiffness"), number("superior_to_inferior")),
        halves(number("anterior_stiffness"), np.ones((n, 2))),
        halves(number("sagittal_stiffness"), 1.0 / number("anterior_to_posterior")),
        halves(number("axial_stiffness"), np.ones((n, 2))),
        halves(number("frontal_stiffness"), np.ones((n, 2))),
    ]
    present = np.array([_both(setting, "sacrum", f"innominate_{side}") for side in SIDES], float)
    frame = np.stack(
        [_joint_frame(place, draws, s, joint_axes(place, draws)[:, s]) * present[s] for s in range(2)],
        axis=1,
    )
    toe = np.concatenate(
        [np.repeat(number(f"toe_{kind}")[..., None], 3, axis=2) for kind in ("translation", "rotation")],
        axis=2,
    )
    return Sacroiliac(
        frame=frame,
        positive=np.stack([a for a, _ in axes], -1) / softer[..., None],
        negative=np.stack([b for _, b in axes], -1) / softer[..., None],
        toe_ratio=np.minimum(number("toe_ratio"), 1.0),
        toe=toe,
        gain=np.maximum(number("closure_gain"), 0.0),
        half=number("closure_force"),
    )


def joint_axes(place: Posed, draws: Draws) -> Floats:
    """Own axes of both joints as columns (n, 2, 3, 3): outward normal, up, forward; the left ones mirrored.

    Up lies in the joint surface, along the normal of the S1 endplate: the joint goes with the sacrum. (With
    up along y, the specimens' lateral bending could not be four times as stiff as their axial torsion.)
    """
    normal = place.tables.joint_axes["sacroiliac"]
    up = s1_axes(place)[draws.variant][:, :, 1]
    up = up - normal * (up @ normal)[:, None]
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    own = np.stack([np.broadcast_to(normal, up.shape), up, np.cross(up, normal)], axis=2)
    angles = [draws.joints[f"sacroiliac.axis_turn_{name}"] for name in ("roll", "yaw", "pitch")]
    right = rotation_matrix(np.stack(angles, -1)) @ own[:, None]
    return (right * np.array([np.ones(3), MIRROR])[None, :, :, None]).astype(float)


def _joint_frame(place: Posed, draws: Draws, s: int, axes: Floats) -> Floats:
    """From coordinates to the joint's own displacement (n, 6, N): the same law serves both sides."""
    side = SIDES[s]
    at = place.marks[f"sij_centre_{side}"]
    motion = place.relative(f"innominate_{side}", "sacrum", at)[draws.variant]
    turn = 1.0 if side == "right" else -1.0
    shift, spin = (np.einsum("nij,nix->njx", axes, part) for part in (motion[:, :3], turn * motion[:, 3:]))
    return np.concatenate([shift, spin], axis=1)


def posture_load(place: Posed, draws: Draws, setting: Setting) -> Floats:
    """Generalised force (n, N) of joints that the posture has strained: hip capsules, knee stops, spine.

    Standing is the rest position of the spine.
    """
    v, n, joints = draws.variant, len(draws.variant), draws.joints
    out = np.zeros((n, SIZE))
    for s, side in enumerate(SIDES):
        if not _both(setting, f"femur_{side}", f"innominate_{side}"):
            continue
        hand = 1.0 if side == "right" else -1.0
        posture = setting.posture
        abduction, rotation = (getattr(posture, f"hip_{m}_{side}") for m in ("abduction", "rotation"))
        moment = np.stack(
            [
                hand * joints["hip.capsule_abduction_stiffness"][:, s] * abduction,
                -hand * joints["hip.capsule_rotation_stiffness"][:, s] * rotation,
                hip_capsule(draws, setting, s)[0],
            ],
            axis=1,
        )
        turn = place.rotation_of(f"femur_{side}") - place.rotation_of(f"innominate_{side}")
        out += np.einsum("nix,ni->nx", turn[v], moment)
        out[:, 6 * len(FREE) + s] += knee_stop(draws, setting, s)[0]
    if _both(setting, "l5", "sacrum"):
        turned = rotation_vectors(place, "l5", "sacrum")[v]
        axes = s1_axes(place)[v]
        own = np.einsum("nij,ni->nj", axes, turned)
        bend = 0.5 * (joints["lumbosacral.flexion_stiffness"] + joints["lumbosacral.extension_stiffness"])
        k = np.stack(
            [joints["lumbosacral.lateral_stiffness"], joints["lumbosacral.axial_stiffness"], bend], -1
        )
        moment = -np.einsum("nij,nj->ni", axes, k * own)
        turn = place.rotation_of("l5") - place.rotation_of("sacrum")
        out += np.einsum("nix,ni->nx", turn[v], moment)
    if _both(setting, "thorax", "l5"):
        turned = rotation_vectors(place, "thorax", "l5")[v]
        k = np.stack([joints[f"lumbar.{name}_stiffness"] for name in ("lateral", "axial", "sagittal")], -1)
        turn = place.rotation_of("thorax") - place.rotation_of("l5")
        out += np.einsum("nix,ni->nx", turn[v], -k * turned)
    return out


def rotation_vectors(place: Posed, body: str, to: str) -> Floats:
    """How far the posture has turned one body on another, (G, 3)."""
    a, b = (place.rotation[:, place.body(name)] for name in (body, to))
    return rotation_vector(a @ b.swapaxes(1, 2))


def hip_capsule(draws: Draws, setting: Setting, s: int) -> tuple[Floats, Floats]:
    """Passive flexion moment of a hip beside its muscles, Nm, and its stiffness, Nm/rad, (n,) each."""

    def number(name: str) -> Floats:
        return draws.joints[f"hip.capsule_{name}"][:, s]

    angle = getattr(setting.posture, f"hip_flexion_{SIDES[s]}")
    back = number("extension_moment") * np.exp(-angle / number("extension_angle"))
    front = number("flexion_moment") * np.exp(angle / number("flexion_angle"))
    moment = back - front + number("offset")
    return moment, back / number("extension_angle") + front / number("flexion_angle")


def knee_stop(draws: Draws, setting: Setting, s: int) -> tuple[Floats, Floats]:
    """Flexion moment of the posterior capsule of a knee, Nm, and its stiffness, Nm/rad."""
    moment, fold = draws.joints["knee.stop_moment"], draws.joints["knee.stop_angle"]
    now = moment * np.exp(-getattr(setting.posture, f"knee_flexion_{SIDES[s]}") / fold)
    return now, now / fold


def point_motion(place: Posed, draws: Draws, body: str, at: Floats) -> Floats:
    """Motion of posed points (n, 3) of a body, (n, 3, N)."""
    twist = place.twist[draws.variant, place.body(body)]
    return twist[:, :3] + np.cross(twist[:, 3:], at[:, :, None], axis=1)
