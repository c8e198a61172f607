"""The picture of the signs shows what the readings mean by them."""

import re
from pathlib import Path

import numpy as np
import pytest

from counterpull.interfaces.figures.signs import CONVENTION, SHIFT, SIGNS, TURN, Sign, draw_signs, moved
from counterpull.mechanics import readings, yardsticks
from counterpull.mechanics.coordinates import SIZE, Floats, block
from counterpull.mechanics.model import situation
from counterpull.mechanics.setting import Setting

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "conventions.md"
by_name = pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign.name)


def plain(text: str) -> str:
    """A text with one space between its words."""
    return " ".join(text.split())


@pytest.fixture(scope="module")
def rows(model) -> Floats:
    """From coordinates to the six readings of the right and the left side (2, 6, N)."""
    return readings.shift_rows(situation(model, Setting(name="signs")))[0]


def coordinates_of(sign: Sign, side: str) -> Floats:
    """The innominate of a side moved as in the picture, its mirror image on the left; the sacrum stays."""
    x, mirror = np.zeros(SIZE), 1.0 if side == "right" else -1.0
    shift, turn = np.array(sign.shift) * SHIFT, np.array(sign.turn) * TURN
    x[block(f"innominate_{side}")] = [*shift * (1, 1, mirror), *turn * (mirror, mirror, 1)]
    return x


def test_there_is_one_panel_for_each_reading():
    assert tuple(sign.name for sign in SIGNS) == readings.SHIFTS
    panels = draw_signs().axes
    assert len(panels) == 6
    for sign, panel in zip(SIGNS, panels, strict=True):
        written = [text.get_text() for text in panel.texts]
        assert f"{sign.name.replace('_', ' ')} +" in written
        assert sign.words in written


@by_name
@pytest.mark.parametrize("side", ["right", "left"])
def test_the_motion_reads_with_the_sign_that_the_panel_states(rows, sign, side):
    read = rows @ coordinates_of(sign, side)
    expected = np.zeros((2, 6))
    expected[("right", "left").index(side), readings.SHIFTS.index(sign.name)] = (
        TURN if any(sign.turn) else SHIFT
    )
    np.testing.assert_allclose(read, expected, atol=1e-12)


@by_name
def test_the_drawn_bone_goes_where_the_words_say(model, sign):
    def way(name: str) -> Floats:
        at = model.landmarks[f"{name}_right"]
        return moved(model, sign, at) - at

    crest, tuberosity, asis = (way(n) for n in ("iliac_crest_highest", "ischial_tuberosity_inferior", "asis"))
    said = {
        "sagittal_rotation": crest[0] > 0 > tuberosity[0],
        "frontal_rotation": crest[2] > 0 > tuberosity[2],
        "axial_rotation": asis[2] > 0,
        "superior_shift": crest[1] > 0,
        "anterior_shift": crest[0] > 0,
        "lateral_shift": crest[2] > 0,
    }
    assert said[sign.name]


def test_the_picture_says_that_it_exaggerates_and_names_the_convention():
    (note,) = (text.get_text() for text in draw_signs().texts if "xaggerated" in text.get_text())
    assert CONVENTION in note
    assert f"has the id `{CONVENTION}`" in PAGE.read_text(encoding="utf-8")
    assert TURN > 2 * yardsticks.MOST_ROTATION and SHIFT > 2 * yardsticks.MOST_SHIFT


def test_the_page_shows_this_picture():
    # How to draw the file again: the first lines of interfaces/figures/signs.py.
    drawing = (PAGE.parent / "signs.svg").read_text(encoding="utf-8")
    shown = [plain(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", drawing)]
    figure = draw_signs()
    texts = [*figure.texts, *(text for panel in figure.axes for text in panel.texts)]
    assert {plain(text.get_text()) for text in texts} - {""} <= set(shown)
    page = PAGE.read_text(encoding="utf-8")
    assert "](signs.svg)" in page
    for sign in SIGNS:
        assert f"| {sign.name.replace('_', ' ')} " in page
        assert f"| {sign.axis.replace('-', '−')} |" in page
