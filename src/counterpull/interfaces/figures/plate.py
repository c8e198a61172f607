"""A page with a picture: a scene from one side, its muscles named in the margins, a scale bar and a legend.

Bodies are seen in true proportions. A label stands in a margin at about the height of its muscle, none over another,
and points at a place where the muscle can be seen; what cannot be seen from here is said below the picture.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from counterpull.interfaces.figures.labels import anchors, folded, spread
from counterpull.interfaces.figures.raster import Camera, Shot, take
from counterpull.interfaces.figures.scene import Scene, framed
from counterpull.interfaces.figures.style import (
    GROUPS,
    LINES,
    PICTURE_FONT,
    PICTURE_SIZES,
    group_of,
    hexed,
    on_scale,
)
from counterpull.interfaces.figures.views import VIEWS, camera

DPI = 254
WIDTH, TALLEST = 180.0, 215.0
"""Width of a page, and the most that the picture on it is high, mm."""
_MARGIN, _EDGE, _TITLE, _FOOT = 37.0, 3.0, 9.0, 15.0
_INCH = 25.4
_ROW = 3.4
"""From one line of labels to the next, mm."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What the colours of muscles mean, where they mean numbers."""

    words: str
    most: float
    unit: str


Painter = Callable[[Figure, tuple[float, float, float, float], Scene, Shot, Camera], None]
"""Puts what a camera saw into a rectangle (left, bottom, width, height; shares of the page) of a figure."""


def page(
    scene: Scene,
    view: str,
    *,
    title: str = "",
    labels: bool = True,
    words: bool = True,
    scales: Sequence[Scale] = (),
    paint: Painter | None = None,
    scale: float | None = None,
    dpi: int = DPI,
) -> Figure:
    """The page. `paint` draws the picture; a shaded one if it is left out. Without `words` nothing is written at all.

    `scale` is millimetres on the page for a metre of the body; as many as fit if it is left out.
    """
    seen_from, theme = VIEWS[view], scene.theme
    margin = _MARGIN if labels and scene.bellies else _EDGE
    extent = camera(seen_from, framed(scene, seen_from.half), 1.0)
    across, up = (b - a for a, b in zip(extent.low, extent.high, strict=True))
    per_metre = scale or min((WIDTH - 2 * margin) / across, TALLEST / up)
    resolution = per_metre / _INCH * dpi
    look = Camera(extent.axes, extent.low, extent.high, resolution, extent.cut)
    shot = take(scene.meshes(seen_from.half), look)
    wide, high = (n / dpi * _INCH for n in look.size)
    keys = _key_rows(_grouped(scene))
    foot = _FOOT + 5.0 * (len(scales) or len(keys))
    tall = high + (_TITLE if title else _EDGE) + foot
    with matplotlib.rc_context({"font.family": PICTURE_FONT}):
        figure = Figure(figsize=(WIDTH / _INCH, tall / _INCH), dpi=dpi, facecolor=theme.page)
        left = (WIDTH - wide) / 2
        box = (left / WIDTH, foot / tall, wide / WIDTH, high / tall)
        (paint or shaded)(figure, box, scene, shot, look)
        pen = figure.add_axes((0.0, 0.0, 1.0, 1.0))  # in mm
        pen.set_xlim(0, WIDTH)
        pen.set_ylim(0, tall)
        pen.set_axis_off()
        pen.set_zorder(5)
        pen.patch.set_alpha(0.0)
        hidden: list[str] = []
        if labels:
            hidden = _labels(pen, scene, shot, look, (left, foot, high))
        if title:
            pen.text(_EDGE, tall - 5.0, title, fontsize=PICTURE_SIZES["title"], color=theme.ink, va="center")
        if words:
            _foot(pen, scene, seen_from.words, per_metre, hidden, scales, keys)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a page as .png, .svg or .pdf; the same page gives the same file."""
    kind = path.suffix.lower().lstrip(".")
    if kind == "png":
        about = PngInfo()
        about.add_text("Software", "counterpull")
        pixels(figure).save(path, "png", compress_level=2, dpi=(figure.dpi, figure.dpi), pnginfo=about)
        return
    with matplotlib.rc_context({"svg.hashsalt": "counterpull", "svg.fonttype": "none"}):
        undated: dict[str, Any] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
        figure.savefig(path, format=kind, metadata=undated[kind], facecolor=figure.get_facecolor())


def pixels(figure: Figure) -> Image.Image:
    """A page as a picture."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])


def shaded(
    figure: Figure, box: tuple[float, float, float, float], scene: Scene, shot: Shot, look: Camera
) -> None:
    """The picture as it was taken, pixel by pixel."""
    width, height = (round(n * figure.dpi) for n in figure.get_size_inches())
    figure.figimage(
        shot.colour[::-1], round(box[0] * width), round(box[1] * height), origin="lower", zorder=0
    )


def _grouped(scene: Scene) -> list[str]:
    """Groups to put into a legend: where there are several, and muscles have their colours."""
    if not scene.grouped:
        return []
    groups = {group_of(scene.body.tables.muscles[belly.muscle].groups) for belly in scene.bellies}
    return [group for group in GROUPS if group in groups] if len(groups) > 1 else []


