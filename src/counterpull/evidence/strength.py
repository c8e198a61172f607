"""What bodies can do and what resists: strength norms, and passive hips."""

import numpy as np

from counterpull.anatomy.posture import COORDINATES, Posture
from counterpull.evidence.people import People, both, row
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.model import situation
from counterpull.mechanics.ring import hip_capsule
from counterpull.mechanics.setting import Setting
from counterpull.scenarios.length_tests import length_test
from counterpull.scenarios.strength_tests import strength_tests


@row("soccer_abduction", movement="hip_abduction", sex="female")
@row("soccer_adduction", movement="hip_adduction", sex="female")
@row("runners_abduction_women", movement="hip_abduction", sex="female")
@row("runners_abduction_men", movement="hip_abduction", sex="male")
def largest_moment(people: People, movement: str, sex: str) -> Floats:
    """Largest isometric moment of a movement, leg straight, over body mass; Nm/kg."""
    body, draws = people.body(sex), people.drawn(sex)
    return strength_tests()[movement].moment(body, draws, "right") / draws.segment_mass.sum(axis=1)


@row("thomas_angle")
def thomas_test(people: People) -> Floats:
    """Modified Thomas test: where the thigh comes to rest above the horizontal, deg."""

    def one(sex: str) -> Floats:
        return np.rad2deg(length_test("thomas", "right", people.body(sex), people.drawn(sex)).angle())

    return both(one)


@row("riener_hip_extended", hip=-15)
def passive_hip(people: People, hip: int) -> Floats:
    """Passive moment that flexes the hip at an angle of so many degrees, knee straight; Nm."""

    def one(sex: str) -> Floats:
        body, draws = people.body(sex), people.drawn(sex)
        posture = Posture.of(hip_flexion=f"{hip} deg", knee_flexion="0 deg")
        here = situation(body, Setting(name="limb", gravity=None, posture=posture), draws)
        half, row_ = len(body.elements) // 2, COORDINATES.index("hip_flexion_right")
        arm = body.moment_arms(posture)[:half, row_]
        return here.model().muscles.passive[:, :half] @ arm + hip_capsule(draws, here.setting, 0)[0]

    return both(one)
