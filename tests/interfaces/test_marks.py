"""Letters on a report's picture and names beside it: nothing covers anything else, and nothing is left out."""

import re
from itertools import pairwise

import numpy as np

from counterpull.interfaces.report.marks import DISC, LETTERED, NARROWEST, Mark, letters, names
from counterpull.interfaces.words.report import Drawn


def crowd(seed: int) -> list[Mark]:
    rng = np.random.default_rng(seed)
    return [
        Mark(
            Drawn("right biceps femoris, long head", 49.0, "inhibited, weak" * (i % 2), "ABCDEFGHIJKLMNO"[i]),
            x,
            y,
        )
        for i, (x, y) in enumerate(rng.uniform(0.25, 0.75, (15, 2)).tolist())
    ]


def test_letters_on_a_picture_keep_apart_and_inside_and_say_all():
    for seed in range(20):
        marks = crowd(seed)
        svg = str(letters(marks, 0.8))
        found = re.findall(r'<circle class="(?:found)?" cx="([-\d.]+)%" cy="([-\d.]+)%"', svg)
        at = np.array(found, float) / 100 * (LETTERED, 0.8 * LETTERED)
        gaps = np.linalg.norm(at[:, None] - at[None], axis=-1) + 1e3 * np.eye(len(at))
        assert len(at) == 15 and gaps.min() > DISC - 0.5
        assert at.min() > 0 and (at < (LETTERED, 0.8 * LETTERED)).all()
        assert re.findall(r">([A-O])</text>", svg) == [mark.drawn.letter for mark in marks]


def test_names_beside_a_picture_keep_apart_and_hold_the_numbers():
    marks = crowd(1)[:9]
    svg = str(names(marks, 0.8))
    for side in ("start", "end"):
        blocks = re.findall(rf'<text class="[^"]*" y="([\d.]+)%" text-anchor="{side}">(.*?)</text>', svg)
        spans = sorted(
            (float(y) / 100 * 0.8 * NARROWEST, 15 * text.count("<tspan") / 2) for y, text in blocks
        )
        assert all(b - a > p + q for (a, p), (b, q) in pairwise(spans))
    told = " ".join(re.sub("<[^>]+>", " ", svg).split())
    assert told.count("49") == 9 and told.count("inhibited, weak") == 4
