"""Laws of the balance: what must hold for every body in every activity, whatever the numbers are."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from counterpull.mechanics import Load, MuscleState, Setting, contributions, laws, readings, situation, solve
from counterpull.mechanics.coordinates import FORCE_UNIT, block, mirror
from counterpull.mechanics.gradients import answer, numbers
from counterpull.mechanics.model import taken
from counterpull.mechanics.outside import load_axes, masses, posed_at
from counterpull.mechanics.ring import hip_capsule
from counterpull.mechanics.setting import G
from counterpull.scenarios import activities, activity

NAMES = [name for name in activities() if not name.endswith("left")]
FEW = 6


@pytest.fixture(scope="module")
def cases(woman):
    """A woman's mean body and a few of her draws in every right-sided activity, solved once."""
    draws = woman.draw(FEW, seed=4)
    out = {}
    for name in NAMES:
        here = situation(woman, activities()[name].setting, draws)
        out[name] = (here, solve(here.model()))
    return out


@pytest.fixture(scope="module")
def mean(woman):
    """The mean body in every activity, both sides."""
    out = {}
    for name, one in activities().items():
        here = situation(woman, one.setting)
        out[name] = (here, solve(here.model()))
    return out


def restoring(found):
    with jax.enable_x64(True):
        return np.asarray(jax.vmap(laws.restoring)(found.model.structure, jnp.asarray(found.x)))


# -- balance -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_forces_and_moments_on_every_body_sum_to_zero(cases, name):
    _, found = cases[name]
    pushed = found.model.loads.sum(1) + np.einsum(
        "nxe,ne->nx", found.model.pull[found.model.variant], found.tension
    )
    held = restoring(found)
    largest = np.abs(np.stack([pushed, held]) / FORCE_UNIT).max(axis=(0, 2))
    rest = np.abs((held - pushed) / FORCE_UNIT).max(axis=1)
    assert found.held.any()
    assert (rest[found.held] <= 1e-8 * largest[found.held]).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_world_carries_the_whole_weight_and_its_moment(cases, name):
    # By hand, from masses and places alone: no coordinate of the model takes part.
    here, found = cases[name]
    lumps = masses(here.place, here.draws)
    weight = -here.around.up[:, None] * (G * here.setting.weight * lumps.mass)[..., None]
    force, moment = weight.sum(1), np.cross(lumps.at, weight).sum(1)
    for contact in readings.contacts(here, found):
        force = force + contact.force
        moment = moment + np.cross(contact.at, contact.force)
        assert (contact.push[found.held] >= -1e-3).all()  # it pushes and never pulls
    for load in here.setting.loads:
        hung = np.einsum("nij,j->ni", load_axes(here.place, here.draws, load, here.around.up), load.force)
        force, moment = (
            force + hung,
            moment + np.cross(posed_at(here.place, here.draws, load.body, load.at), hung),
        )
    scale = np.abs(weight).sum(axis=(1, 2))
    assert (np.abs(force[found.held]).max(1) <= 1e-8 * scale[found.held]).all()
    # A metre from the origin; the toppling term is linear in small turns, and so is what is left over.
    assert (np.abs(moment[found.held]).max(1) <= 0.02 * scale[found.held]).all()


@pytest.mark.parametrize("name", ["standing", "single_leg_standing_right", "lifting_10_kg"])
def test_a_leg_is_in_balance_with_hip_muscles_weight_and_floor(cases, name):
    here, found = cases[name]
    v, side, s = here.draws.variant, "right", 0
    parts = [here.place.body(f"{bone}_{side}") for bone in ("femur", "tibia", "patella")]
    muscles = np.einsum("neb,ne->nb", here.place.wrench[v][:, :, parts, :3].sum(2), found.tension)
    lumps = masses(here.place, here.draws)
    mine = [i for i, body in enumerate(lumps.bodies) if body in (f"femur_{side}", f"tibia_{side}")]
    weight = -here.around.up * (G * here.setting.weight * lumps.mass[:, mine].sum(1))[:, None]
    floor = sum(c.force for c in readings.contacts(here, found) if c.name.endswith(side))
    hip = readings.hip_contact(here, found)[:, s]
    total = muscles + weight + floor + hip
    assert (np.abs(total[found.held]).max(1) <= 1e-8 * np.abs(hip[found.held]).max()).all()


