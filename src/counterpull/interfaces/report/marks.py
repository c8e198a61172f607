"""Names over a picture: beside it where there is room, and letters on it on a telephone.

Inline SVG as large as the picture. Places are per cent of it and type keeps its size, so that names can be read at any
width; which of the two is shown is for report.css to say.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from counterpull.interfaces.figures.labels import folded, spread
from counterpull.interfaces.words.report import Drawn

NARROWEST, LETTERED = 340.0, 300.0
"""The narrowest that a picture is shown with names, and with letters, px; no two overlap then."""
LINE, APART, MOST = 15.0, 6.0, 18
"""From one line of a name to the next, from one name to the next, px, and characters in a line."""
DISC = 21.0
"""From one letter to the next, px."""
BESIDE = 3.0
"""How far beside the picture names begin, per cent of its width."""


@dataclass(frozen=True)
class Mark:
    """A muscle or a joint, and where it is seen: shares of the picture's width and height."""

    drawn: Drawn
    x: float
    y: float


def names(marks: Sequence[Mark], ratio: float) -> Markup:
    """Names on both sides of a picture that is `ratio` times as high as wide, each with a line to its place."""
    high = NARROWEST * ratio
    shapes: list[Markup] = []
    for left in (True, False):
        beside = sorted((mark for mark in marks if (mark.x < 0.5) == left), key=lambda mark: mark.y)
        lines = [folded(_name(mark.drawn), MOST, 4) for mark in beside]
        sizes = [LINE * len(each) + APART for each in lines]
        middles = spread([mark.y * high for mark in beside], sizes, 0.0, high)
        for mark, text, middle in zip(beside, lines, middles, strict=True):
            shapes += _named(mark, text, 100 * middle / high, left)
    return _over("names", shapes)


def letters(marks: Sequence[Mark], ratio: float) -> Markup:
    """Letters on a picture; the list below it says what they stand for."""
    size = np.array([LETTERED, LETTERED * ratio])
    there = np.array([(mark.x, mark.y) for mark in marks]).reshape(-1, 2) * size
    shapes = []
    for mark, at, shown in zip(marks, there, apart(there, size), strict=True):
        (x, y), (own_x, own_y) = 100 * shown / size, 100 * at / size
        look = "found" if mark.drawn.found else ""
        if np.hypot(*(shown - at)) > DISC / 2:
            shapes.append(_line(own_x, own_y, x, y, look))
        shapes.append(
            Markup('<circle class="{}" cx="{:.2f}%" cy="{:.2f}%" r="{}"/>').format(look, x, y, DISC / 2 - 1)
        )
        shapes.append(
            Markup(
                '<text class="{}" x="{:.2f}%" y="{:.2f}%" dy="0.36em" text-anchor="middle">{}</text>'
            ).format(look, x, y, mark.drawn.letter)
        )
    return _over("letters", shapes)


def apart(there: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Places (n, 2) moved within the picture until no two are nearer than a letter is wide.

    >>> apart(np.array([[50.0, 50.0], [50.0, 50.0]]), np.array([300.0, 300.0])).round(1).tolist()
    [[39.5, 50.0], [60.5, 50.0]]
    """
    at = there.copy()
    for _ in range(200):
        gap = at[:, None] - at[None]
        gap[..., 0] += 1e-3 * np.sign(np.subtract.outer(np.arange(len(at)), np.arange(len(at))))
        far = np.linalg.norm(gap, axis=-1) + 1e3 * np.eye(len(at))
        if far.min(initial=DISC) >= DISC - 0.01:
            break
        push = (DISC - far).clip(0)[..., None] * gap / far[..., None]
        at = np.clip(at + 0.5 * push.sum(1), DISC / 2, size - DISC / 2)
    return at


def _name(drawn: Drawn) -> str:
    found = f": {drawn.found}" if drawn.found else ""
    return f"{drawn.label}{found}, {drawn.newtons:.0f}\u00a0N"


def _named(mark: Mark, lines: list[str], middle: float, left: bool) -> Iterable[Markup]:
    look = "found" if mark.drawn.found else ""
    edge = -BESIDE if left else 100 + BESIDE
    x = edge - 1.5 if left else edge + 1.5
    yield _line(100 * mark.x, 100 * mark.y, edge, middle, look)
    yield Markup('<circle class="{}" cx="{:.2f}%" cy="{:.2f}%" r="3"/>').format(
        look, 100 * mark.x, 100 * mark.y
    )
    first = 0.36 * 12 - LINE * (len(lines) - 1) / 2
    spans = Markup().join(
        Markup('<tspan x="{:.2f}%" dy="{:.1f}">{}</tspan>').format(x, LINE if i else first, line)
        for i, line in enumerate(lines)
    )
    yield Markup('<text class="{}" y="{:.2f}%" text-anchor="{}">{}</text>').format(
        look, middle, "end" if left else "start", spans
    )


def _line(x: float, y: float, to_x: float, to_y: float, look: str) -> Markup:
    return Markup('<line class="{}" x1="{:.2f}%" y1="{:.2f}%" x2="{:.2f}%" y2="{:.2f}%"/>').format(
        look, x, y, to_x, to_y
    )


def _over(look: str, shapes: Iterable[Markup]) -> Markup:
    return Markup('<svg class="{}" width="100%" height="100%" aria-hidden="true">{}</svg>').format(
        look, Markup().join(shapes)
    )
