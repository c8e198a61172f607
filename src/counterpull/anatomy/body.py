"""A body: one person's anatomy, both sides, immutable, with its uncertainty.

`load` reads the tables and scales them to a person; `Body.draw` gives an ensemble as arrays. Elements are
ordered right side first, then left, in the order of the tables. SI units, radians, the pelvis frame P
(x anterior, y superior, z right, origin midway between the ASISs of the model).
"""

from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from counterpull.anatomy import kinematics, paths
from counterpull.anatomy.draws import VARIANTS, midline_scores, scores
from counterpull.anatomy.paths import Geometry, Topology
from counterpull.anatomy.posture import BODIES, LEVELS, SIDED_BODIES, SIDES, Posture
from counterpull.anatomy.rows import PARAMETER_SET, Tables, read
from counterpull.anatomy.scaling import (
    MODEL_STATURE,
    Cloud,
    Floats,
    Measures,
    Person,
    Skeleton,
    measure_names,
    measures,
)

SEGMENTS = ("upper_body", "pelvis") + tuple(
    f"{s}_{side}" for side in SIDES for s in ("thigh", "shank", "foot")
)
"""Lumps of mass: head, arms and trunk above L5/S1 are one."""

STANDING = Posture()


def load(
    sex: str = "female",
    height: str | None = None,
    mass: str | None = None,
    *,
    tables: Tables | None = None,
    **widths: str,
) -> "Body":
    """The body of a person, from text with units; what is left out is the mean of the sex.

    Widths are named as in the table person.csv (inter_asis, inter_hip_centre, bi_iliac, ...).
    Raises InputError, a sentence, for unknown names, missing units and sizes outside the rules.

    >>> body = load(sex="female", height="165 cm", mass="60 kg", inter_asis="240 mm")
    >>> len(body.elements) // 2
    137
    """
    tables = tables or read()
    return Body(tables, Person.of(tables, sex, height, mass, **widths))


def reference(tables: Tables | None = None) -> "Body":
    """The model skeleton itself, unscaled, with muscle areas as printed: for comparison with other models."""
    return Body(tables or read(), None)


@dataclass(frozen=True)
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

    @property
    def max_force(self) -> Floats:
        """(n, E) newtons: area times specific tension."""
        return self.pcsa * self.specific_tension


