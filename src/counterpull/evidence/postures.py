"""Living people in two postures: how far a hip bone turns on the sacrum from one to the other."""

import numpy as np

from counterpull.anatomy.posture import SIDES
from counterpull.evidence.people import People, both, counted, row
from counterpull.mechanics import readings
from counterpull.mechanics.coordinates import Floats
from counterpull.scenarios.answer import State

SAGITTAL = readings.SHIFTS.index("sagittal_rotation")
ONE_LEG = "single_leg_standing_right"


@row("tani_women", sex="female")
@row("tani_men", sex="male")
def lying_to_standing(people: People, sex: str) -> Floats:
    """Upright MRI: sagittal rotation of the ilium on the sacrum, forward +, mean of both sides; deg."""
    lying, standing = people.doing(sex, "supine"), people.doing(sex, "standing")
    turned = (standing.shifts - lying.shifts)[:, :, SAGITTAL].mean(axis=1)
    return counted(np.rad2deg(turned), lying, standing)


@row("jacob_kissling_rotation", read="angle")
@row("jacob_kissling_translation", read="slide")
def from_standing(people: People, read: str) -> Floats:
    """Bone pins: about and along the helical axis, from standing to lying, sitting and one leg; the mean of the three.

    Degrees or mm. Which postures were taken is not printed in what was read.
    """
    others = ("supine", "sitting", ONE_LEG)

    def one(sex: str) -> Floats:
        return np.mean([_helical(people, sex, "standing", other)[read] for other in others], axis=0)

    return both(one)


@row("sturesson_rotation")
def among_postures(people: People) -> Floats:
    """Radiostereometry, 21 women of 25: rotation about the helical axis, the largest among three postures; deg."""
    pairs = (("supine", "standing"), ("sitting", "standing"), ("supine", "sitting"))
    return np.max([_helical(people, "female", *pair)["angle"] for pair in pairs], axis=0)


@row("rsa_most_rotation", read="angle", most=3.6)
@row("rsa_most_translation", read="shift", most=2.0)
def below_the_most(people: People, read: str, most: float) -> Floats:
    """By how much we stay below the largest that radiostereometry found, lying to standing; deg or mm."""
    return both(lambda sex: most - _helical(people, sex, "supine", "standing")[read])


@row("kibsgard_standing_leg", side="right", read="angle")
@row("kibsgard_hanging_leg", side="left", read="angle")
@row("kibsgard_translation", side="right", read="shift")
def onto_one_leg(people: People, side: str, read: str) -> Floats:
    """Radiostereometry, from standing on two legs to standing on the right one; deg or mm."""
    return _helical(people, "female", "standing", ONE_LEG, side)[read]


@row("hammer_axis_standing")
def axis_of_nutation_above_s2(people: People) -> Floats:
    """From lying to standing: where the axis on the right hip bone meets the midline, mm over the centre of S2."""

    def one(sex: str) -> Floats:
        lying, standing = people.doing(sex, "supine"), people.doing(sex, "standing")
        change = _change(lying, standing, "right")
        marks, variant = standing.here.place.marks, standing.here.draws.variant
        s2 = 0.5 * (marks["s1_endplate_centre"] + marks["s3_centre"])[variant]
        in_midline = change.axis_point - change.axis * (change.axis_point[:, 2] / change.axis[:, 2])[:, None]
        return counted(1e3 * (in_midline - s2)[:, 1], lying, standing)

    return both(one)


@row("toyohara_stance", side="right")
@row("toyohara_swing", side="left")
def in_mid_stance(people: People, side: str) -> Floats:
    """Middle of right stance: degrees by which the sacrum nutates on the hip bone of that side."""

    def one(sex: str) -> Floats:
        state = people.doing(sex, "mid_stance_right")
        return counted(-np.rad2deg(state.shifts[:, SIDES.index(side), SAGITTAL]), state)

    return both(one)


def _helical(people: People, sex: str, before: str, after: str, side: str = "right") -> dict[str, Floats]:
    """Change of the sacrum on one hip bone between two activities: angle (deg), slide and shift (mm)."""
    states = people.doing(sex, before), people.doing(sex, after)
    change = _change(*states, side)
    read = {
        "angle": np.rad2deg(change.angle),
        "slide": 1e3 * np.abs(change.slide),
        "shift": 1e3 * np.linalg.norm(change.shift, axis=1),
    }
    return {name: counted(values, *states) for name, values in read.items()}


def _change(before: State, after: State, side: str) -> readings.Motion:
    """Motion of the sacrum on a hip bone from one activity to the other."""
    first, second = _motion(before, side), _motion(after, side)
    return readings.Motion(second.shift - first.shift, second.turn - first.turn, second.at)


def _motion(state: State, side: str) -> readings.Motion:
    """At the joint's centre, from the unloaded ring."""
    at = state.here.place.marks[f"sij_centre_{side}"]
    return readings.motion(state.here, state.found, "sacrum", f"innominate_{side}", at)
