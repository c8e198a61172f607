"""An ensemble: the same seed gives the same bodies, few are the beginning of many, and spreads are the tables'."""

from dataclasses import fields

import jax
import numpy as np
import pytest

from counterpull.anatomy import load
from counterpull.anatomy.ensemble import standing_lengths, standing_ratio

MANY = 4096
# Fields with one entry per geometry variant and not per draw.
PER_VARIANT = ("seed", "geometry", "landmarks", "ligament_ends", "sheet_edges")
# Muscles of one element: the element's area is the muscle's, so its spread is the table's alone.
SINGLE = ("piriformis", "rectus_femoris", "sartorius", "gracilis", "semitendinosus", "rectus_abdominis")


@pytest.fixture(scope="module")
def draws(woman):
    return woman.draw(MANY, seed=3)


def standing_ratios(body, draws):
    """Fibre over optimal fibre length when standing: what a draw of the slack length decides."""
    along = standing_lengths(body.tables, draws.geometry)[draws.variant] - draws.slack_length
    return np.hypot(along, draws.fibre_length * np.sin(draws.pennation)) / draws.fibre_length


def scores(draws, body, name, element, side):
    """Standardised draws of one number, within each geometry, which stretches tendons of its own accord."""
    row = body.elements.index(f"{element}_{side}")
    values = (
        standing_ratios(body, draws)[:, row]
        if name == "slack_length"
        else np.log(getattr(draws, name)[:, row])
    )
    by_variant = values.reshape(-1, 16)
    return ((by_variant - by_variant.mean(0)) / by_variant.std(0)).ravel()


# -- reproducible --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("few", [1, 8, 32])
def test_the_first_draws_of_many_are_the_draws_of_few(woman, few):
    small, large = woman.draw(few, seed=11), woman.draw(256, seed=11)
    # Geometry variants have an axis of their own and are the same for both.
    assert len(small.geometry.points) == len(large.geometry.points)
    for field in fields(small):
        one, all_ = getattr(small, field.name), getattr(large, field.name)
        whole = field.name in PER_VARIANT
        for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(all_), strict=True):
            assert np.array_equal(a, b if whole else np.asarray(b)[:few]), field.name


def test_the_same_seed_gives_the_same_draws_and_another_gives_others(woman):
    one, again, other = woman.draw(4, seed=5), woman.draw(4, seed=5), woman.draw(4, seed=6)
    assert np.array_equal(one.pcsa, again.pcsa)
    assert np.array_equal(one.geometry.points, again.geometry.points)
    assert not np.isclose(one.pcsa, other.pcsa).any()


def test_draw_i_has_the_geometry_of_variant_i_mod_16(draws):
    assert len(draws.geometry.points) == len(draws.ligament_ends) == 16
    assert np.array_equal(draws.variant, np.arange(MANY) % 16)
    assert not np.array_equal(draws.geometry.points[0], draws.geometry.points[1])


def test_every_draw_is_finite_and_positive_where_it_must_be(draws):
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(vars(draws)))
    for name in ("pcsa", "specific_tension", "fibre_length", "slack_length", "segment_mass", "max_force"):
        assert (getattr(draws, name) > 0).all(), name
    assert (draws.geometry.wrap_radius > 0).all()
    assert all((values > 0).all() for values in draws.ligaments.values())
    signed = ("axis_turn", "closure_gain", "capsule_offset")
    assert all(
        (v > 0).all() for name, v in draws.joints.items() if name.split(".")[1].startswith(signed) is False
    )
    assert (draws.sheets > 0).all() and all((values > 0).all() for values in draws.patches.values())


def test_living_fibres_fit_their_working_length(woman, draws):
    # A drawn path or fibre has another tendon, and not a fibre torn to twice its length.
    ratio = standing_ratios(woman, draws)
    spread = woman.tables.number("joint.muscle.operating_spread").value
    apart = np.abs(np.median(ratio, axis=0) - standing_ratio(woman.tables))
    assert np.median(apart) < 0.01 and apart.max() < 0.1
    assert np.median(ratio.std(axis=0)) == pytest.approx(spread, rel=0.1)
    assert ratio.max() < 1.7


def test_no_fibre_is_pennate_the_wrong_way(draws):
    # An angle between fibre and tendon has no sign, and none reaches a right angle.
    assert (draws.pennation >= 0).all()
    assert (draws.pennation < np.deg2rad(75)).all()


# -- the numbers of the tables -------------------------------------------------------------------------------


def test_a_mean_body_has_the_tables_areas(model):
    number = model.tables.number
    for i, (name, element) in enumerate(model.tables.elements.items()):
        area = number(f"{element.muscle}.pcsa").value * number(f"{name}.share").value
        # Shares are rounded in the table, to three digits.
        assert model.mean.pcsa[0, i] == pytest.approx(area, rel=0.01), name


