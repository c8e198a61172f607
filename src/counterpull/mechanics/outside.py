"""What acts from outside: weight, its direction, what the body rests on, loads, and pressure in the abdomen."""

from dataclasses import dataclass

import numpy as np

from counterpull.anatomy.ensemble import SEGMENTS, Draws
from counterpull.anatomy.posture import SIDES
from counterpull.mechanics.coordinates import BODIES, FREE, SIZE, Floats, block
from counterpull.mechanics.posed import Posed
from counterpull.mechanics.setting import G, Load, Setting, Support
from counterpull.quantities import InputError, nearest, or_list

LOADS = ("gravity", "external", "pressure", "posture")
"""Causes of load other than muscles; posture is the strain of joints away from standing."""


@dataclass(frozen=True, eq=False)
class Masses:
    """Point masses on bodies: kg (n, M) at posed places (n, M, 3)."""

    bodies: tuple[str, ...]
    mass: Floats
    at: Floats


@dataclass(frozen=True, eq=False)
class Contact:
    """One place where the body rests on something."""

    name: str
    body: str
    at: Floats
    """(n, 3) posed."""
    push: Floats
    """(n, 3) unit direction of the push."""
    stiffness: Floats
    toe: Floats
    raised: Floats
    """(n,) each"""
    sticks: float


@dataclass(frozen=True, eq=False)
class Outside:
    """The outside of a setting, compiled."""

    up: Floats
    """(n, 3) against gravity, in P."""
    contacts: tuple[Contact, ...]
    loads: Floats
    """(n, 3, N): gravity, external, pressure."""
    toppling: Floats
    """(n, N, N) geometric stiffness of the weight."""


def outside(place: Posed, draws: Draws, setting: Setting) -> Outside:
    """Compile everything outside the body."""
    lumps = masses(place, draws)
    up = upright(place, draws, setting, lumps)
    return Outside(
        up=up,
        contacts=contacts(place, draws, setting, up),
        loads=np.stack(
            [
                weight(place, draws, setting, lumps, up),
                external(place, draws, setting, up),
                pressure(place, draws, setting),
            ],
            axis=1,
        ),
        toppling=toppling(place, draws, setting, lumps, up),
    )


def masses(place: Posed, draws: Draws) -> Masses:
    """The person's mass as lumps; that of the pelvis is shared out between sacrum and hip bones (assumed)."""
    v = draws.variant
    part = dict(zip(SEGMENTS, np.moveaxis(draws.segment_mass, 1, 0), strict=True))
    centre = dict(zip(SEGMENTS, np.moveaxis(draws.segment_centre, 1, 0), strict=True))
    on_sacrum = draws.joints["pelvis.mass_on_sacrum"]
    beside = np.array([0.0, 0.0, 0.08])
    rows = [
        ("thorax", part["upper_body"], centre["upper_body"]),
        ("sacrum", on_sacrum * part["pelvis"], centre["pelvis"]),
    ]
    for side, sign in zip(SIDES, (1, -1), strict=True):
        half = 0.5 * (1 - on_sacrum) * part["pelvis"]
        rows.append((f"innominate_{side}", half, centre["pelvis"] + sign * beside))
        rows.append((f"femur_{side}", part[f"thigh_{side}"], centre[f"thigh_{side}"]))
        rows += [(f"tibia_{side}", part[f"{s}_{side}"], centre[f"{s}_{side}"]) for s in ("shank", "foot")]
    at = [_carried(place, body, x, v) for body, _, x in rows]
    return Masses(tuple(r[0] for r in rows), np.stack([r[1] for r in rows], 1), np.stack(at, 1))


def upright(place: Posed, draws: Draws, setting: Setting, lumps: Masses) -> Floats:
    """Direction against gravity in P (n, 3), with the body leaned until its weight falls where it should."""
    n = len(draws.variant)
    if setting.gravity is None:
        return np.broadcast_to([0.0, 1.0, 0.0], (n, 3)).copy()
    lean = setting.posture.trunk_lean
    x, y, z = setting.gravity
    # The body inclined forward by `lean` sees gravity turned backward by it, about z.
    down = np.array([x * np.cos(lean) - y * np.sin(lean), x * np.sin(lean) + y * np.cos(lean), z])
    up = np.broadcast_to(-down / np.linalg.norm(down), (n, 3)).copy()
    if setting.balance == "none":
        return up
    feet = [name for name in setting.rests_on if name.startswith("sole_")]
    if not feet:
        raise InputError(f'setting "{setting.name}": to balance the body it must stand on a foot.')
    for _ in range(4):
        target = _falls_on(place, draws, setting, up, feet)
        heavy, at = _with_loads(place, draws, setting, lumps, up)
        centre = np.einsum("nm,nmi->ni", heavy, at) / heavy.sum(1, keepdims=True)
        way = centre - target
        if setting.balance == "pitch":
            way[:, 2] = 0.0
        up = way / np.linalg.norm(way, axis=1, keepdims=True)
    return up


