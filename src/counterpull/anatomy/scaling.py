"""From the model skeleton to a person's: the rules by which places scale with size, sex and measured widths.

The pelvis. Landmarks move to where the person's own widths, depth and heights put them, and everything on
the pelvic bones follows by the thin-plate map (kernel r, affine part included) through these landmarks.
A woman therefore gets a wider and lower pelvis and not a shrunken man's. A width that was not measured is
the mean of her or his sex, times (stature / mean stature) ^ 0.8 (correlations of 0.39 to 0.51 between
stature and pelvic breadth in ANSUR2 and Heinz2003, and breadths vary twice as much as stature).

The thigh and shank scale evenly with thigh length about the hip centre; the shank's length only places the
ankle. The spine and rib cage scale with stature about L5/S1; the rib cage's breadth with shoulder breadth,
the abdominal wall's depth with the root of mass over stature (assumed, grade D).
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from counterpull.anatomy.posture import BODIES, SIDES, mirror_name
from counterpull.anatomy.records import Tables
from counterpull.quantities import InputError, nearest, or_list, parse

Floats = NDArray[np.float64]

SEXES = ("female", "male")
WIDTHS = (
    "inter_asis",
    "inter_hip_centre",
    "bi_iliac",
    "inter_psis",
    "asis_to_psis",
    "asis_to_symphysis_height",
    "crest_height",
    "tuber_depth",
    "inter_tuberosity",
    "inter_ischial_spine",
    "inter_sij",
)
PROPORTIONS = (
    "thigh_length",
    "shank_length",
    "foot_height",
    "trunk_length",
    "thorax_breadth",
    "foot_centre_before_ankle",
)
_STATURE_EXPONENT = 0.8
MODEL_STATURE, MODEL_MASS = 1.70, 75.0
"""Size of the model skeleton (Rajagopal 2016: a man of 170 cm and 75 kg)."""
_MODEL_SHOULDERS = 0.403
"""Shoulder breadth of the model, m: a man's share of its stature (ANSUR2)."""
_MODEL_BI_ILIAC = 0.262
"""What a caliper would read on the model: a man's breadth at its stature; the landmark lies inside it."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who the body is: sex, size and the pelvis widths that were measured (SI)."""

    sex: str = "female"
    stature: float = 1.63
    mass: float = 65.0
    measured: tuple[tuple[str, float], ...] = ()

    @classmethod
    def of(
        cls,
        tables: Tables,
        sex: str = "female",
        height: str | None = None,
        mass: str | None = None,
        **widths: str,
    ) -> "Person":
        """From text with units; what is left out is the mean of the sex.

        Raises InputError for an unknown sex or width, and for sizes outside 1.2 to 2.2 m, 30 to 250 kg
        or half to twice the mean width, to which the rules do not reach.
        """
        if sex not in SEXES:
            near = nearest(sex, SEXES, most=1)
            raise InputError(f'person.sex: "{sex}" is not known; use {near[0] if near else or_list(SEXES)}.')
        mean = {name: tables.number(f"{name}.{sex}").value for name in ("stature", "mass")}
        stature = (
            parse(height, "length", "person.height", "165 cm") if height is not None else mean["stature"]
        )
        weight = parse(mass, "mass", "person.mass") if mass is not None else mean["mass"]
        if not 1.2 <= stature <= 2.2:
            raise InputError(f'person.height: "{height}" is outside 120 cm to 220 cm, where the rules hold.')
        if not 30 <= weight <= 250:
            raise InputError(f'person.mass: "{mass}" is outside 30 kg to 250 kg, where the rules hold.')
        measured = {}
        for name, written in widths.items():
            if name not in WIDTHS:
                near = nearest(name, WIDTHS)
                hint = f"did you mean {or_list(near)}?" if near else f"use {or_list(WIDTHS)}."
                raise InputError(f'person: there is no width "{name}"; {hint}')
            value, usual = parse(written, "length", f"person.{name}"), tables.number(f"{name}.{sex}").value
            if not 0.5 <= value / usual <= 2:
                raise InputError(
                    f'person.{name}: "{written}" is not between half and twice the mean of {usual * 1e3:.0f} mm; '
                    "check the unit."
                )
            measured[name] = value
        return cls(sex=sex, stature=stature, mass=weight, measured=tuple(sorted(measured.items())))


@dataclass(frozen=True)
class Measures:
    """Everything the rules need, one value per variant: each field has shape (G,), SI."""

    stature: Floats
    mass: Floats
    widths: dict[str, Floats]
    lengths: dict[str, Floats]
    """The PROPORTIONS times stature, metres."""

    def repeated(self, times: int) -> "Measures":
        """The same measures for so many variants."""
        again = partial(np.repeat, repeats=times)
        widths, lengths = ({k: again(v) for k, v in each.items()} for each in (self.widths, self.lengths))
        return Measures(again(self.stature), again(self.mass), widths, lengths)


