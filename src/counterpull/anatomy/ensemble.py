"""An ensemble: bodies that one person may have, as arrays.

Every number of the tables is drawn about its value; places move within their spread in at most 16 geometry
variants; tendons and fibres lengthen with the paths of each variant, so that a scaled muscle works at the
same part of its length.
"""

from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from counterpull.anatomy import kinematics, paths
from counterpull.anatomy.arrays import arrays, landmarks, skeleton, topology
from counterpull.anatomy.draws import VARIANTS, midline_scores, scores
from counterpull.anatomy.names import groups
from counterpull.anatomy.paths import Geometry, Topology
from counterpull.anatomy.posture import BODIES, LEVELS, SIDES
from counterpull.anatomy.records import Tables
from counterpull.anatomy.scaling import Floats, Measures, Person, measure_names, measures

SEGMENTS = ("upper_body", "pelvis", *(f"{s}_{side}" for side in SIDES for s in ("thigh", "shank", "foot")))
"""Lumps of mass: head, arms and trunk above L5/S1 are one."""
OUTWARD = np.array([[[1.0, 1.0, 1.0]], [[1.0, 1.0, -1.0]]])
"""(2, 1, 3) what moves a place of each side forward, up and outward by the same score."""


@dataclass(frozen=True, eq=False)
class Draws:
    """An ensemble of one person's bodies. E elements, G ≤ 16 geometry variants; SI."""

    seed: int
    variant: NDArray[np.int64]
    """(n,) which geometry variant each draw has: i mod G."""
    geometry: Geometry
    """A leading axis G on every array."""
    pcsa: Floats
    """(n, E)"""
    specific_tension: Floats
    """(n, E)"""
    fibre_length: Floats
    """(n, E) optimal fibre length."""
    slack_length: Floats
    """(n, E) tendon slack length."""
    pennation: Floats
    """(n, E) at optimal fibre length, rad."""
    segment_mass: Floats
    """(n, 8) kg, in the order of SEGMENTS; sums to the person's mass."""
    segment_centre: Floats
    """(n, 8, 3) in the reference posture."""
    joints: dict[str, Floats]
    """Joint numbers by id: (n,), or (n, 2) for the sacroiliac joints and hips (right, left)."""
    ligaments: dict[str, Floats]
    """`stiffness` and `preload`, (n, 2, L) right and left, in the order of Body.ligaments."""
    ligament_ends: Floats
    """(G, 2, L, 2, 3): side, ligament, end."""
    sheets: Floats
    """(n, 2, R) N/m: stiffness of the edges of Tables.sheets, right and left."""
    sheet_edges: Floats
    """(G, 2, R, 3): where they are sewn on."""
    patches: dict[str, Floats]
    """`stiffness` and `toe`, (n, 2, P), in the order of Tables.patches."""
    landmarks: dict[str, Floats]
    """Bony landmarks and joint centres in the reference posture, (G, 3), with their side ("sij_centre_right")."""

    @property
    def max_force(self) -> Floats:
        """(n, E) newtons: area times specific tension."""
        return self.pcsa * self.specific_tension


def assemble(tables: Tables, person: Person | None, n: int, seed: int | None) -> Draws:
    """`n` draws; without a seed, the table values themselves."""
    model = arrays(tables)
    size = person_measures(tables, person, 1 if seed is None else VARIANTS, seed)
    marks = landmark_places(tables, size, seed)
    places = geometry(tables, size, seed)
    variants = len(size.stature)
    variant = np.arange(n) % variants
    stretch = standing_lengths(tables, places) / _model_lengths(tables)
    number = partial(_numbers, tables, seed, n)
    elements = list(tables.elements)
    area, tension = _strengths(tables, seed, n)
    stretch = stretch[variant]
    fibre = _both_sides(number("fibre_length", [f"{e}.fibre_length" for e in elements])) * stretch
    pennation = np.abs(
        _both_sides(number("pennation", [f"{m}.pennation" for m in tables.muscles])[..., model.muscle_of])
    )
    z = _both_sides(_scores(tables, "slack_length", [f"{e}.slack_length" for e in elements], seed, n))
    ratio = np.maximum(standing_ratio(tables) + tables.number("joint.muscle.operating_spread").value * z, 0.4)
    slack = fitting_slack(standing_lengths(tables, places)[variant], fibre, pennation, ratio)
    return Draws(
        seed=-1 if seed is None else seed,
        variant=variant,
        geometry=places,
        pcsa=_both_sides(area) * area_factor(tables, person),
        specific_tension=_both_sides(tension),
        fibre_length=fibre,
        slack_length=slack,
        pennation=pennation,
        **_segments(tables, person, n, seed, size, marks, variant),
        joints=_joints(tables, seed, n),
        ligaments={
            q: number("ligament", [f"ligament.{name}.{q}" for name in tables.ligaments])
            for q in ("stiffness", "preload")
        },
        sheets=number("ligament", [f"sheet.{name}.stiffness" for name in tables.sheets]),
        sheet_edges=skeleton(tables).place(model.sheets, size).reshape(variants, 2, -1, 3),
        patches={
            q: number("patch", [f"patch.{name}.{q}" for name in tables.patches]) for q in ("stiffness", "toe")
        },
        landmarks=marks,
        ligament_ends=skeleton(tables).place(model.ligaments, size).reshape(variants, 2, -1, 2, 3),
    )


