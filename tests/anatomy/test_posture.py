"""A posture from text: sides, units and near misses; a mirror shows the other side."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from counterpull.anatomy import Posture
from counterpull.anatomy.arrays import cubics
from counterpull.anatomy.posture import BODIES, COORDINATES, SIDED_BODIES, UNSIDED, mirror_name
from counterpull.quantities import InputError

POSTURES = st.builds(Posture, **dict.fromkeys(COORDINATES, st.floats(-2, 2)))


def test_standing_is_all_zeros():
    assert Posture() == Posture.of()
    assert (Posture().array() == np.zeros(12)).all()


@pytest.mark.parametrize("name", COORDINATES)
def test_every_angle_is_read_from_text(name):
    posture = Posture.of(**{name: "-20 deg"})
    assert getattr(posture, name) == pytest.approx(-math.radians(20))
    # and it stands where COORDINATES says, alone
    assert np.flatnonzero(posture.array()).tolist() == [COORDINATES.index(name)]


@pytest.mark.parametrize("name", UNSIDED)
def test_an_angle_without_a_side_means_both(name):
    posture = Posture.of(**{name: "0.3 rad"})
    assert getattr(posture, f"{name}_right") == getattr(posture, f"{name}_left") == 0.3


def test_a_side_named_later_wins():
    posture = Posture.of(hip_flexion="90 deg", hip_flexion_left="0 deg")
    assert (posture.hip_flexion_right, posture.hip_flexion_left) == (pytest.approx(math.pi / 2), 0.0)


@pytest.mark.parametrize(
    ("angles", "words"),
    [
        ({"hip_flexoin": "10 deg"}, ["hip_flexoin", "hip_flexion"]),
        ({"xyz": "10 deg"}, ["xyz", "lordosis", "trunk_lean"]),
        ({"hip_flexion": "90"}, ["posture.hip_flexion", "no unit", "deg or rad"]),
        ({"hip_flexion": "90 mm"}, ["posture.hip_flexion", "mm", "deg or rad"]),
        ({"knee_flexion_left": "a lot"}, ["posture.knee_flexion_left", "number"]),
        ({"lordosis_left": "10 deg"}, ["lordosis_left", "lordosis"]),
    ],
)
def test_slips_are_sentences(angles, words):
    with pytest.raises(InputError) as error:
        Posture.of(**angles)
    assert all(word in str(error.value) for word in words), error.value


@given(POSTURES)
def test_a_mirror_of_a_mirror_is_the_thing_itself(posture):
    assert posture.mirrored().mirrored() == posture


@given(POSTURES)
def test_a_mirror_swaps_sides_and_turns_bend_and_rotation(posture):
    seen = posture.mirrored()
    for name in UNSIDED:
        assert getattr(seen, f"{name}_left") == getattr(posture, f"{name}_right")
    assert (seen.lordosis, seen.trunk_lean) == (posture.lordosis, posture.trunk_lean)
    assert (seen.trunk_bend, seen.trunk_rotation) == (-posture.trunk_bend, -posture.trunk_rotation)


def test_every_body_has_its_other_side():
    assert {mirror_name(body) for body in BODIES} == set(BODIES)
    assert sum(mirror_name(body) != body for body in BODIES) == 2 * len(SIDED_BODIES)


def test_the_named_postures_of_the_design_are_there(tables):
    assert set(tables.postures) >= {
        "standing",
        "sitting",
        "supine",
        "active_straight_leg_raise_right",
        "thomas_test_right",
        "half_kneeling_right",
        "hinge",
        "step_up_right",
    }
    assert tables.postures["standing"] == Posture()
    assert tables.postures["sitting"].hip_flexion_left == pytest.approx(math.radians(80))


def test_the_knee_runs_along_the_spline_that_scipy_draws():
    rng = np.random.default_rng(0)
    knots, values = np.cumsum(rng.uniform(0.1, 0.5, 7)), rng.normal(size=(7, 3))
    assert cubics(knots, values) == pytest.approx(CubicSpline(knots, values, axis=0).c, rel=1e-12, abs=1e-12)