def test_a_mean_body_has_the_tables_lengths(model):
    for i, name in enumerate(model.tables.elements):
        for quantity in ("fibre_length", "slack_length"):
            value = model.tables.number(f"{name}.{quantity}").value
            assert getattr(model.mean, quantity)[0, i] == pytest.approx(value, rel=1e-9)


def test_medians_are_the_mean_body(woman, draws):
    for name in ("pcsa", "specific_tension", "segment_mass"):
        ratio = np.median(getattr(draws, name), axis=0) / getattr(woman.mean, name)[0]
        assert np.abs(ratio - 1).max() < 0.1, name
    for name in ("fibre_length", "slack_length"):
        # Sixteen geometries only, so single elements may be off; together they are not.
        ratio = np.median(getattr(draws, name), axis=0) / getattr(woman.mean, name)[0]
        assert np.median(ratio) == pytest.approx(1, abs=0.05), name
    for name, values in draws.joints.items():
        row = woman.tables.number(f"joint.{name}")
        assert np.median(values) == pytest.approx(row.value, rel=0.1, abs=0.1 * row.sigma), name


@pytest.mark.parametrize("element", SINGLE)
def test_spreads_are_the_tables(woman, draws, element):
    area = np.log(draws.pcsa[:, woman.elements.index(f"{element}_right")])
    assert area.std() == pytest.approx(woman.tables.number(f"{element}.pcsa").sigma, rel=0.06)


# -- what is shared ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pcsa", "slack_length", "specific_tension"])
@pytest.mark.parametrize("element", SINGLE[:3])
def test_sides_resemble_each_other_as_the_table_says(woman, draws, name, element):
    right, left = (scores(draws, woman, name, element, side) for side in ("right", "left"))
    expected = 1 - woman.tables.sharing[name].of_side
    assert (right * left).mean() == pytest.approx(expected, abs=0.04)


def test_strong_people_are_strong_throughout(woman, draws):
    shared = woman.tables.sharing["pcsa"].of_cause
    assert shared > 0.2
    columns = np.stack([scores(draws, woman, "pcsa", element, "right") for element in SINGLE])
    apart = np.corrcoef(columns)[np.triu_indices(len(SINGLE), 1)]
    assert np.abs(apart - shared).max() < 0.08


def test_joint_sides_differ(woman, draws):
    sides = np.log(draws.joints["sacroiliac.sagittal_stiffness"])
    expected = 1 - woman.tables.sharing["joint"].of_side
    assert np.corrcoef(sides.T)[0, 1] == pytest.approx(expected, abs=0.05)


def test_rows_without_a_common_cause_are_independent(woman, draws):
    tension = np.log(draws.specific_tension)
    limb, trunk = (tension[:, woman.elements.index(f"{n}_right")] for n in ("piriformis", "rectus_abdominis"))
    assert abs(np.corrcoef(limb, trunk)[0, 1]) < 0.08
    area = scores(draws, woman, "pcsa", "piriformis", "right")
    assert abs(np.corrcoef(area, limb)[0, 1]) < 0.08


# -- segments ------------------------------------------------------------------------------------------------


def test_segment_masses_sum_to_the_body(draws):
    assert np.allclose(draws.segment_mass.sum(1), 65.0, rtol=1e-12)


@pytest.mark.parametrize(("sex", "mass"), [("female", "48 kg"), ("male", "110 kg")])
def test_a_heavier_body_has_heavier_segments(sex, mass):
    body = load(sex, mass=mass)
    assert body.mean.segment_mass.sum() == pytest.approx(float(mass.split()[0]), rel=1e-12)
    upper, pelvis, *legs = body.mean.segment_mass[0]
    # Head, arms and trunk above L5/S1 are half of a person; both sides weigh the same.
    assert 0.4 < upper / body.mean.segment_mass.sum() < 0.6
    assert legs[:3] == pytest.approx(legs[3:])
    assert pelvis > 0


def test_segments_lie_where_they_belong(draws):
    height = draws.segment_centre[:, :, 1]
    upper, pelvis, *legs = height.T
    assert (upper > pelvis).all()
    for thigh, shank, foot in (legs[:3], legs[3:]):
        assert (pelvis > thigh).all() and (thigh > shank).all() and (shank > foot).all()
    side = draws.segment_centre[:, :, 2]
    assert (side[:, 2:5] > 0).all() and (side[:, 5:] < 0).all()
    # Sides differ by millimetres, so the trunk is only nearly in the middle.
    assert np.abs(side[:, :2]).max() < 5e-3
