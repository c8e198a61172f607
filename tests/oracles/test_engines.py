"""The same person in two other engines: paths, moment arms and balance of the exported files.

Each engine reads the file alone: its kinematics, its wraps, its springs, its weight. Fixed to micrometres: lengths
and moment arms of all muscles in five postures, from one file, and the balance of fifty recruited states.
"""

import re
from dataclasses import replace

import numpy as np
import pytest
from in_engines import InMuJoCo, InOpenSim

from counterpull.anatomy import Posture, load
from counterpull.anatomy.posture import COORDINATES
from counterpull.interfaces.interop.files import written
from counterpull.interfaces.interop.mechanism import mechanism
from counterpull.interfaces.interop.person import ON_SKELETON, person
from counterpull.mechanics import MuscleState, situation, solve
from counterpull.mechanics.coordinates import FREE
from counterpull.mechanics.readings import shift_rows
from counterpull.scenarios import activity

pytest.importorskip("mujoco")
pytest.importorskip("opensim")

TWISTED = Posture.of(
    hip_flexion_right="40 deg",
    hip_abduction_right="20 deg",
    hip_rotation_right="-15 deg",
    hip_flexion_left="-10 deg",
    knee_flexion_left="30 deg",
    lordosis="-10 deg",
    trunk_bend="15 deg",
    trunk_rotation="10 deg",
)
NAMES = ("standing", "sitting", "step_up_right", "half_kneeling_right", "twisted")
MICROMETRE = 1e-6
STATES = (
    ("female", None, None, "standing"),
    ("male", "188 cm", "95 kg", "single_leg_standing_left"),
    ("female", "152 cm", "50 kg", "mid_stance_right"),
    ("female", None, None, "single_leg_standing_right"),
    ("male", "170 cm", "60 kg", "standing"),
)
EACH = 10
BONES = FREE.index("abdomen")
"""The first so many free bodies are bones, the others sheets."""


@pytest.fixture(scope="module")
def standing():
    """An average woman, standing."""
    here = situation(load("female"), activity("standing").setting)
    return person(here, solve(here.model()))


def in_engine(engine, one, folder, edit=lambda text: text, wraps="follow"):
    """An engine that has read a person's file."""
    if engine == "mujoco":
        return InMuJoCo(one, edit(written(one, "mujoco", wraps).text))
    file = folder / "person.osim"
    file.write_text(edit(written(one, "opensim", wraps).text), encoding="utf-8")
    return InOpenSim(one, file)


def tree_in(one, posture):
    """The person's tree in another posture."""
    origins = {body: one.tree.link[body].origin for body in ON_SKELETON}
    return mechanism(one.geometry.skeleton, posture, origins)


def paths_of(one, engine, posture):
    """Lengths and moment arms in an engine that stands as it was written, moved to a posture."""
    engine.restart()
    here, there = one.here.setting.posture.array(), posture.array()
    for share in np.linspace(0.1, 1.0, 10):
        # OpenSim's geodesics follow the last ones: it wants small steps.
        between = Posture(**dict(zip(COORDINATES, here + share * (there - here), strict=True)))
        lengths = engine.lengths(engine.values(tree_in(one, between)))
    slopes, step = [], 1e-5
    for name in COORDINATES:
        ahead, behind = (
            engine.values(tree_in(one, replace(posture, **{name: getattr(posture, name) + sign * step})))
            for sign in (1, -1)
        )
        if isinstance(engine, InMuJoCo):
            slopes.append(engine.arms(engine.values(tree_in(one, posture))) @ (ahead - behind) / (2 * step))
        else:
            slopes.append((engine.lengths(behind) - engine.lengths(ahead)) / (2 * step))
    return lengths, np.array(slopes).T


def assert_same_paths(one, engine, posture):
    lengths, arms = paths_of(one, engine, posture)
    body = one.here.body
    np.testing.assert_allclose(lengths, body.lengths(posture), rtol=0, atol=MICROMETRE)
    np.testing.assert_allclose(arms, body.moment_arms(posture), rtol=0, atol=MICROMETRE)


@pytest.mark.parametrize("engine", ["mujoco", "opensim"])
def test_all_paths_in_five_postures(engine, standing, tmp_path):
    read = in_engine(engine, standing, tmp_path)
    postures = standing.here.body.tables.postures | {"twisted": TWISTED}
    for name in NAMES:
        assert_same_paths(standing, read, postures[name])


@pytest.mark.parametrize("engine", ["mujoco", "opensim"])
def test_fixed_wraps_are_exact_in_their_posture(engine, tmp_path):
    here = situation(load("female"), activity("sitting").setting)
    sitting = person(here, solve(here.model()))
    found = written(sitting, engine, "fixed")
    assert len(found.fixed) == 66
    assert_same_paths(sitting, in_engine(engine, sitting, tmp_path, wraps="fixed"), here.setting.posture)


