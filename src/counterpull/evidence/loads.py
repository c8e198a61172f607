"""Living people under load: symphysis, hips, the lowest disc."""

import numpy as np

from counterpull.evidence.people import People, both, counted, row
from counterpull.mechanics import readings
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.setting import G
from counterpull.scenarios.answer import State

RIGHT_LEG, LEFT_LEG = "single_leg_standing_right", "single_leg_standing_left"


@row("garras_men", sex="male")
@row("garras_women", sex="female")
def symphysis_from_leg_to_leg(people: People, sex: str) -> Floats:
    """Films on the right and on the left leg: how far one pubic bone goes up beside the other in all, mm."""
    right, left = people.doing(sex, RIGHT_LEG), people.doing(sex, LEFT_LEG)
    return counted(np.abs(_pubis(right) - _pubis(left))[:, 1], right, left)


@row("walheim_vertical", axis=1)
@row("walheim_sagittal", axis=0)
def symphysis_on_one_leg(people: People, axis: int) -> Floats:
    """Bone pins: from two legs to the right one, up or forward, mm."""

    def one(sex: str) -> Floats:
        two, right = people.doing(sex, "standing"), people.doing(sex, RIGHT_LEG)
        return counted(np.abs(_pubis(right) - _pubis(two))[:, axis], two, right)

    return both(one)


def _pubis(state: State) -> Floats:
    return 1e3 * readings.symphysis(state.here, state.found).shift


@row("bergmann_one_leg")
def hip_on_one_leg(people: People) -> Floats:
    """Force in the standing hip, % of body weight."""
    return both(lambda sex: _hip(people.doing(sex, RIGHT_LEG))[:, 0])


@row("hip_two_legs")
def hip_on_two_legs(people: People) -> Floats:
    """Force in a hip, mean of both sides, % of body weight."""
    return both(lambda sex: _hip(people.doing(sex, "standing")).mean(axis=1))


def _hip(state: State) -> Floats:
    force = np.linalg.norm(readings.hip_contact(state.here, state.found), axis=2)
    percent = 100 * force / (G * state.here.draws.segment_mass.sum(axis=1))[:, None]
    return np.stack([counted(side, state) for side in percent.T], axis=1)


@row("callaghan_standing")
@row("wilke_standing")
def disc_standing(people: People) -> Floats:
    """Compression of L5/S1 of a standing man, N."""
    return _disc(people.doing("male", "standing"))


@row("sitting_over_standing")
def disc_sitting(people: People) -> Floats:
    """Compression of L5/S1 sitting without a backrest over standing, less 1, %."""
    return both(
        lambda sex: 100 * (_disc(people.doing(sex, "sitting")) / _disc(people.doing(sex, "standing")) - 1)
    )


def _disc(state: State) -> Floats:
    return counted(readings.lumbosacral(state.here, state.found).compression, state)
