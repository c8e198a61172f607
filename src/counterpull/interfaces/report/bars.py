"""Interval bars as inline SVG: a median in its 90 % interval, on an axis that a whole table shares.

Places are per cent of the width, so that a bar fills its cell on paper and on a telephone. Colours are classes of
report.css. Nothing is cut off: an axis reaches as far as the largest of its values.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from counterpull.interfaces.words.phrases import ends_of
from counterpull.interfaces.words.record import Quantity

ROOM = 1.08
"""An axis is so much longer than what it must hold."""


@dataclass(frozen=True)
class Axis:
    """A stretch of numbers across the whole width of a cell."""

    low: float
    high: float

    @classmethod
    def around(cls, values: Iterable[Quantity], least: float = 0.0) -> "Axis":
        """As far to both sides of zero as the farthest end, and at least `least`."""
        far = ROOM * max([least, 1e-9, *(abs(end) for value in values for end in ends_of(value))])
        return cls(-far, far)

    @classmethod
    def over(cls, values: Iterable[Quantity]) -> "Axis":
        """From zero, or from the lowest end where that is negative, to the highest."""
        ends = [0.0, 1e-9, *(end for value in values for end in ends_of(value))]
        low, high = min(ends), max(ends)
        room = (ROOM - 1) * (high - low)
        return cls(low - room * (low < 0), high + room)

    def at(self, value: float) -> float:
        """Where a value stands, in per cent of the width."""
        return 100 * (value - self.low) / (self.high - self.low)

    def ends(self, value: Quantity) -> tuple[float, float]:
        """Where an interval begins and ends."""
        low, high = ends_of(value)
        return self.at(low), self.at(high)


@dataclass(frozen=True)
class Bar:
    """One interval of a picture; `look` is its class."""

    value: Quantity
    look: str


@dataclass(frozen=True)
class Yardstick:
    """What imaging can just detect and the most it has found, both ways from zero."""

    detects: float
    measured: float


def bars(
    axis: Axis,
    shown: Sequence[Bar],
    title: str,
    yardstick: Yardstick | None = None,
    marked: float | None = None,
) -> Markup:
    """Bars one above the other, on the yardstick where there is one; `title` says it in words.

    `marked` is a number whose place is shown too.
    """
    height = 8 + 10 * len(shown)
    under = [] if yardstick is None else _yardstick(axis, yardstick, height)
    rows = [part for i, bar in enumerate(shown) for part in _bar(axis, bar, 9 + 10 * i)]
    lines = [upright(axis.at(0.0), 0, height, "zero")]
    if marked is not None:
        lines.append(upright(axis.at(marked), 0, height, "marked"))
    return drawing(title, height, [*under, *lines, *rows])


def ticks(axis: Axis, yardstick: Yardstick) -> Markup:
    """The numbers of a yardstick above its bars; whoever cannot see them reads them in the legend."""
    detects, measured = yardstick.detects, yardstick.measured
    shown = [
        (-measured, "tick", "start"),
        (-detects, "tick minor", "middle"),
        (0.0, "tick major", "middle"),
        (detects, "tick minor", "middle"),
        (measured, "tick", "end"),
    ]
    marks = [
        words_at(axis.at(at), 12, f"{at:g}".replace("-", "−"), look, anchor) for at, look, anchor in shown
    ]
    return Markup('<svg class="chart" width="100%" height="16" aria-hidden="true">{}</svg>').format(
        Markup().join(marks)
    )


def drawing(title: str, height: int, shapes: Iterable[Markup], description: str = "") -> Markup:
    """An SVG as wide as its place; whoever cannot see it hears title and description."""
    told = Markup("<desc>{}</desc>").format(description) if description else Markup()
    return Markup(
        '<svg class="chart" role="img" width="100%" height="{}"><title>{}</title>{}{}</svg>'
    ).format(height, title, told, Markup().join(shapes))


def block(left: float, right: float, top: float, height: float, look: str, round_: float = 0) -> Markup:
    """A rectangle between two places in per cent; never thinner than can be seen."""
    width = max(right - left, 0.4)
    corner = Markup(' rx="{}"').format(round_) if round_ else Markup()
    return Markup('<rect class="{}" x="{}%" y="{}" width="{}%" height="{}"{}/>').format(
        look, _short(left), _short(top), _short(width), _short(height), corner
    )


def upright(place: float, top: float, bottom: float, look: str) -> Markup:
    """A vertical line at a place in per cent."""
    x = _short(place)
    return Markup('<line class="{}" x1="{}%" x2="{}%" y1="{}" y2="{}"/>').format(
        look, x, x, _short(top), _short(bottom)
    )


def dot(place: float, y: float, look: str, radius: float = 3) -> Markup:
    """A dot at a place in per cent."""
    return Markup('<circle class="{}" cx="{}%" cy="{}" r="{}"/>').format(
        look, _short(place), _short(y), _short(radius)
    )


def words_at(place: float, y: float, text: str, look: str = "", anchor: str = "middle") -> Markup:
    """Words at a place in per cent."""
    return Markup('<text class="{}" x="{}%" y="{}" text-anchor="{}">{}</text>').format(
        look, _short(place), _short(y), anchor, escape(text)
    )


def _bar(axis: Axis, bar: Bar, middle: float) -> list[Markup]:
    if bar.value["median"] is None:
        return []
    left, right = axis.ends(bar.value)
    return [
        block(left, right, middle - 2, 4, f"bar {bar.look}", 2),
        dot(axis.at(bar.value["median"]), middle, f"dot {bar.look}"),
    ]


def _yardstick(axis: Axis, yardstick: Yardstick, height: float) -> list[Markup]:
    detects, measured = yardstick.detects, yardstick.measured
    return [
        block(axis.at(-measured), axis.at(measured), 0, height, "measured"),
        block(axis.at(-detects), axis.at(detects), 0, height, "unseen"),
    ]


def _short(value: float) -> str:
    """A place with two digits at most.

    >>> _short(12.0), _short(3.14159)
    ('12', '3.14')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")