def moved_point(text):
    """A file in which the first point of an iliacus is 1 mm further forward."""
    pattern = r'(name="iliacus_anterior_right_0".*?(?:pos="|<location>))(-?[\d.e-]+)'
    changed, count = re.subn(pattern, lambda m: m[1] + repr(float(m[2]) + 1e-3), text, count=1, flags=re.S)
    assert count == 1
    return changed


@pytest.mark.parametrize("engine", ["mujoco", "opensim"])
def test_a_moved_point_is_seen(engine, standing, tmp_path):
    read = in_engine(engine, standing, tmp_path, moved_point)
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        assert_same_paths(standing, read, Posture())


def recruited(count):
    """People in moments, with muscles as no two have them, and all bones turned by less than one degree."""
    rng = np.random.default_rng(20261126)
    for sex, height, mass, moment in STATES:
        here, found = situation(load(sex, height, mass), activity(moment).setting), 0
        several = len(here.body.elements)
        for _ in range(3 * count):
            state = MuscleState(
                strength=rng.lognormal(0.0, 0.2, several),
                passive=rng.lognormal(0.0, 0.2, several),
                involuntary=rng.uniform(0.0, 0.15, several) * (rng.random(several) < 0.1),
            )
            if found == count:
                break
            balance = solve(here.model(state))
            turns = np.linalg.norm(balance.x[0, : 6 * len(FREE)].reshape(-1, 6)[:BONES, 3:], axis=1)
            if balance.held[0] and turns.max() < np.deg2rad(1.0):
                found += 1
                yield person(here, balance)
        assert found == count, (moment, found)


def assert_same_balance(one, engine):
    """Displacement of all bodies, and shifts of both joints: 1 % or 5 µm (for turns, at a tenth of a metre)."""
    found, hold = engine.linear_balance(one.found.model.held)
    x = one.found.x[0]
    small = np.array([5e-6] * 3 + [5e-5] * 3)
    np.testing.assert_array_less(np.abs(found - x), np.maximum(0.01 * np.abs(x), np.resize(small, len(x))))
    rows = shift_rows(one.here)[0].reshape(-1, len(x))
    # Here angles come first.
    near = np.maximum(0.01 * np.abs(rows @ x), np.resize(small[::-1], len(rows)))
    np.testing.assert_array_less(np.abs(rows @ (found - x)), near)
    assert np.abs(hold).max(initial=0.0) < 0.3  # Nm that hold the posture beside the muscles


@pytest.mark.parametrize(("engine", "each"), [("mujoco", EACH), ("opensim", 1)])
def test_recruited_states_balance_alike(engine, each, tmp_path):
    for one in recruited(each):
        assert_same_balance(one, in_engine(engine, one, tmp_path))


@pytest.mark.soak
def test_fifty_recruited_states_balance_alike_in_opensim(tmp_path):
    for one in recruited(EACH):
        assert_same_balance(one, in_engine("opensim", one, tmp_path))


def softer_joint(text):
    """A file in which the right sacroiliac joint is a tenth softer about its normal."""
    pattern = r'(<fixed name="sacroiliac_right_turn_1" stiffness=")([\d.e+]+)'
    if "OpenSimDocument" in text:
        pattern = r'(<BushingForce name="sacroiliac_right">.*?<rotational_stiffness>)([\d.e+]+)'
    changed, count = re.subn(pattern, lambda m: m[1] + repr(0.9 * float(m[2])), text, count=1, flags=re.S)
    assert count == 1
    return changed


@pytest.mark.parametrize("engine", ["mujoco", "opensim"])
def test_a_softer_joint_is_seen(engine, standing, tmp_path):
    with pytest.raises(AssertionError, match="not strictly ordered"):
        assert_same_balance(standing, in_engine(engine, standing, tmp_path, softer_joint))


def test_large_displacements_change_little_at_the_joints(standing, tmp_path):
    """With every pull following its bones: what small displacements leave out, a tenth or 0.03 degrees at most."""
    found, hold = in_engine("mujoco", standing, tmp_path).full_balance(standing.found.model.held)
    rows, x = shift_rows(standing.here)[0].reshape(-1, len(found)), standing.found.x[0]
    near = np.maximum(0.1 * np.abs(rows @ x), np.resize([5e-4] * 3 + [2e-5] * 3, len(rows)))
    assert np.all(np.abs(rows @ (found - x)) < near)
    assert np.abs(hold).max() < 1.5
