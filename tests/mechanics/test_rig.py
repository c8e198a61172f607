"""Rigs: what is done to a body, in words and units, and what is read."""

import numpy as np
import pytest

from counterpull.mechanics import Rig, readings
from counterpull.quantities import InputError
from counterpull.scenarios import activity


@pytest.fixture(scope="module")
def pelvis(man):
    return Rig.specimen(man).fix("left innominate", "right innominate")


def test_weight_on_the_sacrum_nutates_it(pelvis):
    done = pelvis.load("sacrum", at="s1_endplate_centre", force="0, -600, 0 N").solve()
    motion = done.motion("sacrum", "left innominate", at="s1_endplate_centre")
    assert motion.shift_mm[0, 1] < 0  # down
    assert motion.turn_deg[0, 2] < 0  # promontory forward and down: about -z
    assert motion.angle_deg[0] == pytest.approx(abs(motion.turn_deg[0, 2]), rel=1e-6)
    assert abs(motion.axis[0, 2]) == pytest.approx(1.0)
    shifts = done.shifts_deg_mm("right")
    assert shifts["sagittal_rotation"][0] < 0 and shifts["superior_shift"][0] > 0


def test_one_joint_gives_more_than_two(man, pelvis):
    free = Rig.specimen(man, keep="sacrum, left innominate").fix("left innominate")
    turns = [
        rig.load("sacrum", at="s1_endplate_centre", moment="0, 0, -42 Nm")
        .solve()
        .motion("sacrum", "left innominate", at="s1_endplate_centre")
        .angle_deg[0]
        for rig in (free, pelvis)
    ]
    assert 1.3 < turns[0] / turns[1] < 8


def test_cutting_a_ligament_softens(pelvis):
    load = dict(at="s1_endplate_centre", moment="0, 0, -30 Nm")
    whole, cut = (
        rig.load("sacrum", **load).solve().motion("sacrum", "left innominate", at="s3_centre").angle_deg[0]
        for rig in (pelvis, pelvis.cut("sacrotuberous", "sacrospinous"))
    )
    assert cut > whole


def test_a_muscle_at_full_force_pulls_its_bone(pelvis, man):
    free = Rig.specimen(man).fix("sacrum")
    done = free.pull("left coccygeus").solve()
    assert np.abs(done.found.x).max() > 0
    newtons = done.found.model.muscles.passive[0]
    rows = [i for i, e in enumerate(man.elements) if e.startswith("coccygeus") and e.endswith("left")]
    assert newtons[rows] == pytest.approx(man.mean.max_force[0][rows], rel=0.2)
    assert np.flatnonzero(newtons > 1.0).tolist() == rows


def test_a_raised_foot_lifts_its_side(woman):
    standing = Rig.person(woman, activity("standing").setting)
    tilt = readings.pelvis(standing.raise_foot("right", "10 mm").solve().found).obliquity[0]
    assert np.rad2deg(tilt) == pytest.approx(np.rad2deg(0.010 / 0.174), rel=0.35)


def test_a_lifted_leg_needs_the_other_foot_for_all(woman):
    done = Rig.person(woman, activity("single_leg_standing_right").setting).solve()
    assert all(c.name.endswith("right") for c in done.situation.around.contacts)


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        (lambda rig: rig.fix("left inominate"), "did you mean innominate_left"),
        (lambda rig: rig.fix("femur_left"), "not part of the specimen"),
        (lambda rig: rig.load("sacrum", at="s1 endplate center", force="1, 2, 3 N"), "s1_endplate_centre"),
        (lambda rig: rig.load("sacrum", at="s3_centre", force="1, 2 N"), "three numbers"),
        (lambda rig: rig.load("sacrum", at="s3_centre", force="1, 2, 3"), "no unit"),
        (
            lambda rig: rig.load("sacrum", at="s3_centre", force="1, 2, 3 N", axes="isb"),
            "pelvis, s1 or world",
        ),
        (lambda rig: rig.cut("interosseous"), "sacrotuberous"),
        (lambda rig: rig.hold("trunk"), "trunk_tilt"),
        (lambda rig: rig.raise_foot("right", "1 cm"), "does not stand"),
        (lambda rig: rig.pull("left piriformus"), "piriformis"),
        (lambda rig: rig.lift_leg("rihgt"), "right or left"),
    ],
)
def test_a_wrong_word_is_answered_with_a_sentence(pelvis, verb, said):
    with pytest.raises(InputError, match=said):
        verb(pelvis)