def _strengths(tables: Tables, seed: int | None, n: int) -> tuple[Floats, Floats]:
    """Area and specific tension of the elements (n, 2, R), before the person's size.

    Of a group whose strength was measured in the living (a row `strength`), only the product is known: the
    tension makes up for what the drawn areas have too much or too little.
    """
    area, tension = _dissected(tables, seed, n)
    usual = np.prod(_dissected(tables, None, 1), axis=0)
    force = area * tension
    for group, members in groups(tables).items():
        key = f"{group}.strength"
        if key in tables.known:
            mine = np.isin([element.muscle for element in tables.elements.values()], members)
            drawn = force[..., mine].sum(-1, keepdims=True) / usual[..., mine].sum(-1, keepdims=True)
            tension[..., mine] *= _numbers(tables, seed, n, "strength", [key]) / drawn
    return area, tension


def _dissected(tables: Tables, seed: int | None, n: int) -> tuple[Floats, Floats]:
    """Area and specific tension of the elements (n, 2, R), each drawn for itself."""
    model, number = arrays(tables), partial(_numbers, tables, seed, n)
    share = number("share", [f"{e}.share" for e in tables.elements])
    share *= _group_sum(_values(tables, "share"), model.muscle_of) / _group_sum(share, model.muscle_of)
    area = number("pcsa", [f"{m}.pcsa" for m in tables.muscles])[..., model.muscle_of]
    tension = number("specific_tension", [f"{c}.specific_tension" for c in ("limb", "trunk")])
    return share * area, tension[..., model.class_of]


def person_measures(tables: Tables, person: Person | None, variants: int, seed: int | None) -> Measures:
    """The person's measures, drawn about the rules where they were not measured. None: the model itself."""
    if person is None:
        return skeleton(tables).unscaled().repeated(variants)
    names = measure_names()
    z = np.zeros((variants, len(names)))
    if seed is not None:
        z = midline_scores(tables, "measure", names, seed, variants)
    return measures(tables, person, dict(zip(names, z.T, strict=True)))


def geometry(tables: Tables, size: Measures, seed: int | None) -> Geometry:
    """Geometry of every variant of `size`; moved within its spread when there is a seed."""
    model, variants = arrays(tables), len(size.stature)
    place = skeleton(tables).place
    points, centres = place(model.points, size), place(model.wraps, size)
    marks = landmark_places(tables, size, seed)
    hips = np.stack([marks[f"hip_centre_{side}"] for side in SIDES], 1)
    lumbar = np.stack([marks[f"{level}_joint_centre"] for level in LEVELS], 1)
    growth = np.stack([_growth(size, skeleton(tables).unscaled(), b) for b in model.wraps.body], -1)
    radius = np.broadcast_to(model.radius, growth.shape) * growth
    if seed is not None:
        z = [scores(tables, "point", [f"{k}.{c}" for k in model.point_keys], seed, variants) for c in "xyz"]
        shift = (np.stack(z, -1) * OUTWARD).reshape(variants, -1, 3) * model.point_spread[None, :, None]
        points = points + shift
        z_radius = scores(tables, "wrap", model.wrap_keys, seed, variants)
        radius = radius * np.exp(z_radius.reshape(variants, -1) * model.radius_sigma)
    radius = np.minimum(radius, _room(topology(tables), points, centres, model.axes[..., 2]))
    knee = np.broadcast_to(model.knee, (variants, *model.knee.shape)).copy()
    thigh = size.lengths["thigh_length"] / skeleton(tables).unscaled().lengths["thigh_length"]
    knee[:, :, 3:] *= thigh[:, None, None, None, None]
    return Geometry(
        points,
        centres,
        np.broadcast_to(model.axes, (variants, *model.axes.shape)),
        radius,
        kinematics.Skeleton(
            hips,
            lumbar,
            np.broadcast_to(model.rhythm, (variants, *model.rhythm.shape)),
            knee,
            np.broadcast_to(model.knots, (variants, *model.knots.shape)),
        ),
    )


