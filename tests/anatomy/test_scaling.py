"""From the model skeleton to a person: measured widths are kept, and a woman is no small man."""

import jax
import numpy as np
import pytest

from counterpull.anatomy import load
from counterpull.anatomy.posture import BODIES
from counterpull.anatomy.scaling import WIDTHS, Cloud, Person, Skeleton
from counterpull.anatomy.sweeps import LONGEST, STANDING_RATIO
from counterpull.quantities import InputError

BETWEEN = {
    "inter_asis": "asis",
    "inter_hip_centre": "hip_centre",
    "inter_psis": "psis",
    "inter_tuberosity": "ischial_tuberosity_inferior",
    "inter_ischial_spine": "ischial_spine",
    "inter_sij": "sij_centre",
}


def measured(body, width):
    """What a caliper would read between the body's landmarks, metres."""
    mark = body.landmarks
    if width in BETWEEN:
        return np.linalg.norm(mark[f"{BETWEEN[width]}_right"] - mark[f"{BETWEEN[width]}_left"])
    return {
        "asis_to_psis": lambda: np.linalg.norm(mark["asis_right"] - mark["psis_right"]),
        "asis_to_symphysis_height": lambda: mark["asis_right"][1] - mark["pubic_symphysis_centre"][1],
        "crest_height": lambda: mark["iliac_crest_highest_right"][1] - mark["asis_right"][1],
        "tuber_depth": lambda: mark["asis_right"][1] - mark["ischial_tuberosity_inferior_right"][1],
    }[width]()


def femur(body):
    return float(np.linalg.norm(body.landmarks["hip_centre_right"] - body.landmarks["knee_centre_right"]))


# -- the model itself ----------------------------------------------------------------------------------------


def test_unscaled_measures_are_the_identity(tables):
    skeleton, rng = Skeleton(tables), np.random.default_rng(2)
    # every body, and places on and far from the landmarks
    body = np.arange(300) % len(BODIES)
    side = np.array([-1.0 if BODIES[b].endswith("_left") else 1.0 for b in body])
    at = rng.uniform(-0.4, 0.4, (300, 3))
    at[:, 2] = np.abs(at[:, 2]) * side
    assert np.allclose(skeleton.place(Cloud(at, body), skeleton.unscaled())[0], at, atol=1e-12)


def test_the_model_has_the_tables_points_and_landmarks(model):
    right = [point.at for element in model.tables.elements.values() for point in element.path]
    assert np.allclose(np.asarray(model.geometry.points)[: len(right)], right, atol=1e-12)
    for name, row in model.tables.landmarks.items():
        found = model.landmarks[f"{name}_right" if row.sided else name]
        assert np.allclose(found, row.at, atol=1e-12), name


# -- measured widths -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sex", ["female", "male"])
@pytest.mark.parametrize("factor", [0.9, 1.1])
@pytest.mark.parametrize("width", [width for width in WIDTHS if width != "bi_iliac"])
def test_a_measured_width_is_kept_exactly(tables, width, sex, factor):
    value = factor * tables.number(f"{width}.{sex}").value
    body = load(sex, tables=tables, **{width: f"{value * 1e3:.4f} mm"})
    assert measured(body, width) == pytest.approx(value, abs=1e-6)


def test_a_wider_crest_is_wider_in_proportion(tables):
    # A caliper reads the outer lips, our landmark lies inside them: the ratio is what is kept.
    narrow, wide = (load("female", tables=tables, bi_iliac=f"{mm} mm") for mm in (250, 300))
    ratio = [body.landmarks["iliac_crest_tubercle_right"][2] for body in (narrow, wide)]
    assert ratio[1] / ratio[0] == pytest.approx(300 / 250, rel=1e-9)


def test_what_was_measured_does_not_vary(tables):
    body = load("female", tables=tables, inter_asis="250 mm")
    sizes = body.draw(4, seed=1)
    assert np.isclose(body.measures.widths["inter_asis"], 0.25).all()
    # ... while the unmeasured width at the hips does
    hips = np.asarray(sizes.geometry.skeleton.hip)
    assert np.ptp(np.linalg.norm(hips[:, 0] - hips[:, 1], axis=-1)) > 1e-3


def test_sides_are_mirror_images(woman):
    for name, at in woman.landmarks.items():
        if name.endswith("_right"):
            other = woman.landmarks[name.removesuffix("right") + "left"]
            # To the last digit: which way a product is summed is the processor's choice.
            assert np.abs(other - at * [1, 1, -1]).max() <= 1e-15, name


# -- sex and size --------------------------------------------------------------------------------------------