def measures(tables: Tables, person: Person, scores: dict[str, Floats]) -> Measures:
    """The person's measures at standard scores, (G,) each; measured widths stay as they were measured.

    Spread about the rule for a person of known stature: the table's SD times sqrt(1 - 0.45²), 0.45 being
    the correlation with stature.
    """
    shape = next(iter(scores.values())).shape
    mean = tables.number(f"stature.{person.sex}").value
    known, residual = dict(person.measured), np.sqrt(1 - 0.45**2)
    widths = {}
    for name in WIDTHS:
        row = tables.number(f"{name}.{person.sex}")
        usual = row.at(residual * scores[name]) * (person.stature / mean) ** _STATURE_EXPONENT
        widths[name] = np.full(shape, known[name]) if name in known else usual
    lengths = {
        name: tables.number(f"{name}.{person.sex}").at(scores[name]) * person.stature for name in PROPORTIONS
    }
    return Measures(np.full(shape, person.stature), np.full(shape, person.mass), widths, lengths)


@dataclass(frozen=True)
class Cloud:
    """Named places of the model skeleton, both sides: where (N, 3) and on which body (N,), metres in P."""

    at: Floats
    body: NDArray[np.int64]

    def mirrored(self) -> "Cloud":
        """The cloud of the other side."""
        return Cloud(mirrored(self.at), np.array([BODIES.index(mirror_name(BODIES[b])) for b in self.body]))


def mirrored(points: Floats) -> Floats:
    """Points or directions (..., 3) as in a mirror: right becomes left."""
    return points * np.array([1.0, 1.0, -1.0])


class Skeleton:
    """The model skeleton with its rules: builds the pelvic map once, then places any cloud for any measures."""

    def __init__(self, tables: Tables) -> None:
        """Read the landmarks and factor the pelvic map."""
        self._marks = {name: tables.landmark(name).at for name in (*_CONTROLS, *_SCALED_BY)}
        names, at = [], []
        for name in _CONTROLS:
            for side in SIDES if self._marks[name][2] else SIDES[:1]:
                names.append((name, side))
                at.append(self._marks[name] if side == "right" else mirrored(self._marks[name]))
        self._controls, self._control_at = names, np.array(at)
        self._bordered = np.linalg.inv(_bordered(self._control_at))

    def unscaled(self) -> Measures:
        """Measures that leave the model as it is, (1,) each."""
        mark = self._marks
        wide = {key: 2 * mark[name][2] for key, name in _WIDTH_LANDMARKS.items()}
        widths = wide | {
            "bi_iliac": _MODEL_BI_ILIAC,
            "asis_to_psis": float(np.linalg.norm(mark["asis"] - mark["psis"])),
            "asis_to_symphysis_height": -mark["pubic_symphysis_centre"][1],
            "crest_height": mark["iliac_crest_highest"][1],
            "tuber_depth": -mark["ischial_tuberosity_inferior"][1],
        }
        lengths = {
            "thigh_length": float(np.linalg.norm(mark["knee_centre"] - mark["hip_centre"])),
            "shank_length": 0.2385 * MODEL_STATURE,
            "foot_height": 0.0415 * MODEL_STATURE,
            "trunk_length": mark["humerus_head"][1] - mark["l5_s1_joint_centre"][1],
            "thorax_breadth": _MODEL_SHOULDERS,
            "foot_centre_before_ankle": 0.030 * MODEL_STATURE,
        }
        one = np.ones(1)
        return Measures(
            MODEL_STATURE * one,
            MODEL_MASS * one,
            {key: value * one for key, value in widths.items()},
            {key: value * one for key, value in lengths.items()},
        )

    def place(self, cloud: Cloud, size: Measures) -> Floats:
        """Where the cloud's places are in a person of these measures, (G, N, 3)."""
        return self._fitted(size).place(cloud)

    def _fitted(self, size: Measures) -> "_Fitted":
        ratio = self._ratios(size)
        targets = np.stack(
            [_target(name, self._control_at[i], ratio) for i, (name, _) in enumerate(self._controls)], 1
        )
        return _Fitted(self, ratio, targets)

    def _ratios(self, size: Measures) -> dict[str, Floats]:
        model = self.unscaled()
        out = {key: size.widths[key] / model.widths[key] for key in WIDTHS}
        out |= {key: size.lengths[key] / model.lengths[key] for key in PROPORTIONS}
        # ASIS to PSIS is measured along the bone: what height and width leave of it is the depth.
        asis, psis = self._marks["asis"], self._marks["psis"]
        across = asis[2] * out["inter_asis"] - psis[2] * out["inter_psis"]
        rise = (psis[1] - asis[1]) * out["crest_height"]
        depth = np.sqrt(np.maximum(size.widths["asis_to_psis"] ** 2 - across**2 - rise**2, 0.0))
        out["depth"] = depth / (asis[0] - psis[0])
        out["girth"] = np.sqrt((size.mass / size.stature) / (model.mass / model.stature))
        return out

    def pelvic(self, points: Floats, targets: Floats) -> Floats:
        """The pelvic map of points (N, 3) for control targets (G, C, 3): (G, N, 3)."""
        count = len(self._control_at)
        weights = _basis(points, self._control_at) @ self._bordered[:, :count]
        return np.einsum("nc,gcd->gnd", weights, targets)

    def mark(self, name: str) -> Floats:
        """A landmark of the model's right side, (3,)."""
        return self._marks[name]


