"""A page with a picture: a scene from one side, its muscles named in the margins, a scale bar and a legend.

Bodies are seen in true proportions. A label stands in a margin at about the height of its muscle, none over another,
and points at a place where the muscle can be seen; what cannot be seen from here is said below the picture.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from scipy.ndimage import distance_transform_edt

from counterpull.interfaces.figures.raster import Camera, Shot, take
from counterpull.interfaces.figures.scene import Scene, framed
from counterpull.interfaces.figures.style import GROUPS, LINES, PICTURE_FONT, PICTURE_SIZES, group_of
from counterpull.interfaces.figures.views import VIEWS, camera

DPI = 300
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
    scale: Scale | None = None,
    paint: Painter | None = None,
) -> Figure:
    """The page. `paint` draws the picture; a shaded one if it is left out."""
    matplotlib.use("Agg")
    seen_from, theme = VIEWS[view], scene.theme
    margin = _MARGIN if labels and scene.bellies else _EDGE
    extent = camera(seen_from, framed(scene, seen_from.half), 1.0)
    across, up = (b - a for a, b in zip(extent.low, extent.high, strict=True))
    per_metre = min((WIDTH - 2 * margin) / across, TALLEST / up)  # mm on the page
    resolution = per_metre / _INCH * DPI
    look = Camera(extent.axes, extent.low, extent.high, resolution, extent.cut)
    shot = take(scene.meshes(seen_from.half), look)
    wide, high = (n / DPI * _INCH for n in look.size)
    foot = _FOOT + (6.0 if scale or _grouped(scene) else 0.0)
    tall = high + (_TITLE if title else _EDGE) + foot
    with matplotlib.rc_context({"font.family": PICTURE_FONT}):
        figure = Figure(figsize=(WIDTH / _INCH, tall / _INCH), dpi=DPI, facecolor=theme.page)
        left = (WIDTH - wide) / 2
        box = (left / WIDTH, foot / tall, wide / WIDTH, high / tall)
        (paint or shaded)(figure, box, scene, shot, look)
        pen = figure.add_axes((0.0, 0.0, 1.0, 1.0))  # in mm
        pen.set_xlim(0, WIDTH)
        pen.set_ylim(0, tall)
        pen.set_axis_off()
        pen.patch.set_alpha(0.0)
        hidden: list[str] = []
        if labels:
            hidden = _labels(pen, scene, shot, look, left, foot, high)
        if title:
            pen.text(_EDGE, tall - 5.0, title, fontsize=PICTURE_SIZES["title"], color=theme.ink, va="center")
        _foot(pen, scene, seen_from.words, per_metre, hidden, scale)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a page as .png, .svg or .pdf; the same page gives the same file."""
    kind = path.suffix.lower()
    with matplotlib.rc_context({"svg.hashsalt": "counterpull", "svg.fonttype": "none"}):
        about = {".png": {"Software": "counterpull"}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
        more = {"pil_kwargs": {"compress_level": 4}} if kind == ".png" else {}
        figure.savefig(path, dpi=DPI, metadata=about[kind], facecolor=figure.get_facecolor(), **more)


def shaded(
    figure: Figure, box: tuple[float, float, float, float], scene: Scene, shot: Shot, look: Camera
) -> None:
    """The picture as it was taken, pixel by pixel."""
    width, height = (round(n * DPI) for n in figure.get_size_inches())
    figure.figimage(shot.colour[::-1], round(box[0] * width), round(box[1] * height), origin="lower")


def _grouped(scene: Scene) -> list[str]:
    """Groups to put into a legend: where there are several, and muscles have their colours."""
    groups = {group_of(scene.body.tables.muscles[belly.muscle].groups) for belly in scene.bellies}
    return [group for group in GROUPS if group in groups] if len(groups) > 1 else []


def _labels(
    pen, scene: Scene, shot: Shot, look: Camera, left: float, foot: float, high: float
) -> list[str]:
    """Name the muscles in the margins; the names of those that are hidden."""
    table, theme = scene.body.tables.muscles, scene.theme
    places = anchors(scene, shot)
    muscles = list(dict.fromkeys(belly.muscle for belly in scene.bellies))
    both = len({belly.side for belly in scene.bellies}) == 2
    per_mm = DPI / _INCH
    margins: dict[bool, list[tuple[float, float, str, str]]] = {True: [], False: []}
    hidden = []
    middle = look.size[0] / 2
    wanted = []
    for muscle in muscles:
        copies = {side: places[muscle, side] for side in ("right", "left") if (muscle, side) in places}
        if copies:
            wanted.append((min(xy[1] for xy in copies.values()), muscle, copies))
        else:
            hidden.append(table[muscle].label)
    for _, muscle, copies in sorted(wanted):
        sides = {belly.side for belly in scene.bellies if belly.muscle == muscle}
        lone = f" ({next(iter(sides))})" if both and len(sides) == 1 else ""
        outer = {xy[0] < middle: xy for xy in sorted(copies.values(), key=lambda xy: -abs(xy[0] - middle))}
        on_left = (
            len(margins[True]) <= len(margins[False])
            if len(outer) == 2
            else next(iter(copies.values()))[0] < middle
        )
        x, y = outer.get(on_left, next(iter(copies.values())))
        side = next(side for side, xy in copies.items() if xy == (x, y))
        text = _wrapped(table[muscle].label + lone)
        at = (left + x / per_mm, foot + high - y / per_mm)
        margins[on_left].append((*at, text, scene.colours[muscle, side]))
    for on_left, rows in margins.items():
        rows.sort(key=lambda row: row[1])
        sizes = [_ROW * (1 + row[2].count("\n")) + 0.9 for row in rows]
        heights = spread([row[1] for row in rows], sizes, foot, foot + high)
        for (x, y, text, colour), height in zip(rows, heights, strict=True):
            pen.plot(x, y, "o", ms=2.6, mfc=colour, mec=theme.page, mew=0.6, zorder=6)
            inner = left - 1.0 if on_left else WIDTH - left + 1.0
            turn = min(inner, _MARGIN - 1.0) if on_left else max(inner, WIDTH - _MARGIN + 1.0)
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


def anchors(scene: Scene, shot: Shot) -> dict[tuple[str, str], tuple[float, float]]:
    """Where on the page, pixels, each muscle and side is seen best: the middle of its widest part in sight."""
    step = max(1, min(shot.what.shape) // 260)
    coarse = shot.what[::step, ::step]
    first = int(coarse.max(initial=-1)) + 1
    out, count = {}, np.bincount(np.maximum(coarse, 0).ravel(), minlength=first)
    names = {mesh: i for i, mesh in enumerate(shot.names)}
    for belly in scene.bellies:
        i = names.get(f"{belly.muscle}_{belly.side}", -1)
        if i < 0 or i >= len(count) or count[i] < 10:
            continue
        mask = coarse == i
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        cut = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        depth = distance_transform_edt(np.pad(cut, 1))[1:-1, 1:-1]  # pyright: ignore[reportIndexIssue, reportOptionalSubscript]
        y, x = np.unravel_index(int(np.argmax(depth)), depth.shape)
        out[belly.muscle, belly.side] = (float(x + columns[0]) * step, float(y + rows[0]) * step)
    return out


def _wrapped(text: str, most: int = 21) -> str:
    """A long label in two lines."""
    if len(text) <= most:
        return text
    at = max((i for i, c in enumerate(text[: most + 2]) if c == " "), default=len(text))
    return f"{text[:at]}\n{text[at + 1 :]}"


def spread(wanted: list[float], sizes: list[float], low: float, high: float) -> list[float]:
    """Heights near the wanted ones (ascending), none nearer to the next than their sizes ask, in low..high if they fit.

    Neighbours that would overlap move together until the group sits around the mean of what its members want.

    >>> spread([1.0, 1.0], [2.0, 2.0], 0.0, 10.0)
    [1.0, 3.0]
    """
    blocks: list[tuple[float, list[int]]] = []  # middle of the first one, members
    for i in range(len(wanted)):
        blocks.append((wanted[i], [i]))
        while True:
            first, members = blocks[-1]
            offsets = _offsets(sizes, members)
            length = offsets[-1] + (sizes[members[0]] + sizes[members[-1]]) / 2
            first = float(np.mean([wanted[m] - o for m, o in zip(members, offsets, strict=True)]))
            first = max(low + sizes[members[0]] / 2, min(first, high - length + sizes[members[0]] / 2))
            blocks[-1] = (first, members)
            if len(blocks) == 1:
                break
            before, others = blocks[-2]
            gap = (sizes[others[-1]] + sizes[members[0]]) / 2
            if before + _offsets(sizes, others)[-1] + gap <= first + 1e-9:
                break
            blocks[-2:] = [(before, others + members)]
    return [
        first + offset
        for first, members in blocks
        for offset in _offsets(sizes, members)
    ]


def _offsets(sizes: list[float], members: list[int]) -> list[float]:
    """Distances of a block's members from its first."""
    out = [0.0]
    for a, b in zip(members[:-1], members[1:], strict=True):
        out.append(out[-1] + (sizes[a] + sizes[b]) / 2)
    return out


def _foot(
    pen, scene: Scene, words: str, per_metre: float, hidden: list[str], scale: Scale | None
) -> None:
    """Scale bar, where it is seen from, what cannot be seen, and what colours mean."""
    theme, small = scene.theme, PICTURE_SIZES["note"]
    bar = per_metre * 0.05
    y = 9.5
    pen.plot([_EDGE, _EDGE + bar], [y, y], color=theme.ink, lw=LINES["rule"], solid_capstyle="butt")
    pen.text(_EDGE + bar + 1.5, y, f"50 mm; {words}", fontsize=small, color=theme.quiet, va="center")
    if hidden:
        text = "Not seen from here: " + ", ".join(hidden) + "."
        pen.text(_EDGE, 5.5, _folded(text, 150), fontsize=small, color=theme.quiet, va="top", linespacing=1.2)
    if scale:
        _bar(pen, scene, scale)
    elif groups := _grouped(scene):
        x = _EDGE
        for group in groups:
            colour = next(
                scene.colours[belly.muscle, belly.side]
                for belly in scene.bellies
                if group_of(scene.body.tables.muscles[belly.muscle].groups) == group
            )
            pen.add_patch(_patch(x, 13.4, 3.0, 2.2, colour))
            pen.text(x + 4.0, 14.5, GROUPS[group][0], fontsize=small, color=theme.quiet, va="center")
            x += 6.0 + 1.19 * len(GROUPS[group][0])


def _bar(pen, scene: Scene, scale: Scale) -> None:
    """The colours of a scale, from none to most."""
    from counterpull.interfaces.figures.style import hexed, on_scale

    theme, n, width = scene.theme, 48, 50.0
    for i in range(n):
        colour = hexed(on_scale(np.array((i + 0.5) / n), theme))
        pen.add_patch(_patch(_EDGE + i * width / n, 13.4, width / n + 0.05, 2.4, colour))
    text = f"0 to {scale.most:g}{scale.unit}: {scale.words}; grey: no value"
    pen.text(
        _EDGE + width + 2, 14.6, text, fontsize=PICTURE_SIZES["note"], color=theme.quiet, va="center"
    )


def _patch(x: float, y: float, width: float, height: float, colour: str):
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), width, height, fc=colour, ec="none")


def _folded(text: str, most: int) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, most)[:2])