def test_nothing_loaded_nothing_moves(woman):
    feet = activity("standing").setting
    still = replace(feet, gravity=None, muscles=False, held=(), balance="none", pressure=0.0)
    ring = replace(
        still, rests_on=(), fixed=("sacrum",), present=("sacrum", "innominate_right", "innominate_left")
    )
    # A standing hip capsule pulls at rest; the ring alone carries nothing but its balanced preload.
    found = solve(situation(woman, ring, woman.draw(4, seed=1)).model())
    assert np.abs(found.x).max() <= 1e-15


def test_a_stiffer_joint_moves_less_under_the_same_forces(woman):
    specimen = Setting(
        name="specimen",
        present=("sacrum", "innominate_right", "innominate_left"),
        fixed=("innominate_right", "innominate_left"),
        loads=(Load(name="trunk", body="sacrum", at="s1_endplate_centre", force=(50.0, -400.0, 20.0)),),
        muscles=False,
    )
    model = situation(woman, specimen, woman.draw(4, seed=2)).model()
    for name in ("positive", "negative"):
        joint = model.structure.sacroiliac
        firmer = model._replace(
            structure=model.structure._replace(
                sacroiliac=joint._replace(**{name: getattr(joint, name) * 1.3})
            )
        )
        work = [np.einsum("nx,nx->n", m.loads.sum(1), solve(m).x) for m in (model, firmer)]
        assert (work[1] < work[0]).all()


# -- symmetry ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["single_leg_standing", "active_straight_leg_raise", "mid_stance"])
def test_mirrored_inputs_mirror_the_result(mean, name):
    (_, right), (_, left) = mean[f"{name}_right"], mean[f"{name}_left"]
    scale = np.abs(right.x).max()
    assert np.abs(left.x[0] - mirror() @ right.x[0]).max() <= 1e-7 * scale
    half = right.activation.shape[1] // 2
    swapped = np.roll(right.activation[0], half)
    assert np.abs(left.activation[0] - swapped).max() <= 1e-6


def test_draws_are_pairs_of_mirror_images(woman):
    draws = woman.draw(6, seed=3)
    right = solve(situation(woman, activity("single_leg_standing_right").setting, draws).model())
    left = solve(situation(woman, activity("single_leg_standing_left").setting, draws).model())
    scale = np.abs(right.x).max()
    assert np.abs(right.x[::2] - left.x[1::2] @ mirror().T)[right.held[::2]].max() <= 1e-7 * scale
    assert np.abs(right.x[::2] - right.x[1::2]).max() > 0.1 * scale  # and nobody is symmetric


@pytest.mark.parametrize("name", ["standing", "sitting", "supine", "lifting_10_kg"])
def test_a_mean_body_in_a_symmetric_posture_is_symmetric(mean, name):
    here, found = mean[name]
    assert np.abs(found.x[0] - mirror() @ found.x[0]).max() <= 1e-8 * np.abs(found.x).max()
    right, left = readings.shifts(here, found)[0]
    assert np.abs(right - left).max() <= 1e-9
    whole = readings.pelvis(found)
    assert max(abs(whole.obliquity[0]), abs(whole.rotation[0])) <= 1e-9


def test_a_batch_equals_its_singles(woman):
    draws = woman.draw(5, seed=9)
    here = situation(woman, activity("standing").setting, draws)
    model = here.model()
    together = solve(model)
    for i in range(5):
        alone = solve(taken(model, np.array([i])))
        assert np.abs(alone.x[0] - together.x[i]).max() <= 1e-12
        assert np.abs(alone.activation[0] - together.activation[i]).max() <= 1e-10


# -- muscles -------------------------------------------------------------------------------------------------