@dataclass(frozen=True, eq=False)
class Body:
    """One person's anatomy. Build it with `load`; `person` is None for the unscaled model."""

    tables: Tables
    person: Person | None

    parameters = PARAMETER_SET

    @property
    def elements(self) -> tuple[str, ...]:
        """Ids of all elements, right side first."""
        return self.topology.elements

    @property
    def topology(self) -> Topology:
        """Which point, wrap and body belong together."""
        return topology(self.tables)

    @cached_property
    def measures(self) -> Measures:
        """The person's measures, means where nothing was measured."""
        return self._measures(1, None)

    @cached_property
    def geometry(self) -> Geometry:
        """Mean geometry."""
        return jax.tree.map(lambda a: a[0], self._geometry(self.measures, None))

    @cached_property
    def landmarks(self) -> dict[str, Floats]:
        """Where the bony landmarks are, (3,), with their side ("asis_right")."""
        names, cloud = _landmarks(self.tables)
        return dict(zip(names, skeleton(self.tables).place(cloud, self.measures)[0], strict=True))

    @cached_property
    def mean(self) -> Draws:
        """The body with every number at its table value: an ensemble of one."""
        return self._assemble(1, None)

    def lengths(self, posture: Posture = STANDING) -> Floats:
        """Path length of every element (E,), metres."""
        return _computed(paths.lengths, self.topology, self.geometry, posture.array())

    def moment_arms(self, posture: Posture = STANDING) -> Floats:
        """Moment arm of every element about every coordinate (E, 12), metres."""
        return _computed(paths.moment_arms, self.topology, self.geometry, posture.array())

    def wrenches(self, posture: Posture = STANDING) -> Floats:
        """Pull of a unit tension of each element on each body (E, B, 6): force, moment about P's origin."""
        return _computed(paths.wrenches, self.topology, self.geometry, posture.array())

    def fibre_ratio(self, posture: Posture = STANDING) -> Floats:
        """Fibre length over optimal fibre length (E,), with a rigid tendon at its slack length.

        The fibre keeps its thickness (h = l0 sin α0), so its line is shorter than itself by pennation.
        Negative where the path is shorter than the tendon: the muscle hangs slack.
        """
        mean = self.mean
        along = self.lengths(posture) - mean.slack_length[0]
        thickness = mean.fibre_length[0] * np.sin(mean.pennation[0])
        return np.where(along > 0, np.hypot(along, thickness), along) / mean.fibre_length[0]

    def draw(self, n: int, seed: int = 0) -> Draws:
        """`n` bodies that this person may have. The same seed gives the same draws, whatever n is."""
        return self._assemble(n, seed)

    # -- assembly -------------------------------------------------------------------------------------------

    def _measures(self, variants: int, seed: int | None) -> Measures:
        if self.person is None:
            return skeleton(self.tables).unscaled()
        names = measure_names()
        z = np.zeros((variants, len(names)))
        if seed is not None:
            z = midline_scores(self.tables, "measure", names, seed, variants)
        return measures(self.tables, self.person, dict(zip(names, z.T, strict=True)))

    def _geometry(self, size: Measures, seed: int | None) -> Geometry:
        model, variants = _model(self.tables), len(size.stature)
        place = skeleton(self.tables).place
        points, centres = place(model.points, size), place(model.wraps, size)
        hips, lumbar = place(model.hips, size), place(model.lumbar, size)
        # A wrap on the pelvis grows with the pelvis' width and depth, one on the leg with the thigh.
        growth = np.stack([_growth(size, skeleton(self.tables).unscaled(), b) for b in model.wraps.body], -1)
        radius = np.broadcast_to(model.radius, growth.shape) * growth
        if seed is not None:
            z = [
                scores(self.tables, "point", [f"{k}.{c}" for k in model.point_keys], seed, variants)
                for c in "xyz"
            ]
            shift = np.stack(z, -1).reshape(variants, -1, 3) * model.point_spread[None, :, None]
            points = points + shift
            z_radius = scores(self.tables, "wrap", model.wrap_keys, seed, variants)
            radius = radius * np.exp(z_radius.reshape(variants, -1) * model.radius_sigma)
        knee = np.broadcast_to(model.knee, (variants, *model.knee.shape)).copy()
        thigh = size.lengths["thigh_length"] / skeleton(self.tables).unscaled().lengths["thigh_length"]
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

    def _assemble(self, n: int, seed: int | None) -> Draws:
        tables, model = self.tables, _model(self.tables)
        if seed is None:
            size, geometry = self.measures, self._geometry(self.measures, None)
        else:
            size = self._measures(VARIANTS if self.person else 1, seed)
            if self.person is None:
                size = _repeated(size, VARIANTS)
            geometry = self._geometry(size, seed)
        variants = len(size.stature)
        variant = np.arange(n) % variants
        stretch = _computed(_standing_lengths, self.topology, geometry) / _standing(tables)
        number = partial(_numbers, tables, seed, n)
        elements = list(tables.elements)
        share = number("share", [f"{e}.share" for e in elements])
        share /= _group_sum(share, model.muscle_of)
        area = number("pcsa", [f"{m}.pcsa" for m in tables.muscles])[..., model.muscle_of]
        tension = number("specific_tension", [f"{c}.specific_tension" for c in ("limb", "trunk")])
        both = lambda x: x.reshape(n, -1)  # noqa: E731  (n, 2, R) -> (n, E), right first
        stretch = stretch[variant]
        sd = np.array([tables.number(f"{e}.slack_length").sigma for e in elements] * 2)
        slack = np.array([tables.number(f"{e}.slack_length").value for e in elements] * 2)
        z = both(_scores(tables, "slack_length", [f"{e}.slack_length" for e in elements], seed, n))
        return Draws(
            seed=-1 if seed is None else seed,
            variant=variant,
            geometry=geometry,
            pcsa=both(share * area) * self._area_factor(),
            specific_tension=both(tension[..., model.class_of]),
            fibre_length=both(number("fibre_length", [f"{e}.fibre_length" for e in elements])) * stretch,
            # A tendon may be all but absent: normal, cut at a tenth of the table's value.
            slack_length=np.maximum(slack + sd * z, 0.1 * slack) * stretch,
            pennation=both(
                number("pennation", [f"{m}.pennation" for m in tables.muscles])[..., model.muscle_of]
            ),
            **self._segments(n, seed, size, variant),
            joints=_joints(tables, seed, n),
            ligaments={
                q: number("ligament", [f"ligament.{name}.{q}" for name in tables.ligaments])
                for q in ("stiffness", "preload")
            },
            ligament_ends=skeleton(tables).place(model.ligaments, size).reshape(variants, 2, -1, 2, 3),
        )

    def _area_factor(self) -> float:
        """How much larger this person's muscle areas are than the table's.

        Volume follows stature times mass (Handsfield2014), length follows stature; the rest of the
        difference between the sexes is a factor of its own. 1 for the unscaled model.
        """
        if self.person is None:
            return 1.0
        number = self.tables.number
        stature, mass = number("area_reference.stature").value, number("area_reference.mass").value

        def volume(h: float, m: float) -> float:
            return number("limb_volume.per_height_mass").value * h * m + number("limb_volume.constant").value

        size = volume(self.person.stature, self.person.mass) / volume(stature, mass)
        return size / (self.person.stature / stature) * number(f"area_sex.{self.person.sex}").value

    def _segments(
        self, n: int, seed: int | None, size: Measures, variant: NDArray[np.int64]
    ) -> dict[str, Floats]:
        """Masses and centres of the SEGMENTS."""
        sex = self.person.sex if self.person else "male"
        tables, model = self.tables, _model(self.tables)

        def number(segment: str, quantity: str) -> Floats:
            row = tables.number(f"{segment}.{quantity}.{sex}")
            return row.at(_midline(tables, "segment", [row.id], seed, n)[:, 0])

        def sided(segment: str, quantity: str) -> Floats:
            row = tables.number(f"{segment}.{quantity}.{sex}")
            return row.at(_scores(tables, "segment", [row.id], seed, n)[:, :, 0])

        arms = sum(2 * number(part, "mass") for part in ("upper_arm", "forearm", "hand"))
        mass = [number("head", "mass") + number("torso", "mass") + arms, number("pelvis", "mass")]
        legs = [sided(part, "mass") for part in ("thigh", "shank", "foot")]
        mass += [leg[:, s] for s in (0, 1) for leg in legs]
        share = np.stack(mass, -1)
        place = skeleton(tables).place
        hips, lumbar, knees = (place(c, size)[variant] for c in (model.hips, model.lumbar, model.knees))
        base, middle = lumbar[:, 0], hips.mean(axis=1)
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


