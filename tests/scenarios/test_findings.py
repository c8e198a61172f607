"""Findings: what they name, their mirror image and their stream, measurements, and how slips are answered."""

import math

import pytest

from counterpull.quantities import InputError
from counterpull.scenarios import Finding, finding
from counterpull.scenarios.findings import KINDS, SIZES
from counterpull.scenarios.measures import METHODS


def read(mass: float | None = 60.0, **table: object) -> Finding:
    return finding({"kind": "tight", "muscle": "right iliopsoas", **table}, "finding 1", mass)


# -- what is named -------------------------------------------------------------------------------------------


def test_a_muscle_is_all_its_elements_on_its_side():
    one = read(size="moderate")
    assert len(one.elements) == 14 and all(element.endswith("_right") for element in one.elements)
    assert one.sides == ("right",) and one.where == "right iliopsoas" and one.measure is None


@pytest.mark.parametrize(
    ("written", "muscles"),
    [
        (
            "right biceps femoris, long head",
            {"biceps_femoris_ischial_right", "biceps_femoris_sacrotuberous_right"},
        ),
        ("piriformis_left", {"piriformis_left"}),
        ("both piriformis", {"piriformis_right", "piriformis_left"}),
        ("left and right piriformis", {"piriformis_right", "piriformis_left"}),
        ("right piriformis, left pectineus", {"piriformis_right", "pectineus_left"}),
    ],
)
def test_names_of_muscles(written, muscles):
    assert set(read(muscle=written, size="mild").elements) == muscles


@pytest.mark.parametrize(
    ("written", "joints"),
    [
        ("right sacroiliac", ("sacroiliac_right",)),
        ("left SI joint", ("sacroiliac_left",)),
        ("sacroiliac_left", ("sacroiliac_left",)),
        ("both sacroiliac joints", ("sacroiliac_right", "sacroiliac_left")),
        ("left and right sacro-iliac", ("sacroiliac_right", "sacroiliac_left")),
        ("symphysis, left sacroiliac", ("sacroiliac_left", "pubic_symphysis")),
    ],
)
def test_names_of_joints(written, joints):
    assert finding({"kind": "lax", "joint": written, "size": "mild"}).joints == joints


# -- mirror and stream ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("muscle", ["right iliopsoas", "QL_l", "right glutes, left hamstrings", "both psoas"])
def test_the_mirror_image_is_what_the_other_side_reads(muscle):
    one = read(muscle=muscle, size="marked")
    other = one.mirrored()
    assert other == read(muscle=other.where, size="marked")
    assert other.mirrored() == one and other.key == one.key
    assert (other == one) == (muscle == "both psoas")


def test_joints_have_a_mirror_image():
    one = finding({"kind": "lax", "joint": "right sacroiliac, pubic symphysis", "size": "mild"})
    assert one.mirrored().joints == ("sacroiliac_left", "pubic_symphysis")
    assert (
        one.sides == ("right",) and finding({"kind": "lax", "joint": "symphysis", "size": "mild"}).sides == ()
    )


def test_the_stream_knows_kind_and_place_but_no_size_and_no_synonym():
    keys = {read(muscle=name, size=size).key for name in ("right QL", "left quadratus") for size in SIZES}
    assert len(keys) == 1
    assert len({read(kind=kind, size="mild").key for kind in KINDS if kind != "lax"}) == 4
    assert read(muscle="right psoas", size="mild").key != read(size="mild").key


# -- measurements --------------------------------------------------------------------------------------------