def test_strength_alone_changes_nothing(woman):
    # No closure, passive tissue off, a fixed spasm, no upper bound active: every muscle 1.7 times as strong.
    draws = woman.mean
    joints = {**draws.joints, "sacroiliac.closure_gain": np.zeros((1, 2))}
    here = situation(woman, activity("standing").setting, replace(draws, joints=joints))
    spasm = np.where(
        [e.startswith("quadratus_lumborum") and e.endswith("right") for e in woman.elements], 5.0, 0.0
    )
    weak, strong = (solve(here.model(MuscleState(strength=s, passive=0.0, added=spasm))) for s in (1.0, 1.7))
    assert weak.held.all() and strong.held.all() and weak.activation.max() < 0.999
    assert np.abs(strong.x - weak.x).max() <= 1e-8 * np.abs(weak.x).max()
    assert np.abs(strong.activation * 1.7 - weak.activation).max() <= 1e-8
    # And with closure the same is still true: what muscles must do has not changed.
    assert np.abs(strong.tension - weak.tension).max() <= 1e-7 * weak.tension.max()


@pytest.mark.parametrize("name", NAMES)
def test_contributions_sum_to_the_shift(cases, name):
    here, found = cases[name]
    rows = readings.shift_rows(here)[here.draws.variant].reshape(len(found.x), 12, -1)
    parts = contributions.contributions(found, rows)
    shift = np.einsum("nrx,nx->nr", rows, found.x)
    assert np.abs(parts.total - shift)[found.held].max() <= 1e-8 * np.abs(shift[found.held]).max()
    assert np.abs(parts.muscles).max() > 0


def test_activations_frozen_and_nothing_added_is_where_it_was(cases):
    here, found = cases["standing"]
    frozen = solve(here.model(), "before_reaction", found)
    assert np.abs(frozen.x - found.x)[found.held].max() <= 1e-9


def test_a_yielding_posture_yields_a_little_and_costs_no_more(cases, woman):
    here, found = cases["standing"]
    spasm = np.where([e.startswith("psoas") and e.endswith("right") for e in woman.elements], 10.0, 0.0)
    model = here.model(MuscleState(added=spasm))
    held, yields = solve(model), solve(model, "yields", found)
    effort = [np.sum(model.muscles.weight * e.activation**2, axis=1) for e in (held, yields)]
    ok = held.held & yields.held
    assert ok.any() and (effort[1][ok] <= effort[0][ok] + 1e-9).all()
    bent = np.abs(np.einsum("mx,nx->nm", model.held, yields.x)).max(1)
    assert (bent[ok] > 1e-6).all() and (bent[ok] < 0.3).all()


# -- one leg -------------------------------------------------------------------------------------------------


def test_on_one_leg_the_stance_foot_carries_everything_and_the_symphysis_is_sheared(mean):
    here, found = mean["single_leg_standing_right"]
    weight = G * here.draws.segment_mass.sum()
    pushed = {c.name: c.push[0] for c in readings.contacts(here, found)}
    assert all(name.endswith("right") for name in pushed)
    up = sum(np.sum(c.force[0] * here.around.up[0]) for c in readings.contacts(here, found))
    assert up == pytest.approx(weight, rel=1e-8)
    shear = readings.symphysis(here, found)
    assert shear.shift[0, 1] > 0.3e-3  # the stance side is pushed up
    assert abs(shear.force[0, 1]) > 0.1 * weight


def test_the_hip_moment_of_a_raised_leg_is_its_weight_times_its_lever(mean):
    here, found = mean["active_straight_leg_raise_right"]
    hip = here.place.marks["hip_centre_right"][0]
    lumps = masses(here.place, here.draws)
    leg = [i for i, body in enumerate(lumps.bodies) if body in ("femur_right", "tibia_right")]
    # By hand: lying on the back, weight pulls backward (-x); its lever about the hip is along y.
    by_hand = sum(lumps.mass[0, i] * G * -(lumps.at[0, i, 1] - hip[1]) for i in leg)
    parts = [here.place.body(f"{bone}_right") for bone in ("femur", "tibia", "patella")]
    wrench = np.einsum("eb,e->b", here.place.wrench[0][:, parts].sum(1), found.tension[0])
    muscles = (wrench[3:] - np.cross(hip, wrench[:3]))[2]
    moment, stiffness = (part[0] for part in hip_capsule(here.draws, here.setting, 0))
    turn = (here.place.rotation_of("femur_right") - here.place.rotation_of("innominate_right"))[0] @ found.x[
        0
    ]
    toppling = found.model.structure.toppling[0] @ found.x[0]
    extra = toppling[block("femur_right")][5]
    assert muscles + moment - stiffness * turn[2] - extra == pytest.approx(by_hand, rel=1e-6)


