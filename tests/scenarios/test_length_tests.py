"""Thomas test and straight-leg raise on the body: plausible untouched, monotone, and read back as they were given."""

from functools import cache

import numpy as np
import pytest

from counterpull.anatomy import find, load
from counterpull.mechanics.model import MuscleState
from counterpull.quantities import InputError
from counterpull.scenarios.length_tests import length_test
from counterpull.scenarios.rows import known

N = 64
TESTED = {"thomas": "iliopsoas", "straight_leg_raise": "hamstrings"}


@cache
def set_up(sex, name, side="right", n=N):
    body = load(sex)
    draws = body.draw(n, seed=3) if n > 1 else body.mean
    return length_test(name, side, body, draws), indices(body, f"{side} {TESTED[name]}")


def indices(body, names):
    return np.array([body.elements.index(e) for e in find(names)])


def shortened(test, named, share):
    out = np.zeros_like(test.draws.pcsa)
    out[:, named] = share[:, None] * test.draws.fibre_length[:, named]
    return MuscleState(shortening=out)


# -- untouched bodies ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sex", ["female", "male"])
def test_untouched_thighs_hang_where_they_were_measured(sex):
    # 600 limbs: -10.6 (9.6) deg (Ferber 2010). Between drawn bodies, so half of that SD at least is left.
    angle = np.rad2deg(set_up(sex, "thomas")[0].angle())
    assert abs(np.median(angle) + 10.6) < 9.6
    assert 3 < np.std(angle) < 12


@pytest.mark.parametrize("sex", ["female", "male"])
def test_untouched_legs_rise_as_far_as_they_were_measured(sex):
    # Men 61 to 74, women 8 to 10 deg more (Gajdosik 1990 and 1993, Youdas 2005, Marshall 2014).
    assert 61 <= np.rad2deg(np.median(set_up(sex, "straight_leg_raise")[0].angle())) <= 85


def test_a_womans_leg_rises_further_than_a_mans():
    angle = {sex: np.median(set_up(sex, "straight_leg_raise")[0].angle()) for sex in ("female", "male")}
    assert angle["female"] > angle["male"]


def test_the_limbs_weight_is_that_of_a_lever():
    # Thigh level, knee at 52 deg: thigh, shank and foot of the mean woman as weights on a bent lever, by hand.
    test, _ = set_up("female", "thomas", n=1)
    marks, mass = test.draws.landmarks, test.draws.segment_mass[0, 2:5]
    thigh = np.linalg.norm((marks["knee_centre_right"] - marks["hip_centre_right"])[0])
    centre = test.draws.segment_centre[0, 2:5] - marks["knee_centre_right"][0]
    cos, sin = np.cos(np.deg2rad(52)), np.sin(np.deg2rad(52))
    out = thigh + np.array([-centre[0, 1], -cos * centre[1, 1], sin * centre[2, 0] - cos * centre[2, 1]])
    k = int(np.argmin(np.abs(test.hip + test.tilt[0])))
    assert (test.rest - test.capsule)[0, k] == pytest.approx(-9.80665 * mass @ out, rel=0.05)
    assert 25 < -(test.rest - test.capsule)[0, k] < 35


# -- read backwards ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sex", ["female", "male"])
@pytest.mark.parametrize(
    ("name", "degrees"), [("thomas", (-8, 0, 5, 15)), ("straight_leg_raise", (70, 55, 40))]
)
def test_the_changed_body_shows_the_measured_angle(sex, name, degrees):
    test, named = set_up(sex, name)
    for degree in degrees:
        share = test.shortening(np.full(N, np.deg2rad(degree)), named)
        shown = np.rad2deg(test.angle(shortened(test, named, share)))
        inside = (share > 0) & (share < known("tight.longest").value - 1e-6)
        assert inside.sum() > N / 4
        assert np.abs(shown - degree)[inside].max() < 0.5
        own = np.rad2deg(test.angle())
        untouched = share == 0
        sign = 1 if name == "thomas" else -1
        assert np.all(sign * (own - degree)[untouched] > -0.5)  # those were as tight already


@pytest.mark.parametrize("name", TESTED)
def test_a_worse_angle_never_means_a_smaller_shortening(name):
    test, named = set_up("female", name)
    degrees = np.arange(-45, 60, 0.7) if name == "thomas" else np.arange(130, 10, -0.7)
    shares = np.array([test.shortening(np.full(N, np.deg2rad(d)), named) for d in degrees])
    assert np.diff(shares, axis=0).min() >= -1e-9
    assert shares.min() >= 0 and shares.max() <= known("tight.longest").value


@pytest.mark.parametrize("name", TESTED)
def test_more_shortening_always_stops_the_limb_sooner(name):
    test, named = set_up("male", name)
    sign = 1 if name == "thomas" else -1
    angles = [sign * test.angle(shortened(test, named, np.full(N, s))) for s in np.arange(0, 0.8, 0.1)]
    assert np.diff(angles, axis=0).min() >= 0


def test_both_sides_of_a_symmetric_body_read_alike():
    for name in TESTED:
        (right, mine), (left, other) = (set_up("female", name, side, 1) for side in ("right", "left"))
        assert right.angle() == pytest.approx(left.angle(), abs=1e-9)
        angle = right.angle() + (0.2 if name == "thomas" else -0.2)
        assert right.shortening(angle, mine) == pytest.approx(left.shortening(angle, other), abs=1e-9)


def test_what_else_is_tight_is_taken_into_account():
    test, named = set_up("female", "thomas", n=1)
    body = load("female")
    stiff = np.ones_like(test.draws.pcsa)
    stiff[:, indices(body, "right rectus femoris")] = 5.0
    angle = np.deg2rad(np.full(1, 5.0))
    state = MuscleState(passive=stiff)
    assert test.angle(state)[0] > test.angle()[0]
    assert test.shortening(angle, named, state)[0] < test.shortening(angle, named)[0]


def test_muscles_that_do_not_resist_are_refused():
    test, _ = set_up("female", "thomas", n=1)
    body = load("female")
    with pytest.raises(InputError, match=r"thomas: none of the named muscles"):
        test.shortening(np.zeros(1), indices(body, "right gluteus maximus"))
    with pytest.raises(InputError, match="there is no test"):
        length_test("ober", "right", body, body.mean)
