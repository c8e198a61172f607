"""Miller, Schultz & Andersson 1987: the rig that conditions the stiffness of the sacroiliac joint.

Eight joints of adults of 59 to 74 years: the left ilium held, the sacrum loaded at its centre with up to 294 N
and 42 Nm along the axes of the S1 endplate, its motion read along the load (doi:10.1002/jor.1100050112,
abstract). Four means are printed, the softest and the stiffest shift and turn; the others lie between.
A force at the sacral centre also turns the joint, which lies 45 mm to the side, so that the table's stiffness
cannot be force over displacement: `condition` finds the stiffness with which this rig shows what was printed.

Assumed: sacrotuberous and sacrospinous ligaments were cut (the abstract does not say); "medial" presses the
joint together (of the two readings the one that makes it the stiffest direction).
"""

from dataclasses import replace

import numpy as np
from scipy.optimize import least_squares

from counterpull.anatomy.body import Body
from counterpull.anatomy.ensemble import Draws
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.rig import Rig

FORCE, MOMENT = 294, 42
LOADS = {
    "anterior": f"{FORCE}, 0, 0 N",
    "posterior": f"-{FORCE}, 0, 0 N",
    "superior": f"0, {FORCE}, 0 N",
    "inferior": f"0, -{FORCE}, 0 N",
    "lateral": f"0, 0, {FORCE} N",
    "medial": f"0, 0, -{FORCE} N",
    "right bending": f"{MOMENT}, 0, 0 Nm",
    "left bending": f"-{MOMENT}, 0, 0 Nm",
    "counterclockwise torsion": f"0, {MOMENT}, 0 Nm",
    "clockwise torsion": f"0, -{MOMENT}, 0 Nm",
    "extension": f"0, 0, {MOMENT} Nm",
    "flexion": f"0, 0, -{MOMENT} Nm",
}
"""Load of each direction along the S1 endplate's forward, normal and right axes, for a left joint."""
PRINTED = {
    "anterior": (2.74, 1.07),
    "medial": (0.76, 1.41),
    "right bending": (1.40, 0.71),
    "clockwise torsion": (6.21, 3.29),
}
"""Mean and SD: mm, degrees."""
FITTED = ("anterior", "superior", "compression", "distraction", "sagittal", "frontal", "axial")
"""Stiffnesses that the fit moves."""


def rig(body: Body, draws: Draws | None = None) -> Rig:
    """A left joint with its ilium held."""
    held = Rig.specimen(body, keep="sacrum, left innominate").cut("sacrotuberous", "sacrospinous")
    return replace(held.fix("left innominate"), draws=draws)


def sacral_centre(body: Body) -> str:
    """Midway between the S1 endplate and S3: the second sacral vertebra."""
    x, y, z = 500 * (body.landmarks["s1_endplate_centre"] + body.landmarks["s3_centre"])
    return f"{x:.3f}, {y:.3f}, {z:.3f} mm"


def motions(body: Body, draws: Draws | None = None) -> dict[str, Floats]:
    """What the rig shows for each direction, (n,) each: mm under a force, degrees under a moment."""
    empty, centre, out = rig(body, draws), sacral_centre(body), {}
    for name, load in LOADS.items():
        kind = "moment" if load.endswith("Nm") else "force"
        done = empty.load("sacrum", at=centre, axes="s1", **{kind: load}).solve()
        read = done.motion("sacrum", "left innominate", at=centre, axes="s1")
        along = np.flatnonzero([float(part.split()[0]) for part in load.split(",")])[0]
        out[name] = np.abs((read.turn_deg if kind == "moment" else read.shift_mm)[:, along])
    return out


def scaled(draws: Draws, factors: dict[str, float]) -> Draws:
    """The same draws with joint stiffnesses multiplied on both sides."""
    joints = dict(draws.joints)
    for name, factor in factors.items():
        joints[f"sacroiliac.{name}_stiffness"] = joints[f"sacroiliac.{name}_stiffness"] * factor
    return replace(draws, joints=joints)


def condition(body: Body, draws: int = 64, seed: int = 1987) -> dict[str, float]:
    """Factor on each median stiffness with which the mean of so many specimens shows the printed means.

    Near 1 when the table is conditioned. Stays near 1 where nothing was printed; the directions without a
    printed mean must lie between the two that have one. Takes some minutes.
    """
    specimens = body.draw(draws, seed)

    def factors(change: Floats) -> dict[str, float]:
        return {name: float(np.exp(c)) for name, c in zip(FITTED, change, strict=True)}

    def miss(change: Floats) -> Floats:
        shown = {k: float(v.mean()) for k, v in motions(body, scaled(specimens, factors(change))).items()}
        # The SD of the medial shift exceeds its mean: a weak number.
        out = [
            np.log(shown[name] / mean) / (0.3 if name == "medial" else 0.1)
            for name, (mean, _) in PRINTED.items()
        ]
        for name in (name for name in LOADS if name not in PRINTED):
            turn = LOADS[name].endswith("Nm")
            low = PRINTED["right bending" if turn else "medial"][0]
            high = PRINTED["clockwise torsion" if turn else "anterior"][0]
            out.append(max(np.log(low / shown[name]), np.log(shown[name] / high), 0.0) / 0.1)
        return np.array([*out, *(change / 0.5)])

    return factors(least_squares(miss, np.zeros(len(FITTED)), diff_step=0.05, max_nfev=6).x)
