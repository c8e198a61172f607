"""Colours that everybody can tell apart, and one place for them."""

import itertools
import re

import numpy as np
import pytest

from counterpull.anatomy import read
from counterpull.interfaces.figures import style
from counterpull.interfaces.figures.style import DARK, GROUPS, LIGHT, rgb

# Sight without one of the three kinds of cones, on linear RGB: Machado, Oliveira & Fernandes 2009,
# doi:10.1109/TVCG.2009.113, severity 1.0.
SIGHT = {
    "normal": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(colour):
    c = rgb(colour)
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def oklab(light):
    """Björn Ottosson's perceptual space: lightness, and two axes of colour."""
    to_lms = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    to_lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return np.array(to_lab) @ np.cbrt(np.array(to_lms) @ np.clip(light, 0, 1))


def contrast(one, other):
    """Contrast ratio of the accessibility guidelines (WCAG 2), 1 to 21."""
    bright = sorted(float(linear(c) @ (0.2126, 0.7152, 0.0722)) for c in (one, other))
    return (bright[1] + 0.05) / (bright[0] + 0.05)


@pytest.mark.parametrize("sight", SIGHT)
def test_groups_keep_their_distance_and_stand_out_from_bone(sight):
    # Two colours 0.02 apart are just told apart side by side.
    seen = {
        group: oklab(np.array(SIGHT[sight]) @ linear(colour)) for group, (_, colour) in GROUPS.items()
    } | {"bone": oklab(np.array(SIGHT[sight]) @ linear(LIGHT.bone))}
    gaps = {
        (a, b): float(np.linalg.norm(seen[a] - seen[b]))
        for a, b in itertools.combinations(seen, 2)
        if "knee_flexors" not in (a, b)
    }
    assert {pair: gap for pair, gap in gaps.items() if gap < 0.075} == {}


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
@pytest.mark.parametrize("sight", SIGHT)
def test_scales_grow_evenly_for_everybody(theme, sight):
    bright = [oklab(np.array(SIGHT[sight]) @ linear(c))[0] for c in (*theme.scale, theme.over)]
    steps = np.diff(bright) * (-1 if theme is LIGHT else 1)
    assert steps.min() > 0.03


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_text_can_be_read(theme):
    for ground in (theme.page, theme.panel):
        assert contrast(theme.ink, ground) >= 7
        for colour in (theme.quiet, theme.accent, theme.right, theme.left, theme.found):
            assert contrast(colour, ground) >= 4.5


def test_every_muscle_has_a_group_with_a_colour():
    shown = {style.group_of(muscle.groups) for muscle in read().muscles.values()}
    assert shown == set(GROUPS)


def test_a_scale_meets_its_ends():
    ends = style.on_scale(np.array([0.0, 1.0, 1.2]))
    assert [style.hexed(c) for c in ends] == [LIGHT.scale[0], LIGHT.scale[-1], LIGHT.over]


def test_the_page_gets_every_colour_in_both_themes():
    text = style.css()
    light, *darks = (dict(re.findall(r"--([\w-]+): ([^;]+);", part)) for part in text.split("@media"))
    for dark in darks:
        assert set(dark) == {name for name in light if light[name].startswith("#")}
        assert dark["page"] == DARK.page and light["page"] == LIGHT.page
    assert "http" not in text and "@import" not in text
