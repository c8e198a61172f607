"""A body: what it holds, and that nobody changes it by accident."""

import dataclasses

import numpy as np
import pytest

from counterpull.anatomy import Posture, load
from counterpull.anatomy.posture import COORDINATES


def test_a_body_cannot_be_changed(woman):
    with pytest.raises(dataclasses.FrozenInstanceError):
        woman.person = None
    for array in (woman.geometry.points, woman.landmarks["asis_right"], woman.tables.landmarks["psis"].at):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0


def test_right_comes_first_and_left_mirrors_it(woman):
    half = len(woman.elements) // 2
    assert all(name.endswith("_right") for name in woman.elements[:half])
    assert [name.replace("_left", "_right") for name in woman.elements[half:]] == list(woman.elements[:half])
    lengths = woman.lengths()
    np.testing.assert_allclose(lengths[:half], lengths[half:], rtol=0, atol=1e-12)


def test_hip_flexion_shortens_the_iliacus_by_its_moment_arm(woman):
    # Over one degree: change of length = -arm x change of angle.
    e, c = woman.elements.index("iliacus_posterior_right"), COORDINATES.index("hip_flexion_right")
    here, there = (Posture(hip_flexion_right=np.deg2rad(angle)) for angle in (30.0, 31.0))
    middle = Posture(hip_flexion_right=np.deg2rad(30.5))
    shortening = woman.lengths(here)[e] - woman.lengths(there)[e]
    assert shortening == pytest.approx(woman.moment_arms(middle)[e, c] * np.deg2rad(1.0), rel=1e-3)
    assert shortening > 0


def test_trunk_lean_moves_no_muscle(woman):
    assert np.array_equal(woman.lengths(Posture(trunk_lean=0.5)), woman.lengths())


def test_only_the_pelvic_parts_of_latissimus_are_there(woman):
    # 41 % of the muscle: the rest never reaches the pelvis, and its area must not be given to these parts.
    parts = [
        i for i, name in enumerate(woman.elements) if name.startswith("latissimus") and name.endswith("right")
    ]
    whole = woman.tables.number("latissimus_dorsi.pcsa").value
    gluteus = [
        i
        for i, name in enumerate(woman.elements)
        if name.startswith("gluteus_maximus") and name.endswith("right")
    ]
    area = woman.mean.pcsa[0]
    scale = area[gluteus].sum() / woman.tables.number("gluteus_maximus.pcsa").value
    assert area[parts].sum() == pytest.approx(0.41 * whole * scale, rel=1e-9)


def test_strength_is_of_the_size_that_dynamometers_measure():
    # A man's hip extension of 150 to 320 Nm and knee extension of 150 to 320 Nm; a woman's a third less or so.
    torque = {}
    for sex in ("female", "male"):
        body = load(sex)
        force = body.mean.max_force[0] * np.cos(body.mean.pennation[0])
        arms = body.moment_arms()
        for name in ("hip_flexion_right", "knee_flexion_right"):
            arm = arms[:, COORDINATES.index(name)]
            torque[sex, name] = -(force * np.minimum(arm, 0)).sum()
    for name in ("hip_flexion_right", "knee_flexion_right"):
        assert 150 < torque["male", name] < 320
        assert 0.5 < torque["female", name] / torque["male", name] < 0.9
