"""The balance picture: what pulls stands on one side of a beam, what pulls back on the other.

Each block is one part of a change, as long as it is large; below the beam stands the change itself.
"""

from collections.abc import Sequence

from markupsafe import Markup

from counterpull.interfaces.report.bars import Axis, block, dot, drawing, upright, words_at
from counterpull.interfaces.words.parts import LEAST, Part
from counterpull.interfaces.words.phrases import ends_of
from counterpull.interfaces.words.record import Quantity

BLOCKS, BEAM, NET, HEIGHT = 6, 40, 58, 68
"""Where blocks begin, where the beam lies, where the change stands, and the whole height; px."""
WIDE = 4.5
"""Per cent of the width: a narrower block has no room for its number."""
WIDER = 22
"""A wider one has room for its name, on paper and on a screen."""


def balance(parts: Sequence[Part], name: str, change: Quantity, title: str, description: str) -> Markup:
    """The picture of one change; blocks carry the numbers of their rows, counted from 1."""
    numbered = [(number, part.parts[name]["median"] or 0.0) for number, part in enumerate(parts, 1)]
    shown = sorted((each for each in numbered if abs(each[1]) >= LEAST), key=lambda each: -abs(each[1]))
    axis = _axis(shown, change)
    shapes = []
    for sign, look in ((1, "forward"), (-1, "backward")):
        reached = 0.0
        for number, size in (each for each in shown if sign * each[1] > 0):
            left, right = sorted((axis.at(reached), axis.at(reached + size)))
            shapes += _block(number, parts[number - 1].label, left, right, look)
            reached += size
    shapes += [
        upright(axis.at(0.0), BLOCKS - 4, BEAM, "zero"),
        Markup('<line class="beam" x1="0" x2="100%" y1="{}" y2="{}"/>').format(BEAM, BEAM),
        Markup(
            '<svg x="{}%" y="{}" overflow="visible"><path class="fulcrum" d="M0 0 L8 11 L-8 11 Z"/></svg>'
        ).format(axis.at(0.0), BEAM),
        block(*axis.ends(change), NET - 2, 4, "bar change", 2),
        dot(axis.at(change["median"] or 0.0), NET, "dot change", 4),
    ]
    return drawing(title, HEIGHT, shapes, description)


def _axis(shown: list[tuple[int, float]], change: Quantity) -> Axis:
    sums = [sum(size for _, size in shown if sign * size > 0) for sign in (1, -1)]
    far = max(map(abs, (*sums, *ends_of(change), 1e-9)))
    return Axis(-1.04 * far, 1.04 * far)


def _block(number: int, label: str, left: float, right: float, look: str) -> list[Markup]:
    out = [block(left, right, BLOCKS, BEAM - BLOCKS - 1, f"block {look}")]
    middle, base = (left + right) / 2, (BLOCKS + BEAM) / 2 + 4
    named = right - left >= WIDER
    if right - left >= WIDE:
        out.append(words_at(middle, base, str(number), "number narrow" if named else "number"))
    if named:
        out.append(words_at(middle, base, f"{number}  {label}", "number broad"))
    return out