def _falls_on(place: Posed, draws: Draws, setting: Setting, up: Floats, feet: list[str]) -> Floats:
    """The point of the feet on which the weight is to fall, (n, 3)."""
    where = {name: _patch_place(place, draws, name, up)[1] for name in feet}
    heel = np.mean([at for name, at in where.items() if "heel" in name], axis=0)
    ball = np.mean([at for name, at in where.items() if "ball" in name], axis=0)
    return heel + setting.weight_falls * (ball - heel)


def _with_loads(
    place: Posed, draws: Draws, setting: Setting, lumps: Masses, up: Floats
) -> tuple[Floats, Floats]:
    """Weights (newtons) and places, loads that hang on the body included."""
    heavy, at = [lumps.mass * G], [lumps.at]
    for load in setting.loads:
        if load.axes == "world" and load.force[1] < 0:
            heavy.append(np.full((len(draws.variant), 1), -load.force[1]))
            at.append(posed_at(place, draws, load.body, load.at)[:, None])
    return np.concatenate(heavy, 1), np.concatenate(at, 1)


def weight(place: Posed, draws: Draws, setting: Setting, lumps: Masses, up: Floats) -> Floats:
    """Generalised force of the weight (n, N)."""
    out = np.zeros((len(draws.variant), SIZE))
    if setting.gravity is None:
        return out
    for i, body in enumerate(lumps.bodies):
        force = -up * (G * setting.weight * lumps.mass[:, i, None])
        out += _push(place, draws, body, lumps.at[:, i], force)
    return out


def toppling(place: Posed, draws: Draws, setting: Setting, lumps: Masses, up: Floats) -> Floats:
    """Geometric stiffness of the weight (n, N, N): a leaning body's weight turns it further.

    Second order of the height of each lump over its body's centre: -m [½ (g rᵀ + r gᵀ) - (g·r) 1].
    """
    n = len(draws.variant)
    out = np.zeros((n, SIZE, SIZE))
    if setting.gravity is None:
        return out
    for i, body in enumerate(lumps.bodies):
        carrier = body.replace("tibia", "femur")
        arm = lumps.at[:, i] - place.centres[draws.variant, FREE.index(carrier)]
        g = -up * (G * setting.weight * lumps.mass[:, i, None])
        both = np.einsum("ni,nj->nij", g, arm)
        turn = np.einsum("ni,ni->n", g, arm)[:, None, None] * np.eye(3) - 0.5 * (both + both.swapaxes(1, 2))
        start = block(carrier).start + 3
        out[:, start : start + 3, start : start + 3] += turn
    return out


def external(place: Posed, draws: Draws, setting: Setting, up: Floats) -> Floats:
    """Generalised force of the loads (n, N)."""
    out = np.zeros((len(draws.variant), SIZE))
    for load in setting.loads:
        axes = load_axes(place, draws, load, up)
        force, moment = (np.einsum("nij,j->ni", axes, v) for v in (load.force, load.moment))
        out += _push(place, draws, load.body, posed_at(place, draws, load.body, load.at), force, moment)
    return out


def load_axes(place: Posed, draws: Draws, load: Load, up: Floats) -> Floats:
    """Axes of a load as columns (n, 3, 3)."""
    if load.axes == "pelvis":
        return np.broadcast_to(np.eye(3), (len(draws.variant), 3, 3))
    if load.axes == "world":
        return world_axes(up)
    if load.axes == "s1":
        return s1_axes(place)[draws.variant]
    raise InputError(f'load "{load.name}": there are no axes "{load.axes}"; use pelvis, world or s1.')


def world_axes(up: Floats) -> Floats:
    """Forward, up and right of the world as columns (n, 3, 3)."""
    forward = np.array([1.0, 0.0, 0.0]) - up * up[:, :1]
    small = np.linalg.norm(forward, axis=1, keepdims=True) < 1e-6  # lying: forward is toward the head
    forward = np.where(small, [0.0, 1.0, 0.0], forward)
    forward /= np.linalg.norm(forward, axis=1, keepdims=True)
    return np.stack([forward, up, np.cross(forward, up)], axis=2).astype(float)


def s1_axes(place: Posed) -> Floats:
    """Axes of the S1 endplate as columns (G, 3, 3): forward in the endplate, normal to it, right."""
    forward = place.marks["s1_endplate_centre"] - place.marks["s1_endplate_posterior"]
    forward = forward * np.array([1.0, 1.0, 0.0])
    forward /= np.linalg.norm(forward, axis=1, keepdims=True)
    right = np.broadcast_to([0.0, 0.0, 1.0], forward.shape)
    return np.stack([forward, np.cross(right, forward), right], axis=2)