def calibrated_slack(length: float, fibre_length: float, pennation: float) -> float:
    """Slack length with which the fibre is at its optimal length on a path of this length, at least 2 % of it.

    >>> round(calibrated_slack(0.2, 0.1, 0.0), 3)
    0.1
    """
    return max(length - fibre_length * float(np.cos(pennation)), 0.02 * length)


# -- what all bodies of one table set share ------------------------------------------------------------------


class _Model(NamedTuple):
    """The tables as arrays, both sides, unscaled."""

    points: Cloud
    point_keys: list[str]
    point_spread: Floats
    wraps: Cloud
    wrap_keys: list[str]
    axes: Floats
    radius: Floats
    radius_sigma: Floats
    hips: Cloud
    knees: Cloud
    lumbar: Cloud
    rhythm: Floats
    knee: Floats
    knots: Floats
    ligaments: Cloud
    muscle_of: NDArray[np.int64]
    class_of: NDArray[np.int64]


@cache
def skeleton(tables: Tables) -> Skeleton:
    """The scaling rules of a table set."""
    return Skeleton(tables)


@cache
def topology(tables: Tables) -> Topology:
    """Both sides' paths as indices."""
    point_body, start, end, element, wrapped, wrap_body, sphere, winding = ([] for _ in range(8))
    names = []
    for side, turn in zip(SIDES, (1, -1), strict=True):
        for row in tables.elements.values():
            names.append(f"{row.id}_{side}")
            for i, point in enumerate(row.path):
                point_body.append(_index(point.body, side))
                if i + 1 < len(row.path):
                    start.append(len(point_body) - 1)
                    end.append(len(point_body))
                    element.append(len(names) - 1)
                    if point.wrap:
                        wrap = tables.wraps[point.wrap]
                        wrapped.append(len(start) - 1)
                        wrap_body.append(_index(wrap.body, side))
                        sphere.append(wrap.shape == "sphere")
                        winding.append(wrap.winding * turn)
    return Topology(
        tuple(names),
        *(np.array(x, dtype=np.int64) for x in (point_body, start, end, element, wrapped, wrap_body)),
        np.array(sphere, dtype=bool),
        np.array(winding, dtype=float),
    )