def _room(top: Topology, points: Floats, centres: Floats, axes: Floats) -> Floats:
    """Largest radius of each wrap (G, W) that leaves the path points on its own body outside."""
    ends = np.stack([top.start[top.wrapped], top.end[top.wrapped]])
    arms = points[:, ends] - centres[:, None]
    along = np.einsum("gewk,wk->gew", arms, axes) * ~top.is_sphere
    distance = np.linalg.norm(arms - along[..., None] * axes, axis=-1)
    own = top.point_body[ends] == top.wrap_body
    return 0.999 * np.where(own, distance, np.inf).min(axis=1)


def landmark_places(tables: Tables, size: Measures, seed: int | None) -> dict[str, Floats]:
    """Every landmark with its side, (G, 3); moved within its spread when there is a seed.

    What lies in the midline stays there.
    """
    names, cloud = landmarks(tables)
    at, variants = skeleton(tables).place(cloud, size), len(size.stature)
    if seed is not None:
        rows = tables.landmarks
        sided = [name for name, row in rows.items() if row.sided]
        middle = [name for name in rows if name not in sided]
        moved = np.empty((variants, len(names), 3))
        for c, axis in enumerate("xyz"):
            z = scores(tables, "landmark", [f"{name}.{axis}" for name in sided], seed, variants)
            z_middle = midline_scores(
                tables, "landmark", [f"{name}.{axis}" for name in middle], seed, variants
            )
            z = z * OUTWARD[..., c]
            moved[..., c] = np.hstack([z.reshape(variants, -1), z_middle * (axis != "z")])
        spread = np.array([rows[name].spread for name in (*sided, *sided, *middle)])
        at = at + moved * spread[:, None]
    return dict(zip(names, np.moveaxis(at, 1, 0), strict=True))


def area_factor(tables: Tables, person: Person | None) -> float:
    """How much larger this person's muscle areas are than the table's.

    Volume follows stature times mass (Handsfield2014), length follows stature; the rest of the
    difference between the sexes is a factor of its own. 1 for the unscaled model.
    """
    if person is None:
        return 1.0
    number = tables.number
    stature, mass = number("area_reference.stature").value, number("area_reference.mass").value

    def volume(h: float, m: float) -> float:
        return number("limb_volume.per_height_mass").value * h * m + number("limb_volume.constant").value

    size = volume(person.stature, person.mass) / volume(stature, mass)
    return size / (person.stature / stature) * number(f"area_sex.{person.sex}").value


def _segments(
    tables: Tables,
    person: Person | None,
    n: int,
    seed: int | None,
    size: Measures,
    marks: dict[str, Floats],
    variant: NDArray[np.int64],
) -> dict[str, Floats]:
    """Masses and centres of the SEGMENTS."""
    sex = person.sex if person else "male"

    def number(segment: str, quantity: str) -> Floats:
        row = tables.number(f"{segment}.{quantity}.{sex}")
        return row.at(_midline(tables, "segment", [row.id], seed, n)[:, 0])

    def sided(segment: str, quantity: str) -> Floats:
        row = tables.number(f"{segment}.{quantity}.{sex}")
        return row.at(_scores(tables, "segment", [row.id], seed, n)[:, :, 0])

    both_arms = sum(2 * number(part, "mass") for part in ("upper_arm", "forearm", "hand"))
    mass = [number("head", "mass") + number("torso", "mass") + both_arms, number("pelvis", "mass")]
    legs = [sided(part, "mass") for part in ("thigh", "shank", "foot")]
    mass += [leg[:, s] for s in (0, 1) for leg in legs]
    share = np.stack(mass, -1)
    hips, knees = (
        np.stack([marks[f"{m}_{side}"] for side in SIDES], 1)[variant] for m in ("hip_centre", "knee_centre")
    )
    base, middle = marks["l5_s1_joint_centre"][variant], hips.mean(axis=1)
    stature = size.stature[variant]
    upper = np.stack(
        [
            base[:, 0] + number("upper_body", "centre_before_l5s1"),
            middle[:, 1] + number("upper_body", "centre_above_hip") * stature,
            np.zeros(n),
        ],
        -1,
    )
    pelvis = base + number("pelvis", "centre_below_l5s1")[:, None] * (middle - base)
    centres = [upper, pelvis]
    down = np.array([0.0, -1.0, 0.0])
    for s in (0, 1):
        hip, knee = hips[:, s], knees[:, s]
        ankle = knee + down * size.lengths["shank_length"][variant][:, None]
        foot = ankle + down * 0.5 * size.lengths["foot_height"][variant][:, None]
        foot = foot + np.array([1.0, 0, 0]) * size.lengths["foot_centre_before_ankle"][variant][:, None]
        centres += [
            hip + sided("thigh", "centre_along")[:, s, None] * (knee - hip),
            knee + sided("shank", "centre_along")[:, s, None] * (ankle - knee),
            foot,
        ]
    total = size.mass[variant][:, None]
    return {
        "segment_mass": share / share.sum(-1, keepdims=True) * total,
        "segment_centre": np.stack(centres, 1),
    }


