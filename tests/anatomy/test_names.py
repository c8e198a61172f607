"""What people call muscles finds what they mean, and a slip finds the nearest names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpull.anatomy import find, groups, read
from counterpull.quantities import InputError

MUSCLES = list(read().muscles.values())
ALIASES = [row for row in read().rows if row.file == "aliases.csv"]


def elements_of(*muscles: str) -> set[str]:
    """Both sides' elements of some muscles."""
    members = {e.id for e in read().elements.values() if e.muscle in muscles}
    return {f"{e}_{side}" for e in members for side in ("right", "left")}


# -- every name in the tables --------------------------------------------------------------------------------


@pytest.mark.parametrize("muscle", MUSCLES, ids=lambda muscle: muscle.id)
def test_id_label_and_latin_name_mean_the_muscle(muscle):
    for name in (muscle.id, muscle.id.replace("_", " "), muscle.label, muscle.latin, muscle.label.upper()):
        assert set(find(name)) == elements_of(muscle.id), name


def test_every_element_is_found_by_its_own_id(tables):
    for element in tables.elements:
        for side, short in (("right", "r"), ("left", "l")):
            assert find(f"{element}_{side}") == find(f"{element}_{short}") == (f"{element}_{side}",)


@pytest.mark.parametrize("alias", ALIASES, ids=lambda row: row["alias"])
def test_every_alias_means_its_ids(alias):
    # A nickname yields to an id of the same spelling, but then the two must mean the same.
    assert set(find(alias["alias"])) == {e for name in alias["ids"].split() for e in find(name)}


@pytest.mark.parametrize(
    "alias", [row for row in ALIASES if row["kind"] == "opensim"], ids=lambda row: row["alias"]
)
def test_opensim_names_carry_their_side(alias):
    right, left = (find(f"{alias['alias']}_{side}") for side in "rl")
    assert all(name.endswith("_right") for name in right)
    assert left == tuple(name.removesuffix("_right") + "_left" for name in right)


@pytest.mark.parametrize("group", sorted(groups()))
def test_a_group_is_its_members(group):
    assert set(find(group)) == elements_of(*groups()[group])


# -- how people write ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "left piriformis",
        "Left Piriformis",
        "piriformis left",
        "piriformis_left",
        "piriformis-left",
        "L piriformis",
        "piriformis_l",
        "my left piriformis muscle",
        "tight left piriformis",
        "  left   piriformis  ",
        "piri_l",
        "left musculus piriformis",
    ],
)
def test_one_muscle_written_in_many_ways(written):
    assert find(written) == ("piriformis_left",)


@pytest.mark.parametrize(
    ("written", "muscles"),
    [
        ("QL", {"quadratus_lumborum"}),
        ("psoas", {"psoas_major"}),
        ("iliopsoas", {"psoas_major", "iliacus"}),
        ("hamstrings", {"semimembranosus", "semitendinosus", "biceps_femoris_long_head"}),
        ("glutes", {"gluteus_maximus", "gluteus_medius", "gluteus_minimus"}),
        ("TFL", {"tensor_fasciae_latae"}),
        ("pelvic floor", {"coccygeus", "iliococcygeus", "pubococcygeus"}),
        ("six-pack", {"rectus_abdominis"}),
        ("lats", {"latissimus_dorsi"}),
        ("both psoas", {"psoas_major"}),
        ("bilateral QL", {"quadratus_lumborum"}),
    ],
)
def test_lay_names(written, muscles):
    assert set(find(written)) == elements_of(*muscles)


def test_hip_flexors_of_the_design():
    named = (
        "psoas_major iliacus rectus_femoris sartorius tensor_fasciae_latae pectineus"  # design S1
    ).split()
    assert set(find("hip flexors")) >= elements_of(*named)


@pytest.mark.parametrize(
    "written",
    ["left psoas, right QL", "right QL; left psoas", "left psoas & right QL", "left psoas and right QL"],
)
def test_lists_keep_their_sides(written):
    sides = {(name.rsplit("_", 1)[1], name.split("_")[0]) for name in find(written)}
    assert sides == {("left", "psoas"), ("right", "quadratus")}


def test_the_answer_is_in_the_tables_order_without_doubles(woman):
    wanted = find("psoas, hip flexors, iliopsoas, left sartorius")
    order = [woman.elements.index(name) for name in wanted]
    assert order == sorted(set(order))


def test_all_means_all(woman):
    assert find("all") == woman.elements


# -- slips ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("iliacos", "iliacus"),
        ("piriformus", "piriformis"),
        ("left piriformus", "piriformis"),
        ("gluteus maximis", "gluteus maximus"),
        ("quadratus lumborium", "quadratus lumborum"),
        ("hip flexers", "hip flexors"),
    ],
)
def test_a_slip_is_answered_with_the_nearest_name(slip, meant):
    with pytest.raises(InputError) as error:
        find(slip)
    assert f'"{slip}"' in str(error.value) and meant in str(error.value)


@pytest.mark.parametrize("written", ["", "  ", ",", ";;", "and"])
def test_no_name_is_asked_for(written):
    with pytest.raises(InputError, match="no name was given"):
        find(written)


@pytest.mark.parametrize("written", ["xyzzy", "left", "left left", "...", "piriformis, xyzzy", "x" * 200])
def test_nonsense_gets_a_sentence(written):
    with pytest.raises(InputError, match=r"^muscles: there is no muscle or group called") as error:
        find(written)
    assert len(str(error.value)) < 300


@given(st.text(alphabet="lrLeftright _-./,;&+psoaQLmn'\0é", max_size=40))
def test_any_text_is_names_or_a_sentence(written):
    try:
        assert find(written)
    except InputError as error:
        assert str(error).startswith("muscles: ")
