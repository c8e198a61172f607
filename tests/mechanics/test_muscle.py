"""A muscle at a length: strongest at its optimal length, passive beyond it, slack before its tendon."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpull.mechanics.muscle import Curves, Tissue, active_force, fibre, passive_force, passive_tension

CURVES = Curves(0.45, 0.6, 5.0, 0.05)


def one(length, pennation=0.0):
    path, tendon, optimal, angle = (np.array([x]) for x in (length, 0.1, 0.1, pennation))
    return fibre(path, tendon, optimal, angle, CURVES)


def passive(length, pennation=0.0):
    along, optimal, thickness, strength, constant = (
        np.array([x]) for x in (length - 0.1, 0.1, 0.1 * np.sin(pennation), 800.0, 0.0)
    )
    return [v[0] for v in passive_tension(Tissue(along, optimal, thickness, strength, constant, CURVES), 0.0)]


def test_at_its_optimal_length_all_force_is_active():
    at = one(0.2)
    assert (at.ratio[0], at.active[0]) == (1.0, 1.0)
    assert passive(0.195) == [0, 0] and passive(0.2)[0] < 0.001 * 800


def test_a_path_shorter_than_its_tendon_hangs_slack():
    at = one(0.08)
    assert at.ratio[0] < 0 and at.active[0] == 0 and passive(0.08) == passive(0.1) == [0, 0]


def test_the_passive_force_is_the_maximal_one_at_its_strain():
    assert passive_force(np.array([1.6]), CURVES)[0][0] == pytest.approx(1.0)


def test_a_fibre_of_twice_its_length_stays_tame():
    # An exponential that went on would reach 28 times the maximal force.
    force, slope = passive_force(np.array([2.0]), CURVES)
    assert 1 < force[0] < 5
    assert slope[0] == passive_force(np.array([1.61]), CURVES)[1][0]


@given(st.floats(0.05, 2.5))
def test_the_passive_slope_is_the_slope(ratio):
    step = 1e-6
    ahead, behind = (passive_force(np.array([ratio + s * step]), CURVES)[0][0] for s in (1, -1))
    inside = abs(ratio - 1) > 1e-5 and abs(ratio - 1.6) > 1e-5
    if inside:
        assert passive_force(np.array([ratio]), CURVES)[1][0] == pytest.approx(
            (ahead - behind) / 2e-6, rel=1e-4, abs=1e-6
        )
    assert 0 <= active_force(np.array([ratio]), CURVES)[0] <= 1


def test_a_pennate_fibre_pulls_with_its_cosine():
    slanted = one(0.1 + 0.1 * np.cos(0.4), pennation=0.4)
    assert slanted.ratio[0] == pytest.approx(1.0)
    assert slanted.active[0] == pytest.approx(np.cos(0.4))


@given(st.floats(0.21, 0.29), st.floats(0, 0.6))
def test_the_slope_of_passive_tension_along_the_path(length, pennation):
    step = 1e-7
    slope = (passive(length + step, pennation)[0] - passive(length - step, pennation)[0]) / (2 * step)
    assert passive(length, pennation)[1] == pytest.approx(slope, rel=1e-4)


@given(st.floats(0.05, 0.35), st.floats(0.05, 0.35), st.floats(0, 0.6))
def test_passive_tension_is_convex_and_never_pushes(one_length, other_length, pennation):
    here, there = passive(one_length, pennation), passive(other_length, pennation)
    assert here[0] >= 0 and here[1] >= 0
    assert there[0] >= here[0] + here[1] * (other_length - one_length) - 1e-9