def _growth(size: Measures, model: Measures, body: int) -> Floats:
    """How much wider a wrap is than the model's. On the pelvis no more than the thigh, whose points come near."""
    thigh = size.lengths["thigh_length"] / model.lengths["thigh_length"]
    if BODIES[body].startswith("innominate"):
        width = size.widths["inter_hip_centre"] / model.widths["inter_hip_centre"]
        pelvis = np.sqrt(width * size.widths["asis_to_psis"] / model.widths["asis_to_psis"])
        return np.minimum(pelvis, thigh)
    return thigh


def _both_sides(values: Floats) -> Floats:
    """(n, 2, R) to (n, E): right side first."""
    return values.reshape(len(values), -1)


def _group_sum(share: Floats, muscle_of: NDArray[np.int64]) -> Floats:
    """Sum of the shares over each muscle, given back to its elements (..., R)."""
    belongs = (muscle_of[:, None] == muscle_of[None]).astype(float)
    return share @ belongs


def _scores(tables: Tables, kind: str, keys: list[str], seed: int | None, n: int) -> Floats:
    return np.zeros((n, 2, len(keys))) if seed is None else scores(tables, kind, keys, seed, n)


def _midline(tables: Tables, kind: str, keys: list[str], seed: int | None, n: int) -> Floats:
    return np.zeros((n, len(keys))) if seed is None else midline_scores(tables, kind, keys, seed, n)


def _numbers(tables: Tables, seed: int | None, n: int, kind: str, keys: list[str]) -> Floats:
    """Draws (n, 2, R) of the numbers `keys`, right and left."""
    known = [tables.number(key) for key in keys]
    value, sigma = np.array([k.value for k in known]), np.array([k.sigma for k in known])
    z = _scores(tables, kind, keys, seed, n)
    positive = known[0].positive
    return value * np.exp(sigma * z) if positive else value + sigma * z


def _joints(tables: Tables, seed: int | None, n: int) -> dict[str, Floats]:
    out = {}
    for key, row in tables.known.items():
        if key.startswith("joint."):
            sided = key.startswith(("joint.sacroiliac", "joint.hip"))
            kind = "joint" if key.endswith("_stiffness") else "joint_ratio"
            z = (_scores if sided else _midline)(tables, kind, [key], seed, n)[..., 0]
            out[key.removeprefix("joint.")] = row.at(z)
    return out


def _values(tables: Tables, quantity: str) -> Floats:
    """The table's values of one quantity of all elements, (R,)."""
    return np.array([tables.number(f"{element}.{quantity}").value for element in tables.elements])


@cache
def standing_ratio(tables: Tables) -> Floats:
    """Fibre over optimal fibre length of the unscaled model, standing, by its tables (E,)."""
    l0, slack = (np.tile(_values(tables, q), 2) for q in ("fibre_length", "slack_length"))
    angle = np.array([tables.number(f"{m}.pennation").value for m in tables.muscles])
    thick = l0 * np.sin(np.tile(angle[arrays(tables).muscle_of], 2))
    return np.hypot(np.maximum(_model_lengths(tables) - slack, 0.0), thick) / l0


def fitting_slack(length: Floats, fibre_length: Floats, pennation: Floats, ratio: Floats) -> Floats:
    """Slack length with which the fibre is `ratio` of its optimal length on paths of this length.

    Living fibres add or lose sarcomeres until they fit the length at which they are used. A draw with a longer
    path or a shorter fibre therefore has another tendon, and not a fibre torn to twice its length.
    """
    along = np.sqrt(np.maximum(ratio**2 - np.sin(pennation) ** 2, 0.0)) * fibre_length
    return np.maximum(length - along, 0.02 * length)


@cache
def _model_lengths(tables: Tables) -> Floats:
    """Path lengths of the unscaled model in the reference posture, (E,)."""
    return standing_lengths(tables, geometry(tables, skeleton(tables).unscaled(), None))[0]


def standing_lengths(tables: Tables, places: Geometry) -> Floats:
    """Path lengths in the reference posture of every variant, (G, E)."""
    return paths.lengths(topology(tables), places, np.zeros(12))