@cache
def _model(tables: Tables) -> _Model:
    path = [point for element in tables.elements.values() for point in element.path]
    used = [tables.wraps[point.wrap] for point in path if point.wrap]
    marks = tables.landmarks
    right = lambda rows: np.array([row.point() for row in rows])  # noqa: E731
    knots = sorted({row.number("knee_flexion", "angle_unit") for row in tables.knee})
    knee = []
    for body in ("tibia", "patella"):
        rows = sorted(
            (r for r in tables.knee if r["body"] == body),
            key=lambda r: r.number("knee_flexion", "angle_unit"),
        )
        turns = [[r.number(f"turn_{c}", "turn_unit") for c in "xyz"] for r in rows]
        spline = CubicSpline(knots, np.hstack([np.array(turns), right(rows)]), axis=0)
        knee.append(np.moveaxis(spline.c, [0, 1, 2], [1, 2, 0]))
    rhythm = np.array(
        [
            [tables.number(f"rhythm.{lv}.{m}").value for m in ("lordosis", "trunk_bend", "trunk_rotation")]
            for lv in LEVELS
        ]
    )
    ends = [
        (row.point(*(f"{c}{i}" for c in "xyz")), row[f"{end}_body"])
        for row in tables.ligaments.values()
        for i, end in ((1, "from"), (2, "to"))
    ]
    muscles = list(tables.muscles.values())
    ids = [m.id for m in muscles]
    muscle_of = np.array([ids.index(e.muscle) for e in tables.elements.values()])
    twice = lambda x: np.concatenate([x, x])  # noqa: E731
    return _Model(
        points=_both(np.array([p.at for p in path]), [p.body for p in path]),
        point_keys=[p.cause or f"{p.row['element']}[{p.row['index']}]" for p in path],
        point_spread=twice(np.array([p.spread for p in path])),
        wraps=_both(np.array([w.centre for w in used]), [w.body for w in used]),
        wrap_keys=[w.row.name for w in used],
        axes=np.concatenate([_frames([w.axis for w in used], 1), _frames([w.axis for w in used], -1)]),
        radius=twice(np.array([w.radius.value for w in used])),
        radius_sigma=twice(np.array([w.radius.sigma for w in used])),
        hips=_both(right([marks["hip_centre"]]), ["innominate"]),
        knees=_both(right([marks["knee_centre"]]), ["tibia"]),
        lumbar=Cloud(
            right([marks[f"{level}_joint_centre"] for level in LEVELS]),
            np.array([_index(b, "") for b in ("sacrum", "l5", "l4", "l3", "l2", "l1")]),
        ),
        rhythm=rhythm / rhythm.sum(0),
        knee=np.array(knee),
        knots=np.array(knots),
        ligaments=_both(np.array([x for x, _ in ends]), [b for _, b in ends]),
        muscle_of=muscle_of,
        class_of=np.array([("limb", "trunk").index(muscles[m].kind) for m in muscle_of]),
    )


@cache
def _standing(tables: Tables) -> Floats:
    """Path lengths of the unscaled model in the reference posture, (E,)."""
    return reference(tables).lengths()


@cache
def _landmarks(tables: Tables) -> tuple[list[str], Cloud]:
    rows = [row for row in tables.landmarks.values() if row["side"] == "right"]
    middle = [row for row in tables.landmarks.values() if row["side"] != "right"]
    pairs = _both(np.array([r.point() for r in rows]), [r["body"] for r in rows])
    names = [f"{r.name}_{side}" for side in SIDES for r in rows] + [r.name for r in middle]
    body = [_index(r["body"], "right") for r in middle]
    at = np.concatenate([pairs.at, np.array([r.point() for r in middle])])
    return names, Cloud(at, np.concatenate([pairs.body, np.array(body)]))


def _both(at: Floats, bodies: list[str]) -> Cloud:
    """A cloud of the right side, followed by its mirror image."""
    right = Cloud(at, np.array([_index(body, "right") for body in bodies]))
    left = right.mirrored()
    return Cloud(np.concatenate([right.at, left.at]), np.concatenate([right.body, left.body]))


def _index(body: str, side: str) -> int:
    return BODIES.index(f"{body}_{side}" if body in SIDED_BODIES else body)


def _frames(axes: list[Floats], sign: int) -> Floats:
    """Right-handed frames whose z is the axis; the mirror image of an axis for sign -1."""
    out = []
    for axis in axes:
        z = axis * np.array([1.0, 1.0, sign])
        z = z / np.linalg.norm(z)
        x = np.cross(np.eye(3)[int(np.argmin(np.abs(z)))], z)
        x /= np.linalg.norm(x)
        out.append(np.stack([x, np.cross(z, x), z], axis=1))
    return np.array(out)


def _growth(size: Measures, model: Measures, body: int) -> Floats:
    if BODIES[body].startswith("innominate"):
        width = size.widths["inter_hip_centre"] / model.widths["inter_hip_centre"]
        return np.sqrt(width * size.widths["asis_to_psis"] / model.widths["asis_to_psis"])
    return size.lengths["thigh_length"] / model.lengths["thigh_length"]


def _repeated(size: Measures, times: int) -> Measures:
    return jax.tree.map(lambda a: np.repeat(a, times), size)


def _group_sum(share: Floats, muscle_of: NDArray[np.int64]) -> Floats:
    """Sum of the shares over each muscle, given back to its elements; shares of a muscle sum to 1."""
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
            z = (_scores if sided else _midline)(tables, "joint", [key], seed, n)[..., 0]
            out[key.removeprefix("joint.")] = row.at(z)
    return out


@partial(jax.jit, static_argnums=0)
def _standing_lengths(top: Topology, geometry: Geometry) -> jax.Array:
    return jax.vmap(lambda g: paths.lengths(top, g, np.zeros(12)))(geometry)


def _computed(function, top: Topology, *arguments) -> Floats:
    """Run a JAX function in double precision in this thread, whatever the process has set."""
    with jax.enable_x64(True):
        return np.asarray(function(top, *arguments))