# -- gradients and precision ---------------------------------------------------------------------------------


def test_gradients_match_finite_differences(mean):
    here, found = mean["standing"]
    model, given = found.model, numbers(found, 0)
    shift = readings.shift_rows(here)[0, 0, 0]

    def read(n):
        return jnp.asarray(shift) @ answer(found, 0)(n)[0]

    with jax.enable_x64(True):
        slope = jax.grad(read)(given)
    grown = np.array([1.0, 0, 0, 0])[None, :, None]
    ways = {
        "weight": (
            lambda h: model._replace(loads=model.loads * (1 + h * grown)),
            np.sum(np.asarray(slope.loads)[0] * model.loads[0, 0]),
        ),
        "strength": (
            lambda h: model._replace(muscles=model.muscles._replace(active=model.muscles.active * (1 + h))),
            np.sum(np.asarray(slope.muscles.active) * model.muscles.active[0]),
        ),
        "sacroiliac stiffness": (
            lambda h: model._replace(
                structure=model.structure._replace(
                    sacroiliac=model.structure.sacroiliac._replace(
                        positive=model.structure.sacroiliac.positive * (1 + h),
                        negative=model.structure.sacroiliac.negative * (1 + h),
                    )
                )
            ),
            sum(
                np.sum(
                    np.asarray(getattr(slope.structure.sacroiliac, k))
                    * getattr(model.structure.sacroiliac, k)[0]
                )
                for k in ("positive", "negative")
            ),
        ),
    }
    h = 1e-5
    for name, (moved, analytic) in ways.items():
        ahead, behind = (shift @ solve(moved(s * h)).x[0] for s in (1, -1))
        numeric = (ahead - behind) / (2 * h)
        assert analytic == pytest.approx(numeric, rel=1e-5, abs=1e-9), name


def test_a_fresh_thread_and_a_float32_process_get_the_float64_answer(woman, mean):
    _, found = mean["standing"]

    def again():
        return solve(situation(woman, activity("standing").setting).model()).x[0]

    with ThreadPoolExecutor(1) as pool:
        assert np.abs(pool.submit(again).result() - found.x[0]).max() <= 1e-13
    code = (
        "import jax, jax.numpy as jnp\n"
        "jax.config.update('jax_enable_x64', False)\n"
        "mine = jnp.ones(3)\n"
        "from counterpull.anatomy import load\n"
        "from counterpull.mechanics import situation, solve\n"
        "from counterpull.scenarios import activity\n"
        "x = solve(situation(load('female'), activity('standing').setting).model()).x\n"
        "print(repr(float(abs(x).sum())), (mine + 1).dtype)\n"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    total, dtype = printed.split()
    assert float(total) == pytest.approx(np.abs(found.x).sum(), rel=1e-12)
    assert dtype == "float32"


def test_protection_spares_the_joints_at_the_price_of_effort(woman, cases):
    here, free = cases["single_leg_standing_right"]
    spared = solve(here.model(), protection=0.05)
    ok = free.held & spared.held
    limit = np.array([np.deg2rad(0.71)] * 3 + [0.47e-3] * 3)

    def motion(found):
        d = np.einsum("nsjx,nx->nsj", found.model.structure.sacroiliac.frame, found.x)
        turned = np.concatenate([d[..., :3] / limit[3:], d[..., 3:] / limit[:3]], axis=-1)
        return np.sum(turned**2, axis=(1, 2))

    def effort(found):
        return np.sum(found.model.muscles.weight * found.activation**2, axis=1)

    assert ok.any()
    assert (motion(spared)[ok] < motion(free)[ok]).all()
    assert (effort(spared)[ok] > effort(free)[ok]).all()
    none = solve(here.model(), protection=1e-9)
    assert np.abs(none.x - free.x)[ok].max() < 1e-6