MEASURED = [
    (dict(thomas="5 deg"), math.radians(5)),
    (dict(thomas="-10 deg"), math.radians(-10)),
    (dict(muscle="left hamstrings", straight_leg_raise="55 deg"), math.radians(55)),
    (dict(shorter="8 %"), 0.08),
    (dict(stiffer="45 %"), 0.45),
    (dict(kind="spasm", force="60 N"), 60.0),
    (dict(kind="spasm", drive="8%"), 0.08),
    (dict(kind="weak", strength="60 %"), 0.6),
    (dict(kind="weak", mmt="4"), 4.0),
    (dict(kind="weak", mmt=4), 4.0),
    (dict(kind="weak", mmt="4-"), 4 - 1 / 3),
    (dict(kind="weak", mmt="3 +"), 3 + 1 / 3),
    (dict(kind="weak", dynamometer="62 Nm"), 62.0),
    (dict(kind="weak", dynamometer="1.1 Nm/kg"), 66.0),
    (dict(kind="weak", dynamometer="85 N", lever="35 cm"), 85.0),
    (dict(kind="weak", muscle="both back extensors", hold="1.5 min"), 90.0),
    (dict(kind="weak", muscle="both erector spinae", dynamometer="180 Nm"), 180.0),
    (dict(kind="inhibited", ceiling="75 %"), 0.75),
]


@pytest.mark.parametrize(("table", "value"), MEASURED, ids=[str(table) for table, _ in MEASURED])
def test_measurements_are_read_in_si(table, value):
    measure = read(**table).measure
    assert measure is not None and measure.value == pytest.approx(value)
    assert (measure.lever == pytest.approx(0.35)) == ("lever" in table) and measure.spread is None


def test_every_method_has_an_example_that_is_read():
    for method in METHODS.values():
        muscle = {"hold": "both abdominals", "straight_leg_raise": "right hamstrings"}.get(
            method.name, "right psoas"
        )
        place = {"joint": "pubic symphysis"} if method.kind == "lax" else {"muscle": muscle}
        one = finding({"kind": method.kind, **place, method.name: method.example}, mass=60.0)
        assert one.measure is not None and one.measure.name == method.name and one.size == ""


def test_a_measurement_has_its_uncertainty():
    angle = read(thomas="5 deg", uncertainty="3 deg").measure
    assert angle is not None and angle.spread == pytest.approx(math.radians(3))
    per_mass = read(kind="weak", dynamometer="1.1 Nm/kg", uncertainty="0.1 Nm/kg").measure
    assert per_mass is not None and per_mass.spread == pytest.approx(6.0)


# -- slips ---------------------------------------------------------------------------------------------------