def _labels(pen, scene: Scene, shot: Shot, look: Camera, place: tuple[float, float, float]) -> list[str]:
    """Name the muscles in the margins; the names of those that are hidden."""
    table, theme = scene.body.tables.muscles, scene.theme
    places = anchors(scene, shot)
    muscles = list(dict.fromkeys(belly.muscle for belly in scene.bellies))
    both = len({belly.side for belly in scene.bellies}) == 2
    left, foot, high = place
    per_mm = pen.figure.dpi / _INCH
    margins: dict[bool, list[tuple[float, float, str, str]]] = {True: [], False: []}
    hidden = []
    middle = look.size[0] / 2
    wanted = []
    for muscle in muscles:
        copies = {side: places[muscle, side] for side in ("right", "left") if (muscle, side) in places}
        if copies:
            wanted.append((float(np.mean([xy[1] for xy in copies.values()])), muscle, copies))
        else:
            hidden.append(table[muscle].label)
    for _, muscle, copies in sorted(wanted):
        sides = {belly.side for belly in scene.bellies if belly.muscle == muscle}
        side = _one_copy(copies, middle, margins)
        x, y = copies[side]
        text = table[muscle].label + (f" ({side})" if both and len(sides) == 1 else "")
        on_left = x < middle if both else len(margins[True]) <= len(margins[False])
        at = (left + x / per_mm, foot + high - y / per_mm)
        margins[on_left].append((*at, "\n".join(folded(text, 21, 3)), scene.colours[muscle, side]))
    for on_left, rows in margins.items():
        rows.sort(key=lambda row: row[1])
        sizes = [_ROW * (1 + row[2].count("\n")) + 0.9 for row in rows]
        heights = spread([row[1] for row in rows], sizes, foot, foot + high)
        turn = _MARGIN - 1.0 if on_left else WIDTH - _MARGIN + 1.0
        for (x, y, text, colour), height in zip(rows, heights, strict=True):
            pen.plot(x, y, "o", ms=2.6, mfc=colour, mec=theme.page, mew=0.6, zorder=6)
            pen.plot([turn, x], [height, y], color=theme.page, lw=1.5, zorder=4, alpha=0.7)
            pen.plot([turn, x], [height, y], color=theme.quiet, lw=LINES["hair"], zorder=5)
            pen.plot([turn, turn + (-1.6 if on_left else 1.6)], [height, height], color=colour, lw=2.2, zorder=5,
                     solid_capstyle="butt")  # fmt: skip
            pen.text(
                turn + (-2.4 if on_left else 2.4),
                height,
                text,
                fontsize=PICTURE_SIZES["label"],
                color=theme.ink,
                ha="right" if on_left else "left",
                va="center",
                linespacing=1.15,
                zorder=6,
            )
    return hidden


def _one_copy(copies: dict[str, tuple[float, float]], middle: float, margins: Mapping[bool, list]) -> str:
    """Which side's copy of a muscle is named: the one whose margin is emptier."""
    left = len(margins[True]) <= len(margins[False])
    return min(copies, key=lambda side: (copies[side][0] - middle) * (1 if left else -1))


def _foot(
    pen,
    scene: Scene,
    words: str,
    per_metre: float,
    hidden: list[str],
    scales: Sequence[Scale],
    keys: list[list[tuple[float, str]]],
) -> None:
    """Scale bar, where it is seen from, what cannot be seen, and what colours mean."""
    theme, small = scene.theme, PICTURE_SIZES["note"]
    bar = per_metre * 0.05
    y = 9.5
    pen.plot([_EDGE, _EDGE + bar], [y, y], color=theme.ink, lw=LINES["rule"], solid_capstyle="butt")
    pen.text(_EDGE + bar + 1.5, y, f"50 mm; {words}", fontsize=small, color=theme.quiet, va="center")
    if hidden:
        text = "Not seen from here: " + ", ".join(hidden) + "."
        pen.text(
            _EDGE,
            5.5,
            "\n".join(folded(text, int(0.74 * WIDTH), 2)),
            fontsize=small,
            color=theme.quiet,
            va="top",
            linespacing=1.2,
        )
    for i, scale in enumerate(scales):
        _bar(pen, scene, scale, 13.4 + 4.6 * i)
    for i, row in enumerate(reversed(keys)):
        for x, group in row:
            colour = next(
                scene.colours[belly.muscle, belly.side]
                for belly in scene.bellies
                if group_of(scene.body.tables.muscles[belly.muscle].groups) == group
            )
            pen.add_patch(_patch(x, 13.4 + 4.6 * i, 3.0, 2.2, colour))
            pen.text(
                x + 4.0, 14.5 + 4.6 * i, GROUPS[group][0], fontsize=small, color=theme.quiet, va="center"
            )


def _key_rows(groups: list[str]) -> list[list[tuple[float, str]]]:
    """Groups in rows, each with the place where it begins, mm."""
    rows: list[list[tuple[float, str]]] = []
    x = WIDTH
    for group in groups:
        wide = 8.5 + 1.4 * len(GROUPS[group][0])
        if x + wide > WIDTH - _EDGE:
            rows.append([])
            x = _EDGE
        rows[-1].append((x, group))
        x += wide
    return rows


def _bar(pen, scene: Scene, scale: Scale, y: float) -> None:
    """The colours of a scale, from none to most."""
    n, width, small = 48, 40.0, PICTURE_SIZES["note"]
    for i in range(n):
        colour = hexed(on_scale(np.array((i + 0.5) / n), scene.theme))
        pen.add_patch(_patch(_EDGE + i * width / n, y, width / n + 0.05, 2.4, colour))
    text = f"0 to {scale.most:g}{scale.unit}, {scale.words}"
    pen.text(_EDGE + width + 2, y + 1.2, text, fontsize=small, color=scene.theme.quiet, va="center")


def _patch(x: float, y: float, width: float, height: float, colour: str):
    return Rectangle((x, y), width, height, fc=colour, ec="none")