def pressure(place: Posed, draws: Draws, setting: Setting) -> Floats:
    """Generalised force of the pressure in the abdomen (n, N): it lifts the rib cage, presses on the pelvic
    floor, and pushes wall and spine apart. All in balance."""
    out = np.zeros((len(draws.variant), SIZE))
    if not setting.pressure:
        return out
    v, joints = draws.variant, draws.joints
    lift = setting.pressure * joints["abdomen.diaphragm_area"]
    push = setting.pressure * joints["abdomen.wall_area"]
    spine = place.marks["l3_l4_joint_centre"][v]
    middle = spine + np.array([0.07, 0.0, 0.0])
    up, forward = np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0])
    out += _push(place, draws, "thorax", middle, lift[:, None] * up)
    for body, share in (("sacrum", 0.2), ("innominate_right", 0.4), ("innominate_left", 0.4)):
        out -= _push(place, draws, body, middle, (share * lift)[:, None] * up)
    out += _push(place, draws, "abdomen", spine, push[:, None] * forward)
    out -= _push(place, draws, "l3", spine, push[:, None] * forward)
    return out


def contacts(place: Posed, draws: Draws, setting: Setting, up: Floats) -> tuple[Contact, ...]:
    """Every patch and support of the setting."""
    n, out, rise = len(draws.variant), [], dict(setting.raised)
    names = list(place.tables.patches)
    for name in setting.rests_on:
        stem, side = name.rsplit("_", 1)
        row, at = _patch_place(place, draws, name, up)
        s, p = SIDES.index(side), names.index(stem)
        stiffness, toe = (draws.patches[q][:, s, p] for q in ("stiffness", "toe"))
        raised = np.full(n, rise.get(name, 0.0))
        out.append(
            Contact(
                name, f"{row.body}_{side}" if row.sided else row.body, at, up, stiffness, toe, raised, 0.5
            )
        )
    for i, support in enumerate(setting.supports):
        out.append(_support(place, draws, support, f"support_{i + 1}"))
    return tuple(out)


def _support(place: Posed, draws: Draws, support: Support, name: str) -> Contact:
    n = len(draws.variant)
    push = np.asarray(support.push, float)
    at = posed_at(place, draws, support.body, support.at)
    return Contact(
        name,
        support.body,
        at,
        np.broadcast_to(push / np.linalg.norm(push), (n, 3)),
        np.full(n, support.stiffness),
        np.full(n, 1e-5),
        np.full(n, support.raised),
        support.sticks,
    )


def _patch_place(place: Posed, draws: Draws, name: str, up: Floats):
    """The row of a patch with its side, and where it is (n, 3)."""
    stem, _, side = name.rpartition("_")
    patches = place.tables.patches
    if stem not in patches or side not in SIDES:
        known = [f"{patch}_{s}" for patch in patches for s in SIDES]
        near = nearest(name, known)
        hint = f"did you mean {or_list(near)}?" if near else f"use {or_list(known)}."
        raise InputError(f'setting: the body has no patch "{name}" to rest on; {hint}')
    row = patches[stem]
    body = f"{row.body}_{side}" if row.sided else row.body
    mark = row.landmark if row.landmark in place.marks else f"{row.landmark}_{side}"
    stature = place.size.stature[draws.variant][:, None]
    offset = row.offset * stature * np.array([1.0, 1.0, 1.0 if side == "right" else -1.0])
    v = draws.variant
    if row.upright:
        turned = np.einsum("nij,nj->ni", world_axes(up), offset)
    else:
        turned = np.einsum("nij,nj->ni", place.rotation[v, place.body(body)], offset)
    return row, place.marks[mark][v] + turned


def posed_at(place: Posed, draws: Draws, body: str, at) -> Floats:
    """A named or given place on a body, posed (n, 3)."""
    if body not in BODIES:
        near = nearest(body, BODIES)
        hint = f"did you mean {or_list(near)}?" if near else f"use {or_list(BODIES)}."
        raise InputError(f'setting: there is no body "{body}"; {hint}')
    if isinstance(at, str):
        if at not in place.marks:
            near = nearest(at, place.marks)
            hint = f"did you mean {or_list(near)}?" if near else "see the table landmarks.csv."
            raise InputError(f'setting: there is no place "{at}"; {hint}')
        return place.marks[at][draws.variant]
    return place.carried(body, np.asarray(at, float))[draws.variant]


def _carried(place: Posed, body: str, at: Floats, variant: np.ndarray) -> Floats:
    """Points (n, 3) of the reference posture carried by their body."""
    b = place.body(body)
    return np.einsum("nij,nj->ni", place.rotation[variant, b], at) + place.translation[variant, b]


def _push(
    place: Posed, draws: Draws, body: str, at: Floats, force: Floats, moment: Floats | float = 0.0
) -> Floats:
    """Generalised force (n, N) of a force and a moment (n, 3) at posed points (n, 3) of a body."""
    wrench = np.concatenate([force, np.cross(at, force) + moment], axis=1)
    return np.einsum("nix,ni->nx", place.twist[draws.variant, place.body(body)], wrench)