SLIPS = [
    (dict(kind="tigth", size="mild"), ["kind", "tigth", "tight"]),
    (dict(size="midl"), ["size", "midl", "mild"]),
    (dict(), ["how much", "size", "thomas"]),
    (dict(size="mild", thomas="5 deg"), ["size and thomas"]),
    (dict(shorter="5 %", stiffer="5 %"), ["shorter and stiffer"]),
    (dict(mmt="4"), ["mmt", "weak", "tight"]),
    (dict(size="mild", sise="mild"), ["sise", "size"]),
    (dict(muscle="iliopsoas", size="mild"), ["iliopsoas", "no side", "both iliopsoas"]),
    (dict(muscle="right iliacus, psoas", size="mild"), ['"psoas"', "no side"]),
    (dict(muscle="right iliacus and psoas", size="mild"), ['"psoas"', "no side"]),
    (dict(muscle="right iliacos", size="mild"), ["muscle", "iliacos", "iliacus"]),
    (dict(muscle="", size="mild"), ["muscle", "nothing"]),
    (dict(muscle=3, size="mild"), ["muscle", "quotes"]),
    (dict(muscle="x" * 500, size="mild"), ["500 letters"]),
    (dict(joint="right sacroiliac", size="mild"), ["muscle", "joint"]),
    (dict(thomas="5"), ["thomas", "no unit", "deg"]),
    (dict(thomas=5), ["thomas", "quotes"]),
    (dict(thomas="5 mm"), ["thomas", "mm", "deg"]),
    (dict(thomas="80 deg"), ["thomas", "80 deg", "60 deg"]),
    (dict(muscle="right QL", thomas="5 deg"), ["hip flexors", "right QL"]),
    (dict(muscle="right hip flexors, right QL", thomas="5 deg"), ["hip flexors"]),
    (dict(muscle="both iliopsoas", thomas="5 deg"), ["one side", "each side"]),
    (dict(straight_leg_raise="55 deg"), ["hamstrings"]),
    (dict(shorter="8"), ["shorter", "no unit", "8 %"]),
    (dict(shorter="80 %"), ["80 %", "50 %"]),
    (dict(kind="spasm", muscle="both QL", force="60 N"), ["one side"]),
    (dict(kind="spasm", drive="120 %"), ["120 %", "100 %"]),
    (dict(kind="weak", mmt="6"), ["grade", "6", "4-"]),
    (dict(kind="weak", mmt="5+"), ["grade", "5+"]),
    (dict(kind="weak", mmt=4.5), ["grade", "4.5"]),
    (dict(kind="weak", mmt=True), ["grade"]),
    (dict(kind="weak", mmt="4", uncertainty="10 %"), ["uncertainty", "own"]),
    (dict(kind="weak", dynamometer="85 N"), ["lever", "35 cm"]),
    (dict(kind="weak", dynamometer="62 Nm", lever="35 cm"), ["lever", "moment already"]),
    (dict(kind="weak", size="mild", lever="35 cm"), ["lever", "dynamometer"]),
    (dict(kind="weak", dynamometer="85 N", lever="35 m"), ["lever", "35 m"]),
    (dict(kind="weak", dynamometer="85"), ["dynamometer", "85", "Nm/kg"]),
    (dict(kind="weak", dynamometer="85 kg"), ["85 kg", "no force"]),
    (dict(kind="weak", dynamometer="1.1 Nm/kg", mass=None), ["body mass"]),
    (dict(kind="weak", muscle="both glutes", dynamometer="62 Nm"), ["one side"]),
    (dict(kind="weak", muscle="right glutes", hold="40 s"), ["back extensors", "abdominals"]),
    (dict(kind="weak", muscle="right back extensors", hold="40 s"), ["both"]),
    (dict(size="mild", uncertainty="5 deg"), ["uncertainty", "measurement"]),
    (dict(thomas="5 deg", uncertainty="0 deg"), ["uncertainty", "positive"]),
    (dict(thomas="5 deg", uncertainty="5 mm"), ["uncertainty", "mm"]),
]


@pytest.mark.parametrize(("table", "said"), SLIPS, ids=[str(table)[:70] for table, _ in SLIPS])
def test_a_slip_is_one_sentence(table, said):
    with pytest.raises(InputError) as caught:
        read(**table)
    sentence = str(caught.value)
    assert sentence.startswith("finding 1") and "\n" not in sentence and sentence.endswith((".", "?"))
    assert all(word in sentence for word in said), sentence


LAX = [
    (dict(size="mild"), ["where", "joint"]),
    (dict(joint="sacroiliac", size="mild"), ["no side", "both sacroiliac"]),
    (dict(joint="right sacroilac", size="mild"), ["right sacroilac", "right sacroiliac"]),
    (dict(joint="right pubic symphysis", size="mild"), ["right pubic symphysis", "pubic symphysis"]),
    (dict(joint="knee", size="mild"), ["knee", "pubic symphysis"]),
    (dict(muscle="right psoas", size="mild"), ["joint", "muscle"]),
    (dict(joint=",", size="mild"), ["no joint"]),
]


@pytest.mark.parametrize(("table", "said"), LAX, ids=[str(table) for table, _ in LAX])
def test_a_slip_about_a_joint_is_one_sentence(table, said):
    with pytest.raises(InputError) as caught:
        finding({"kind": "lax", **table})
    assert all(word in str(caught.value) for word in said), caught.value


@pytest.mark.parametrize("written", ["biceps femoris, long head left", "left biceps femoris, long head"])
def test_a_name_that_holds_a_comma_has_its_side_at_either_end(written):
    one = finding({"kind": "weak", "muscle": written, "size": "mild"})
    assert one.elements == ("biceps_femoris_ischial_left", "biceps_femoris_sacrotuberous_left")
