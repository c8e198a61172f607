"""The sacroiliac law: from a potential, stiffer under compression, softer about rest; strings only pull."""

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpull.mechanics import laws, situation, solve
from counterpull.mechanics.laws import FORWARD, NORMAL, UP, Sacroiliac
from counterpull.mechanics.model import of_draws
from counterpull.mechanics.setting import Setting

STIFF = np.array([1.7e5, 7e5, 5e5, 1260.0, 630.0, 3700.0])
PRESSED = np.array([4.3e5, 7e5, 5e5, 1000.0, 630.0, 3700.0])
TOE = np.array([3e-4] * 3 + [7e-3] * 3)
SIZE = np.array([6e-4] * 3 + [1.2e-2] * 3)
numbers = st.lists(st.floats(-1, 1), min_size=6, max_size=6).map(np.array)


def joint(gain=0.5, half=300.0, toe_ratio=0.6):
    toe_ratio, gain, half = (np.array(each) for each in (toe_ratio, gain, half))
    return Sacroiliac(None, STIFF, PRESSED, toe_ratio, TOE, gain, half)


@given(numbers, st.sampled_from([0.0, 0.5, 1.5]))
def test_the_tangent_is_the_slope_of_the_force_and_symmetric(where, gain):
    with jax.enable_x64(True):
        d = jnp.array(where * SIZE)
        tangent = laws.joint_law(d, joint(gain))[1]
        slope = jax.jacfwd(lambda x: laws.joint_law(x, joint(gain))[0])(d)
    assert np.abs(slope - tangent).max() <= 1e-9 * np.abs(tangent).max()
    assert np.abs(tangent - tangent.T).max() <= 1e-9 * np.abs(tangent).max()


@given(numbers, st.sampled_from([0.0, 0.5, 1.5]), st.sampled_from([100.0, 300.0]))
def test_no_joint_can_snap(where, gain, half):
    with jax.enable_x64(True):
        tangent = laws.joint_law(jnp.array(3 * where * SIZE), joint(gain, half))[1]
    assert np.linalg.eigvalsh(np.asarray(tangent)).min() > 0


def test_a_closed_path_costs_no_energy(double):
    # Round a square in shear and compression: what goes in comes out again.
    corners = np.array([[0, 0], [-3e-4, 0], [-3e-4, 5e-4], [0, 5e-4], [0, 0]])
    work = 0.0
    nodes, weights = np.polynomial.legendre.leggauss(24)
    for a, b in pairwise(corners):
        for u, w in zip(0.5 * (nodes + 1), 0.5 * weights, strict=True):
            d = jnp.zeros(6).at[jnp.array([NORMAL, UP])].set(jnp.array(a + u * (b - a)))
            force = laws.joint_law(d, joint())[0]
            work += w * float(force[NORMAL] * (b - a)[0] + force[UP] * (b - a)[1])
    assert abs(work) < 1e-9


def test_compression_stiffens_and_saturates(double):
    def shear_stiffness(normal, gain):
        d = jnp.zeros(6).at[jnp.array([NORMAL, FORWARD])].set(jnp.array([normal, 2e-5]))
        return float(laws.joint_law(d, joint(gain))[1][FORWARD, FORWARD])

    rest = shear_stiffness(0.0, 0.5)
    pressed = [shear_stiffness(-force / 4.3e5, 0.5) / rest for force in (100, 300, 1000, 5000)]
    assert pressed == sorted(pressed)
    assert pressed[1] == pytest.approx(1.25, abs=0.05)  # half of the gain at the half force
    assert pressed[3] == pytest.approx(1.5, abs=0.01)
    assert shear_stiffness(2e-4, 0.5) == pytest.approx(rest, rel=1e-6)  # drawn apart: no closure
    assert shear_stiffness(-1e-3, 0.0) == pytest.approx(rest, rel=1e-9)  # gain 0: off


def test_directions_differ_and_the_toe_is_soft(double):
    def force(axis, by):
        return float(laws.joint_law(jnp.zeros(6).at[axis].set(by), joint(0.0))[0][axis])

    assert force(NORMAL, 2e-3) < -0.5 * force(NORMAL, -2e-3)  # easier drawn apart than pressed
    anterior, posterior = -force(3, -0.05), force(3, 0.05)
    assert anterior / posterior == pytest.approx(0.8, abs=0.02)
    assert force(FORWARD, 2e-5) / 2e-5 == pytest.approx(0.6 * 5e5, rel=0.02)
    assert force(FORWARD, 2e-2) / 2e-2 == pytest.approx(5e5, rel=0.01)


def test_at_rest_there_is_no_force(double):
    assert np.abs(laws.joint_law(jnp.zeros(6), joint(1.5))[0]).max() < 1e-12


@given(st.floats(-5e-3, 5e-3))
def test_a_string_only_pulls_and_its_tension_never_falls(stretch):
    one = laws.Strings(np.zeros((1, 1)), np.array([1e5]), np.array([1e-3]), np.zeros(1), np.zeros(1))
    with jax.enable_x64(True):
        force, slope = (float(v[0]) for v in laws.tension(one, jnp.array([stretch])))
        further = float(laws.tension(one, jnp.array([stretch + 1e-5]))[0][0])
    grip = laws.GRIP * 1e5
    assert force >= -1e-4 and slope >= grip and further >= force
    if stretch > 1e-3:
        assert force == pytest.approx(1e5 * (stretch - 0.5e-3), rel=1e-5)


def test_numpy_in_a_batch_and_jax_one_by_one_agree(woman):
    here = situation(woman, Setting(name="hanging", gravity=None, fixed=("sacrum",)), woman.draw(5, seed=1))
    found = solve(here.model())
    structure = found.model.structure
    x = found.x + 1e-3 * structure.moving * np.random.default_rng(2).normal(size=found.x.shape)
    batch = laws.secant(structure, x)
    d = np.einsum("nsjx,nx->nsj", structure.sacroiliac.frame, x)
    force, tangent = laws.joint_law(d, structure.sacroiliac)
    for i in range(len(x)):
        with jax.enable_x64(True):
            one = jax.tree.map(jnp.asarray, of_draws(structure, i))
            alone = laws.secant(one, jnp.asarray(x[i]))
            joints = laws.joint_law(jnp.asarray(d[i]), one.sacroiliac)
            alone = [np.asarray(each) for each in (*alone, *joints)]
        for ours, theirs in zip((*batch, force, tangent), alone, strict=True):
            assert np.abs(ours[i] - theirs).max() <= 1e-12 * np.abs(theirs).max()
        np.testing.assert_allclose(
            batch[0][i] @ x[i] - batch[1][i], laws.restoring(of_draws(structure, i), x[i]), atol=1e-9
        )
