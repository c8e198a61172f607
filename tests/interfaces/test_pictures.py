"""Pictures: the gallery looks as it did, sizes differ as people do, and what is drawn follows from the numbers."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from counterpull.anatomy import Posture, find, load
from counterpull.anatomy.bones import surfaces
from counterpull.anatomy.courses import placements, polylines
from counterpull.interfaces.figures.bellies import abdomen, bellies
from counterpull.interfaces.figures.flesh import at_distance
from counterpull.interfaces.figures.gallery import PLATES, SMALL, image
from counterpull.interfaces.figures.membrane import membrane
from counterpull.interfaces.figures.plate import page, spread
from counterpull.interfaces.figures.portrait import portrait
from counterpull.interfaces.figures.raster import Camera, Mesh, take
from counterpull.interfaces.figures.scene import scale_colour, scene
from counterpull.interfaces.figures.skeleton import ground, skeleton
from counterpull.interfaces.figures.solids import ball, smoothed, tube, vertex_normals
from counterpull.interfaces.figures.stations import matched
from counterpull.interfaces.figures.style import GROUPS, group_of
from counterpull.interfaces.figures.views import VIEWS
from counterpull.interfaces.figures.web import glb

BASELINES = Path(__file__).parents[1] / "baselines" / "gallery"
SEATED = Posture.of(hip_flexion="80 deg", knee_flexion="90 deg", lordosis="-17 deg")


@pytest.fixture(scope="module")
def woman():
    return load("female")


# -- the gallery ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plate", PLATES, ids=lambda plate: plate.id)
def test_the_gallery_looks_as_it_did(plate):
    # Draw them again: python -m counterpull.interfaces.figures tests/baselines/gallery --small; and look at them.
    kept = Image.open(BASELINES / f"{plate.id}.png").convert("RGB")
    new = image(plate, SMALL)
    assert new.size == pytest.approx(kept.size, abs=2)
    size = (kept.width // 3, kept.height // 3)
    old, now = (np.asarray(each.resize(size, Image.Resampling.BOX), float) for each in (kept, new))
    assert np.abs(old - now).mean() < 2.0
    assert np.mean(np.abs(old - now).max(axis=-1) > 40) < 0.01


def test_the_gallery_has_every_group(woman):
    shown = {
        group_of(woman.tables.muscles[woman.tables.elements[element.rsplit("_", 1)[0]].muscle].groups)
        for plate in PLATES
        if plate.muscles not in ("", "all")
        for element in find(plate.muscles)
    }
    assert shown >= set(GROUPS) - {"knee_flexors"}


def test_the_page_of_the_gallery_shows_every_plate():
    text = (Path(__file__).parents[2] / "docs" / "gallery.md").read_text(encoding="utf-8")
    missing = [plate.id for plate in PLATES if f"gallery/{plate.id}.webp" not in text]
    assert missing == []
    assert all((Path(__file__).parents[2] / "docs" / "gallery" / f"{p.id}.webp").exists() for p in PLATES)


# -- muscles -------------------------------------------------------------------------------------------------


def volume(vertices, faces):
    corner = vertices[faces]
    return float(np.einsum("ij,ij->", corner[:, 0], np.cross(corner[:, 1], corner[:, 2]))) / 6


def drawn(body, names, posture=None):
    posture = posture or Posture()
    return bellies(body, find(names), posture, ground(skeleton(body, posture)))


@pytest.mark.parametrize(
    "name", ["right semitendinosus", "right rectus femoris", "right gluteus maximus", "right psoas"]
)
def test_a_belly_has_the_volume_of_its_fibres_and_keeps_it(woman, name):
    rows = [woman.elements.index(e) for e in find(name)]
    mean = woman.mean
    fibres = sum(mean.pcsa[0, i] * mean.fibre_length[0, i] / np.cos(mean.pennation[0, i]) for i in rows)
    for posture in (Posture(), SEATED):
        (belly,) = drawn(woman, name, posture)
        # Tendons add a little; what is pressed against a bone or bent costs a little.
        assert 0.8 * fibres < volume(belly.vertices, belly.faces) < 1.45 * fibres


def test_a_stretched_muscle_is_thinner(woman):
    def thickest(posture):
        (belly,) = drawn(woman, "right semitendinosus", posture)
        n = belly.strokes.shape[1]
        return max(
            np.linalg.norm(belly.strokes[:, i] - belly.strokes[:, i].mean(0), axis=1).mean() for i in range(n)
        )

    bent = Posture.of(hip_flexion="80 deg")
    (i,) = (woman.elements.index(e) for e in find("right semitendinosus"))
    assert woman.lengths(bent)[i] > 1.1 * woman.lengths(Posture())[i]
    assert thickest(bent) < 0.97 * thickest(Posture())


def test_bellies_are_closed_and_face_outward(woman):
    for belly in drawn(woman, "all"):
        edges = np.sort(
            np.concatenate([belly.faces[:, [0, 1]], belly.faces[:, [1, 2]], belly.faces[:, [2, 0]]]), axis=1
        )
        _, count = np.unique(edges, axis=0, return_counts=True)
        assert (count == 2).all(), belly.muscle
        assert volume(belly.vertices, belly.faces) > 0, belly.muscle
        assert np.isfinite(belly.normals).all()


def test_a_belly_follows_its_course(woman):
    lines = polylines(woman, SEATED)
    for belly in drawn(woman, "right semitendinosus, right semimembranosus, right sartorius", SEATED):
        line, buried = lines[find(f"right {belly.muscle}")[0]], np.linspace(0, 0.012, 13)
        for found, end in ((belly.spine[:, 0], line[::-1]), (belly.spine[:, -1], line)):
            near = at_distance(end, buried)  # it is drawn from where it leaves the bone
            assert np.linalg.norm(found[:, None] - near, axis=-1).min() == pytest.approx(0, abs=6e-3)


def test_courses_that_end_together_have_their_stations_at_one_place():
    end = np.array([[0.0, 0.0, 0.0], [0.0, -0.03, 0.0], [0.01, -0.06, 0.0]])
    x, share = matched([np.vstack([[0.0, y, z], end]) for y, z in ((0.1, 0.0), (0.05, 0.04), (0.15, -0.03))])
    joined = np.linalg.norm(x[1:] - x[0], axis=-1).max(0) < 1e-9
    assert joined.any() and not joined[0]
    assert joined[joined.argmax() :].all() and (x[0, joined, 1] < 1e-9).all()
    assert (np.diff(share) > 0).all() and share[:, 0] == pytest.approx(0) and share[:, -1] == pytest.approx(1)
    alone, even = matched([np.array([[0.0, 0, 0], [0.39, 0, 0]])])
    assert alone[0, :, 0] == pytest.approx(0.01 * np.arange(40)) and even[0, 13] == pytest.approx(1 / 3)


def test_muscles_lie_over_canals_and_foramina(woman):
    bones = skeleton(woman, Posture())
    shut = {bone.name: float(np.mean(~bone.outside)) for bone in bones if not bone.sketched}
    assert 0.2 < shut["sacrum"] < 0.5  # its canal and its foramina
    assert max(shut["innominate_right"], shut["femur_right"]) < 0.02
    back = ground(bones).only("sacrum")
    (belly,) = drawn(woman, "right multifidus")
    inner = belly.spine[:, 4:-4].reshape(-1, 3)
    near = inner[np.linalg.norm(back.nearest(inner) - inner, axis=-1) < 0.02]
    assert len(near) > 200 and np.quantile(back.height(near), 0.02) > -1e-3


@pytest.mark.parametrize("muscle", ["gluteus medius", "gluteus minimus"])
@pytest.mark.parametrize("side", ["right", "left"])
def test_a_broad_origin_lies_on_its_bone_alone(woman, muscle, side):
    bones = ground(skeleton(woman, Posture()))
    (belly,) = drawn(woman, f"{side} {muscle}")
    origin = belly.strokes[:, 0]
    on, off = bones.only(f"innominate_{side}"), bones.only("sacrum")
    assert np.linalg.norm(on.nearest(origin) - origin, axis=-1).max() < 10e-3
    assert np.linalg.norm(off.nearest(origin) - origin, axis=-1).min() > 15e-3


@pytest.mark.parametrize("posture", [Posture(), SEATED], ids=["standing", "seated"])
def test_the_obturator_muscles_lie_on_either_side_of_their_membrane(woman, posture):
    bone, lines = ground(skeleton(woman, posture)).only("innominate_right"), polylines(woman, posture)
    origins = [lines[f"obturator_externus_{part}_right"][0] for part in ("anterior", "inferior")]
    out = membrane(bone, np.mean(origins, axis=0), lines["obturator_externus_anterior_right"][1])
    assert 0.015 < np.ptp(out.points, axis=0).min() and np.ptp(out.points, axis=0).max() < 0.07
    for name, sign in (("obturator externus", 1), ("obturator internus", -1)):
        (belly,) = drawn(woman, f"right {name}", posture)
        near = np.linalg.norm(out.nearest(belly.vertices) - belly.vertices, axis=-1) < 6e-3
        high = sign * out.height(belly.vertices[near])
        assert np.median(high) > 1e-3 and np.quantile(high, 0.1) > -2e-3, name


def test_the_abdominal_wall_lies_in_layers(woman):
    inside = abdomen(polylines(woman, Posture()))
    heights = {}
    for belly in drawn(woman, "right abdominals"):
        middle = belly.spine[:, 12:28].reshape(-1, 3)
        flank = (middle[:, 1] > 0.09) & (middle[:, 1] < 0.13) & (middle[:, 2] > 0.08)
        if flank.any():
            heights[belly.muscle] = float(np.median(inside.height(middle[flank])))
    order = ["transversus_abdominis", "internal_oblique", "external_oblique"]
    assert [name for name in sorted(heights, key=lambda name: heights[name]) if name in order] == order


def test_the_internal_oblique_is_flesh_at_the_iliac_crest_and_reaches_it(woman):
    bones = ground(skeleton(woman, Posture()))
    (belly,) = drawn(woman, "right internal oblique")
    n = belly.strokes.shape[1]
    flesh = 1 - belly.tendon.reshape(n, -1)
    ends = [belly.spine[:3, at].mean(0) for at in (0, -1)]
    crest = int(np.argmin([np.min(bones.only("innominate_right").height(end)) for end in ends]))
    near, far = (flesh[: n // 3], flesh[-n // 3 :])[:: 1 if crest == 0 else -1]
    assert near.mean() > 0.7 > 0.4 > far.mean()


def depths(body, posture, lines):
    """How deep lines (n, 3) lie in bone, mm, further than 15 mm from their ends: where muscles are attached."""
    points, owner = [], []
    for i, line in enumerate(lines):
        along = np.r_[0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
        at = np.arange(0.015, along[-1] - 0.015, 0.003)
        points.append(np.stack([np.interp(at, along, line[:, k]) for k in range(3)], axis=-1))
        owner.append(np.full(len(at), i))
    x, of, out = np.vstack(points), np.concatenate(owner), np.zeros(len(lines))
    off = ground(skeleton(body, posture)).height(x) < 0  # the others lie outside
    x, of = x[off], of[off]
    where = placements(body, posture)
    for name, bone in surfaces(body).items():
        rotation, translation = where[name]
        own = (x - translation) @ rotation
        near = ((own > bone.vertices.min(0)) & (own < bone.vertices.max(0))).all(axis=1)
        np.maximum.at(out, of[near], -1e3 * bone.distance(own[near]))
    return out


def listed(posture):
    """Elements that docs/explanation/pictures.md lists as passing through bone, and how deep at most, mm."""
    text = (Path(__file__).parents[2] / "docs" / "explanation" / "pictures.md").read_text(encoding="utf-8")
    if not posture.startswith("thomas"):
        text = text.split("In the Thomas test")[0]
    rows = [row.split("|")[1:-1] for row in text.splitlines() if row.startswith("| `")]
    return {name.strip().strip("`"): float(depth) for name, depth, *_ in rows}


@pytest.mark.parametrize(
    "posture", ["standing", "half_kneeling_right", "sitting", "lifting", "thomas_test_right"]
)
@pytest.mark.parametrize(
    "person", [("female",), ("male",), ("female", "150 cm", "50 kg"), ("male", "190 cm", "95 kg")]
)
def test_no_muscle_passes_through_bone_where_it_wraps_in_life(person, posture):
    body = load(*person)
    angles = body.tables.postures[posture]
    lines, known = polylines(body, angles), listed(posture)
    deep = depths(body, angles, [lines[name] for name in body.elements])
    beyond = {
        name: round(depth, 1)
        for name, depth in zip(body.elements, deep, strict=True)
        if depth > max(3.0, known.get(name.rsplit("_", 1)[0], 0.0))
    }
    assert beyond == {}


# -- pages ---------------------------------------------------------------------------------------------------


def test_labels_keep_their_distance_and_stay_on_the_page():
    rng = np.random.default_rng(3)
    for _ in range(200):
        n = int(rng.integers(1, 18))
        sizes = [float(s) for s in rng.choice([4.3, 7.7], n)]
        at = spread(sorted(float(x) for x in rng.uniform(0, 160, n)), sizes, 0.0, 160.0)
        gaps = [b - a - (p + q) / 2 for a, b, p, q in zip(at, at[1:], sizes, sizes[1:], strict=False)]
        assert min(gaps, default=0) > -1e-6
        assert at[0] - sizes[0] / 2 > -1e-6 and at[-1] + sizes[-1] / 2 < 160 + 1e-6


@pytest.mark.parametrize("view", VIEWS)
def test_names_do_not_overlap(woman, view):
    figure = page(
        scene(woman, find("glutes, deep rotators, hip flexors"), Posture()), view, title="All", dpi=40
    )
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.axes[-1].texts if text.get_text()]
    width, height = figure.canvas.get_width_height()  # pyright: ignore[reportAttributeAccessIssue]
    for i, one in enumerate(boxes):
        assert one.x0 > -1 and one.x1 < width + 1 and one.y0 > -1 and one.y1 < height + 1
        for other in boxes[:i]:
            assert not one.overlaps(other), (figure.axes[-1].texts[i].get_text(), view)


def test_a_tall_man_is_larger_than_a_small_woman():
    small, tall = load("female", "150 cm", "48 kg"), load("male", "190 cm", "92 kg")
    for part, ratio in (("innominate_right", (1.08, 1.4)), ("femur_right", (1.2, 1.5)), ("l5", (1.1, 1.5))):
        heights = [
            max(
                np.ptp(b.vertices[:, 1])
                for b in skeleton(body, Posture())
                if b.name == part and not b.sketched
            )
            for body in (small, tall)
        ]
        assert ratio[0] < heights[1] / heights[0] < ratio[1], part
    thick = [
        volume(*(lambda b: (b.vertices, b.faces))(drawn(body, "right psoas")[0])) for body in (small, tall)
    ]
    assert thick[1] > 1.5 * thick[0]


def test_colours_follow_values(woman):
    keys = [("iliacus", "right"), ("iliacus", "left")]
    shown = scene(
        woman,
        find("iliacus"),
        Posture(),
        colour="scale",
        values=dict(zip(keys, (0.0, 50.0), strict=True)),
        most=100.0,
    )
    assert shown.colours == {
        key: scale_colour(value, 100.0) for key, value in zip(keys, (0.0, 50.0), strict=True)
    }
    assert shown.colours[keys[0]] != shown.colours[keys[1]]


def test_a_portrait_tells_where_everything_is_seen(woman):
    pulls = {("psoas_major", "right"): 120.0, ("psoas_major", "left"): 80.0, ("iliacus", "left"): 9.0}
    asked: Any = {"pulls": pulls, "joints": {"sij_right": 300.0}, "most_pull": 200.0, "most_joint": 500.0}
    front, back = (portrait(woman, Posture(), view=view, width=300, **asked) for view in ("front", "back"))
    picture = np.asarray(Image.open(io.BytesIO(front.webp)))
    assert picture.shape == (front.height, front.width, 4) and front.width == 300
    for x, y in front.muscles.values():  # red where a muscle pulls, clear beside the body
        red, _, blue, cover = picture[round(y * front.height), round(x * front.width)].astype(int)
        assert cover == 255 and red > blue
    assert picture[2, 2, 3] == 0
    assert set(front.muscles) == set(pulls)
    assert front.muscles["psoas_major", "right"][0] < 0.5 < front.muscles["psoas_major", "left"][0]
    assert front.joints["sij_right"][0] < 0.5 < back.joints["sij_right"][0]
    centres = woman.landmarks["hip_centre_right"] - woman.landmarks["hip_centre_left"]
    assert 0.4 < front.per_metre * np.linalg.norm(centres) < 0.8
    with pytest.raises(KeyError, match="psoas_minor"):
        portrait(woman, Posture(), view="front", **asked | {"pulls": {("psoas_minor", "right"): 1.0}})


@pytest.mark.parametrize(("colour", "keys"), [("group", 2), ("muscle", 0)])
def test_colours_of_groups_are_explained_where_they_are_those_of_groups(woman, colour, keys):
    figure = page(scene(woman, find("hip flexors"), Posture(), colour=colour), "front", dpi=40)
    told = [text.get_text() for text in figure.axes[-1].texts]
    assert sum(text in told for text in (GROUPS["iliopsoas"][0], GROUPS["hip_flexors"][0])) == keys


def test_a_solid_file_holds_every_bone_and_muscle(woman):
    import trimesh

    shown = scene(woman, find("right iliopsoas"), Posture())
    read: Any = trimesh.load(io.BytesIO(glb(shown)), file_type="glb")
    assert {"sacrum", "innominate_left", "psoas_major_right", "iliacus_right"} <= set(read.geometry)
    low, high = read.bounds  # glTF: x to the left, y up, z forward
    assert high[2] < 0.1 and low[2] > -0.25 and np.ptp([low[0], high[0]]) < 0.5


# -- the rasteriser ------------------------------------------------------------------------------------------


def solid(name, thing, colour=(0.5, 0.5, 0.5), **more):
    n = len(thing.vertices)
    normals = vertex_normals(thing.vertices, thing.faces)
    return Mesh(
        name, thing.vertices, thing.faces, normals, np.tile(colour, (n, 1)), np.full(n, np.nan), **more
    )


FRONT = Camera(np.array([[0.0, 0, -1], [0, 1, 0], [1, 0, 0]]), (-0.1, -0.1), (0.1, 0.1), 1000.0)


def test_a_ball_covers_its_disc_and_the_nearer_one_hides_the_other():
    near = solid("near", ball(np.array([0.05, 0, 0]), np.full(3, 0.03)))
    far = solid("far", ball(np.zeros(3), np.full(3, 0.05)))
    shot = take([far, near], FRONT)
    assert (shot.what >= 0).sum() == pytest.approx(np.pi * 50**2, rel=0.01)
    assert (shot.what == 1).sum() == pytest.approx(np.pi * 30**2, rel=0.01)
    assert shot.colour[100, 100, 3] == 1 and shot.colour[5, 5, 3] == 0


def test_light_comes_from_above_left_and_shadows_fall():
    floor = solid("floor", ball(np.array([-0.03, 0, 0]), np.array([0.005, 0.09, 0.09])))
    alone = take([floor], FRONT).tone
    above = solid("above", ball(np.array([0.03, 0.02, 0.02]), np.full(3, 0.02)))
    shot = take([floor, above], FRONT)
    darker = (shot.what == 0) & (shot.tone < 0.7 * alone)
    rows, columns = np.nonzero(darker)
    assert len(rows) > 200
    assert (
        columns.mean() > 80 and rows.mean() > 80
    )  # to the right of and below the ball, which is at (80, 80)


def test_what_is_cut_open_shows_a_flat_face():
    whole = solid("whole", ball(np.zeros(3), np.full(3, 0.05)), cut=True)
    side = Camera(VIEWS["inside"].axes, (-0.1, -0.1), (0.1, 0.1), 1000.0, cut=True)
    shot = take([whole], side)
    inside = shot.what == 0
    assert inside.sum() == pytest.approx(np.pi * 50**2, rel=0.01)
    assert np.ptp(shot.depth[70:130, 70:130]) < 1e-3


def test_a_tube_is_as_thick_as_asked():
    rod = tube(np.array([[0, -0.05, 0.0], [0, 0, 0], [0, 0.05, 0]]), np.full(3, 0.01))
    assert np.ptp(rod.vertices[:, 2]) == pytest.approx(0.02, rel=0.05)
    assert volume(rod.vertices, rod.faces) == pytest.approx(np.pi * 0.01**2 * 0.1, rel=0.12)


def test_a_mean_is_that_of_scipy():
    from scipy.ndimage import gaussian_filter1d

    x = np.random.default_rng(2).normal(size=(3, 12, 2))
    assert smoothed(x, 1.6, axis=1) == pytest.approx(
        gaussian_filter1d(x, 1.6, axis=1, mode="nearest"), abs=1e-12
    )