def test_a_woman_is_no_small_man(woman, man):
    her, his = ({w: measured(body, w) for w in WIDTHS if w != "bi_iliac"} for body in (woman, man))
    ratio = {width: her[width] / his[width] for width in her}
    # Wider where a child passes, and lower: not one factor for all.
    assert ratio["inter_ischial_spine"] > 1.1 and ratio["inter_tuberosity"] > 1.1
    assert ratio["crest_height"] < 1 and ratio["tuber_depth"] < 1
    assert max(ratio.values()) / min(ratio.values()) > 1.2


def test_at_the_same_size_her_muscles_are_smaller_and_her_hips_wider(tables):
    her, his = (load(sex, "170 cm", "70 kg", tables=tables) for sex in ("female", "male"))
    assert (her.mean.pcsa < his.mean.pcsa).all()
    assert measured(her, "inter_hip_centre") > measured(his, "inter_hip_centre")


@pytest.mark.parametrize("sex", ["female", "male"])
def test_taller_is_longer(tables, sex):
    short, tall = (load(sex, height, tables=tables) for height in ("155 cm", "185 cm"))
    # A thigh is in proportion to stature; a pelvis grows less.
    assert femur(tall) / femur(short) == pytest.approx(185 / 155, rel=1e-6)
    hips = measured(tall, "inter_hip_centre") / measured(short, "inter_hip_centre")
    assert 1 < hips < 185 / 155
    assert (tall.lengths() > short.lengths()).mean() > 0.95


def test_heavier_is_stronger(tables):
    light, heavy = (load("female", mass=mass, tables=tables) for mass in ("50 kg", "80 kg"))
    assert (heavy.mean.max_force > light.mean.max_force).all()
    assert femur(light) == femur(heavy)


@pytest.mark.parametrize(
    ("sex", "height", "mass"),
    [("female", "150 cm", "45 kg"), ("female", "175 cm", "95 kg"), ("male", "190 cm", "100 kg")],
)
def test_small_and_large_people_are_bodies(tables, sex, height, mass):
    body = load(sex, height, mass, tables=tables)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(body.geometry))
    standing = body.fibre_ratio()
    low, high = STANDING_RATIO
    assert ((standing > low) & (standing < high)).all()
    for posture in ("sitting", "thomas_test_right", "hinge"):
        assert (body.fibre_ratio(tables.postures[posture]) < LONGEST).all(), posture
    # Right of the midline stays right: no map may fold.
    half = len(body.topology.point_body) // 2
    assert (np.asarray(body.geometry.points)[:half, 2] > -5e-4).all()


def test_small_and_large_lie_close_to_the_average(tables, woman):
    # No jump between sizes: a millimetre of stature moves nothing by more than a millimetre.
    taller = load("female", "163.1 cm", tables=tables)
    step = np.asarray(taller.geometry.points) - np.asarray(woman.geometry.points)
    assert 0 < np.abs(step).max() < 1e-3


# -- input at fault ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"sex": "femal"}, ["person.sex", "femal", "female"]),
        ({"sex": "robot"}, ["person.sex", "female or male"]),
        ({"height": "165"}, ["person.height", "no unit", "cm"]),
        ({"height": "165 kg"}, ["person.height", "kg", "cm"]),
        ({"height": "165 m"}, ["person.height", "165 m", "120 cm to 220 cm"]),
        ({"height": "119.9 cm"}, ["person.height", "119.9 cm"]),
        ({"height": "-165 cm"}, ["person.height", "-165 cm"]),
        ({"mass": "6 kg"}, ["person.mass", "6 kg", "30 kg to 250 kg"]),
        ({"mass": "heavy"}, ["person.mass", "number"]),
        ({"inter_asis": "23 mm"}, ["person.inter_asis", "23 mm", "235 mm", "check the unit"]),
        ({"inter_asis": "-235 mm"}, ["person.inter_asis", "-235 mm"]),
        ({"inter_asis": "235"}, ["person.inter_asis", "no unit"]),
        ({"inter_asys": "235 mm"}, ["inter_asys", "did you mean", "inter_asis"]),
        ({"shoe": "38 mm"}, ["shoe", "inter_asis"]),
    ],
)
def test_slips_are_sentences(tables, asked, words):
    with pytest.raises(InputError) as error:
        load(tables=tables, **asked)
    assert all(word in str(error.value) for word in words), error.value


@pytest.mark.parametrize(("height", "metres"), [("120 cm", 1.2), ("220 cm", 2.2), ("1.2 m", 1.2)])
def test_the_bounds_belong_to_the_range(tables, height, metres):
    assert Person.of(tables, height=height).stature == pytest.approx(metres, rel=1e-12)