@dataclass(frozen=True)
class _Fitted:
    """The rules at one set of measures."""

    skeleton: Skeleton
    ratio: dict[str, Floats]
    targets: Floats

    def place(self, cloud: Cloud) -> Floats:
        # All measures are symmetric: solve on the right and mirror, so that the sides agree to the last bit.
        left = cloud.at[:, 2] < 0
        at = np.where(left[:, None], mirrored(cloud.at), cloud.at)
        names = [_right_name(BODIES[b]) for b in cloud.body]
        out = np.empty((len(self.targets), *cloud.at.shape))
        for body in set(names):
            here = np.array([name == body for name in names])
            out[:, here] = self._on(body, at[here])
        return np.where(left[:, None], mirrored(out), out)

    def _on(self, body: str, x: Floats) -> Floats:
        stem = body.removesuffix("_right")
        if stem in ("sacrum", "innominate"):
            return self.skeleton.pelvic(x, self.targets)
        if stem in ("femur", "tibia", "patella"):
            return self._about("hip_centre", x, np.stack([self.ratio["thigh_length"]] * 3, -1))
        trunk, girth = self.ratio["trunk_length"], self.ratio["girth"]
        broad = self.ratio["thorax_breadth"] if stem in ("thorax", "humerus", "abdomen") else trunk
        deep = girth if stem == "abdomen" else trunk
        return self._about("l5_s1_joint_centre", x, np.stack([deep, trunk, broad], -1))

    def _about(self, mark: str, x: Floats, factor: Floats) -> Floats:
        """Scaled by `factor` (G, 3) about a landmark, which itself sits on the pelvis."""
        centre = self.skeleton.mark(mark)
        return self.skeleton.pelvic(centre[None], self.targets) + (x - centre) * factor[:, None]


_WIDTH_LANDMARKS = {
    "inter_asis": "asis",
    "inter_hip_centre": "hip_centre",
    "inter_psis": "psis",
    "inter_tuberosity": "ischial_tuberosity_inferior",
    "inter_ischial_spine": "ischial_spine",
    "inter_sij": "sij_centre",
}
# Each control landmark: which width scales it from side to side. Heights: above the ASIS line the crest's,
# below it the tuberosity's or, at the pubis, the symphysis'. Depth: ASIS to PSIS.
_CONTROLS = {
    "asis": "inter_asis",
    "aiis": "inter_asis",
    "psis": "inter_psis",
    "piis": "inter_psis",
    "iliac_crest_highest": "bi_iliac",
    "iliac_crest_tubercle": "bi_iliac",
    "iliac_crest_anterior_quarter": "bi_iliac",
    "iliac_crest_posterior": "inter_psis",
    "hip_centre": "inter_hip_centre",
    "iliopubic_eminence": "inter_hip_centre",
    "pubic_tubercle": "inter_hip_centre",
    "pubic_symphysis_centre": "inter_hip_centre",
    "ischial_tuberosity_inferior": "inter_tuberosity",
    "ischial_tuberosity_posterior": "inter_tuberosity",
    "ischial_spine": "inter_ischial_spine",
    "greater_sciatic_notch_apex": "inter_ischial_spine",
    "sij_centre": "inter_sij",
    "sacral_ala_top": "inter_sij",
    "sacrum_inferolateral_angle": "inter_sij",
    "s1_endplate_centre": "inter_sij",
    "s1_median_crest": "inter_sij",
    "s3_centre": "inter_sij",
    "coccyx_tip": "inter_sij",
}
# Further landmarks that the rules of the leg and trunk need.
_SCALED_BY = ("knee_centre", "humerus_head", "l5_s1_joint_centre")
_PUBIC = ("pubic_tubercle", "pubic_symphysis_centre")


def _target(name: str, at: Floats, ratio: dict[str, Floats]) -> Floats:
    """Where one control landmark goes, (G, 3)."""
    low = ratio["asis_to_symphysis_height"] if name in _PUBIC else ratio["tuber_depth"]
    height = ratio["crest_height"] if at[1] > 0 else low
    return at * np.stack([ratio["depth"], height, ratio[_CONTROLS[name]]], -1)


def _right_name(body: str) -> str:
    return mirror_name(body) if body.endswith("_left") else body


def _basis(points: Floats, controls: Floats) -> Floats:
    """Kernel r to every control, then the affine part: (N, C + 4)."""
    r = np.linalg.norm(points[:, None] - controls[None], axis=-1)
    return np.concatenate([r, np.ones((len(points), 1)), points], axis=1)


def _bordered(controls: Floats) -> Floats:
    count = len(controls)
    full = np.zeros((count + 4, count + 4))
    full[:count] = _basis(controls, controls)
    full[count:, :count] = full[:count, count:].T
    return full


def measure_names() -> tuple[str, ...]:
    """Names of all scores that `measures` takes."""
    return WIDTHS + PROPORTIONS
