"""The bones: closed, in place, told apart by sex, and what their script would build again."""

import numpy as np
import pytest

from counterpull.anatomy import load, reference
from counterpull.anatomy.bones import DRAWN, FILE, drawn, surfaces
from counterpull.anatomy.posture import BODIES
from counterpull.anatomy.surface import Surface, _nearest_on

PEOPLE = {
    "model": None,
    "woman": {"sex": "female"},
    "man": {"sex": "male"},
    "small woman": {"sex": "female", "height": "150 cm", "mass": "50 kg"},
    "tall man": {"sex": "male", "height": "190 cm", "mass": "90 kg"},
}
NOT_ON_BONE = ("hip_centre", "s3_centre", "l5_s1_joint_centre", "l5_s1_disc_centre", "l5_vertebral_centre")
"""Landmarks inside a bone, a ball or a disc."""


@pytest.fixture(scope="module")
def people():
    bodies = {who: load(**how) if how else reference() for who, how in PEOPLE.items()}
    return {who: (body, surfaces(body)) for who, body in bodies.items()}


def on(surface, places):
    """How far places (N, 3) or (3,), metres, lie from a bone, mm."""
    return np.abs(surface.distance(np.atleast_2d(places))) * 1e3


# -- surfaces ------------------------------------------------------------------------------------------------
def edges(faces):
    return np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])


def test_every_bone_is_closed_and_faces_outward(people):
    for _, bones in people.values():
        assert set(bones) <= set(BODIES) and len(bones) == 6
        for surface in bones.values():
            there = {tuple(edge) for edge in edges(surface.faces)}
            assert len(there) == 3 * len(surface.faces)
            assert there == {(b, a) for a, b in there}
            assert surface.volume > 2e-5
        assert sum(len(surface.faces) for surface in bones.values()) < 40_000
    assert FILE.stat().st_size < 2_000_000


def test_holes_are_holes():
    """By Euler's number: one obturator foramen, one vertebral foramen; the canal and eight sacral foramina."""
    holes = {}
    for name in DRAWN:
        vertices, faces = drawn("female", name)
        holes[name] = 1 - (len(vertices) - len(edges(faces)) // 2 + len(faces)) // 2
    assert holes["innominate_right"] == holes["l5"] == 1
    assert holes["femur_right"] == 0
    assert holes["sacrum"] >= 9


def test_left_is_the_mirror_of_right(people):
    for _, bones in people.values():
        for name in ("innominate", "femur"):
            right, left = bones[f"{name}_right"], bones[f"{name}_left"]
            np.testing.assert_array_equal(left.vertices, right.vertices * [1, 1, -1])
        for name in ("sacrum", "l5"):
            here = {tuple(v) for v in np.round(bones[name].vertices * 1e4).astype(int)}
            assert len(here - {(x, y, -z) for x, y, z in here}) < 0.02 * len(here)


# -- in place ------------------------------------------------------------------------------------------------
def test_landmarks_lie_on_the_bones(people):
    for who, (body, bones) in people.items():
        for name, at in body.landmarks.items():
            stem = name.removesuffix("_right").removesuffix("_left")
            mark = body.tables.landmarks[stem]
            side = "_left" if name.endswith("_left") else "_right"
            bone = bones.get(mark.body) or bones.get(mark.body + side)
            if bone and stem not in NOT_ON_BONE:
                assert on(bone, at) < 5.0, (who, name)


def test_muscles_arise_from_the_bones(people):
    """Most attachments, which come from several skeletons, lie within a few mm of ours."""
    body, bones = people["model"]
    apart = []
    for element in body.tables.elements.values():
        for point in element.path:
            bone = bones.get(point.body) or bones.get(f"{point.body}_right")
            if bone and point.kind != "via" and point.at[1] > -0.29:  # the femur is drawn down to there
                apart.append(on(bone, point.at)[0])
    assert len(apart) > 150
    assert np.median(apart) < 2.5
    assert np.percentile(apart, 90) < 6


@pytest.mark.parametrize("who", PEOPLE)
def test_neighbours_do_not_run_into_each_other(people, who):
    _, bones = people[who]
    for one, other, least in (
        ("sacrum", "innominate_right", 0.3),
        ("femur_right", "innominate_right", -0.5),
        ("l5", "innominate_right", 5.0),
        ("l5", "sacrum", -1.0),
    ):
        places = bones[one].vertices
        near = bones[other].vertices
        inside = ((places > near.min(0) - 0.01) & (places < near.max(0) + 0.01)).all(1)
        if inside.any():
            assert bones[other].distance(places[inside][::2]).min() * 1e3 > least, (one, other)


# -- a woman and a man ---------------------------------------------------------------------------------------
def subpubic_angle(bones):
    """Between the lower borders of the pubic rami, in their plane, degrees."""
    v = bones["innominate_right"].vertices * 1e3
    face = v[(v[:, 2] < 4) & (v[:, 0] > -60)]
    apex, tuber = face[face[:, 1].argmin()], v[v[:, 1].argmin()]
    down = (tuber - apex)[:2] / np.linalg.norm((tuber - apex)[:2])
    along = (v[:, :2] - apex[:2]) @ down
    off = (v[:, :2] - apex[:2]) @ np.array([-down[1], down[0]])
    steps = np.arange(6, 40, 3)
    border = [v[(np.abs(along - s) < 2) & (np.abs(off) < 16), 2].min() for s in steps]
    return 2 * np.degrees(np.arctan(np.polyfit(steps, border, 1)[0]))


def inlet_breadth(bones):
    """The widest place between the arcuate lines, mm."""
    v = bones["innominate_right"].vertices * 1e3
    v = v[(v[:, 1] > -62) & (v[:, 1] < 8) & (v[:, 2] > 25)]
    return 2 * max(v[np.abs(v[:, 0] - x) < 3, 2].min() for x in np.arange(-82, -34, 3.0))


def test_a_woman_s_pelvis_is_a_woman_s(people):
    """Published subpubic angles: 87.4 (6.5) deg in women, 68.6 (7.6) in men (doi:10.5115/acb.19.135)."""
    woman, man = people["woman"][1], people["man"][1]
    assert 74 < subpubic_angle(woman) < 96
    assert 53 < subpubic_angle(man) < 75
    assert subpubic_angle(woman) > subpubic_angle(man) + 8
    assert inlet_breadth(woman) > inlet_breadth(man)
    assert 110 < inlet_breadth(woman) < 140
    heights = [np.ptp(bones["innominate_right"].vertices[:, 1]) for bones in (woman, man)]
    assert heights[0] < 0.96 * heights[1]
    assert woman["sacrum"].vertices[:, 2].max() > man["sacrum"].vertices[:, 2].max()


def test_the_wings_are_as_wide_as_a_caliper_says(people):
    for who, (body, bones) in people.items():
        read = 2 * bones["innominate_right"].vertices[:, 2].max()
        assert read == pytest.approx(body.measures.widths["bi_iliac"][0], abs=0.006), who


# -- built again ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("sex", ["female", "male"])
def test_shipped_bones_are_what_is_drawn(sex):
    """Every shipped vertex lies where the signed distance is nothing."""
    from counterpull.anatomy.reading import read
    from counterpull.anatomy.shapes.build import PLANS
    from counterpull.anatomy.shapes.person import average

    person = average(read(), sex)
    for name, (draw, *_) in PLANS.items():
        vertices, _ = drawn(sex, name)
        off = np.abs(draw(person.at(vertices[::3] * 1e3, name), person))
        assert np.percentile(off, 95) < 0.05, name
        assert off.max() < 1.5, name


def test_building_again_gives_the_same_bone():
    from counterpull.anatomy.shapes.build import build

    ((name, bone),) = build(["male"], ["l5"])
    shipped = drawn("male", "l5")
    assert name == "male_l5"
    assert abs(len(bone.faces) - len(shipped.faces)) < 100
    assert on(Surface(shipped.vertices, shipped.faces), bone.vertices).max() < 0.3


# -- how deep a point lies -----------------------------------------------------------------------------------
def test_distance_of_an_octahedron():
    corners = np.concatenate([np.eye(3), -np.eye(3)])
    faces = [[0, 1, 2], [1, 3, 2], [3, 4, 2], [4, 0, 2], [1, 0, 5], [3, 1, 5], [4, 3, 5], [0, 4, 5]]
    solid = Surface(corners, np.array(faces, dtype=np.int32))
    places = np.array([[0, 0, 0], [2, 0, 0], [1, 1, 1], [0.2, 0.1, 0.1], [0.9, 0.9, 0]])
    root = np.sqrt(3)
    expected = [-1 / root, 1, 2 / root, -0.6 / root, 0.8 / np.sqrt(2)]
    np.testing.assert_allclose(solid.distance(places), expected, atol=1e-12)
    assert solid.volume == pytest.approx(4 / 3)
    np.testing.assert_allclose(solid.mirrored.distance(places), expected, atol=1e-12)


def test_distance_equals_a_search_through_all_triangles(people):
    _, bones = people["woman"]
    bone = bones["innominate_right"]
    low, high = bone.vertices.min(0) - 0.02, bone.vertices.max(0) + 0.02
    places = np.random.default_rng(5).uniform(low, high, (120, 3))
    corner, far = bone.vertices[bone.faces], []
    for place in places:
        far.append(np.linalg.norm(_nearest_on(place[None, None], corner[None])[0][0] - place, axis=1).min())
    # inside or outside by the solid angle that the surface fills
    a = corner[None] - places[:, None, None]
    length = np.linalg.norm(a, axis=-1)
    dot = [
        np.sum(a[:, :, i] * a[:, :, j], -1) * length[:, :, k] for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1))
    ]
    volume = np.sum(a[:, :, 0] * np.cross(a[:, :, 1], a[:, :, 2]), -1)
    turns = np.arctan2(volume, length.prod(-1) + sum(dot)).sum(1) / (2 * np.pi)
    signed = np.where(turns > 0.5, -1, 1) * np.array(far)
    assert (signed < 0).sum() >= 2
    np.testing.assert_allclose(bone.distance(places), signed, atol=1e-4)
