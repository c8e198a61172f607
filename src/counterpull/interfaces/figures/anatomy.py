"""Muscle paths over a line drawing of the pelvis: good enough to check the anatomy by eye.

True proportions, no perspective. Muscles are coloured one by one (a colour-blind safe cycle), as thick as
the root of their cross-section; labels stand in the margins in the order of their muscles.
"""

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from counterpull.anatomy.body import Body
from counterpull.anatomy.courses import placed_landmarks, polylines
from counterpull.anatomy.posture import Posture
from counterpull.anatomy.scaling import Floats

# Across, up and toward the viewer, as axes of P with their sign. Seen from the front, right is on the left.
_VIEWS = {
    "front": ((2, -1), (1, 1), (0, 1)),
    "back": ((2, 1), (1, 1), (0, -1)),
    "right": ((0, 1), (1, 1), (2, 1)),
    "left": ((0, -1), (1, 1), (2, -1)),
    "top": ((2, 1), (0, 1), (1, 1)),
}
# Okabe & Ito, with three more that differ in lightness.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A3E9D", "#8C6D1F", "#B22222")
_BONE, _BONE_FAR, _FILL, _INK = "#a39b8b", "#cfc8ba", "#f3efe6", "#222222"

_HIP_BONE = (
    "asis iliac_crest_anterior_quarter iliac_crest_tubercle iliac_crest_highest iliac_crest_posterior psis piis "
    "greater_sciatic_notch_apex ischial_spine lesser_sciatic_notch ischial_tuberosity_posterior "
    "ischial_tuberosity_inferior pubic_symphysis_centre pubic_tubercle iliopubic_eminence aiis"
).split()
_SACRUM = (
    "sacral_promontory sacral_ala_top_right sij_centre_right sacrum_inferolateral_angle_right s5_lateral_margin_right "
    "coccyx_tip s5_lateral_margin_left sacrum_inferolateral_angle_left sij_centre_left sacral_ala_top_left"
).split()
_SPINE = tuple(f"l{level}_vertebral_centre" for level in (5, 4, 3, 2, 1))
# Landmarks to name, and where their label stands, in points.
_NAMED = {
    "asis": ("ASIS", (5, -9)),
    "psis": ("PSIS", (5, -9)),
    "sij_centre": ("SI joint", (4, 4)),
    "hip_centre": ("hip", (4, 4)),
    "pubic_tubercle": ("pubis", (4, 4)),
    "ischial_tuberosity_inferior": ("sit bone", (4, -9)),
    "greater_trochanter": ("trochanter", (4, -9)),
}


def draw(body: Body, elements: Sequence[str], *, view: str, posture: Posture, title: str = "") -> Figure:
    """A figure of `elements` (ids with side) in one of the views front, back, right, left, top."""
    matplotlib.use("Agg")
    across, up, toward = _VIEWS[view]

    def flat(x: Floats) -> Floats:
        return np.asarray(x)[..., [across[0], up[0]]] * (across[1] * 1e3, up[1] * 1e3)

    def near(x: Floats) -> float:
        return float(np.asarray(x)[..., toward[0]].mean()) * toward[1]

    marks, lines = placed_landmarks(body, posture), polylines(body, posture)
    chosen = {name: lines[name] for name in elements}
    low, high = _extent([flat(line) for line in chosen.values()], marks, flat)
    width, height = high - low
    figure = Figure(
        figsize=(9, float(np.clip(9 * height / width, 4.5, 14)) + 0.5), dpi=160, facecolor="white"
    )
    axes = figure.add_axes((0.0, 0.0, 1.0, 0.95))
    axes.set_aspect("equal")
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], high[1])
    axes.set_axis_off()
    _bones(axes, marks, flat, near)
    colours = _colour_by_muscle(body, elements)
    area = dict(zip(body.elements, body.mean.pcsa[0], strict=True))
    for name, line in sorted(chosen.items(), key=lambda item: near(item[1])):
        thick = float(np.clip(0.9 * np.sqrt(area[name] * 1e4), 0.7, 5.0))
        xy, colour = flat(line), colours[_muscle(body, name)]
        axes.plot(
            xy[:, 0], xy[:, 1], color="white", lw=thick + 1.2, alpha=0.7, solid_capstyle="round", zorder=3
        )
        axes.plot(xy[:, 0], xy[:, 1], color=colour, lw=thick, solid_capstyle="round", zorder=3)
        axes.plot(*xy[[0, -1]].T, ls="", marker="o", ms=2.2, color=_INK, alpha=0.7, zorder=3)
    _labels(axes, body, chosen, colours, flat)
    _legend(axes, view)
    figure.text(0.02, 0.965, title, fontsize=13, color=_INK, va="center")
    return figure


def _bones(axes, marks: dict[str, Floats], flat, near) -> None:
    """Outlines through the landmarks, the farther side first and paler."""
    order = sorted(("right", "left"), key=lambda side: near(marks[f"asis_{side}"]))
    level = abs(near(marks["asis_right"]) - near(marks["asis_left"])) < 1e-6
    sacrum = np.array([marks[name] for name in _SACRUM])
    behind = near(sacrum) < near(np.array([marks["pubic_symphysis_centre"], marks["asis_right"]]))
    if behind:
        _bone(axes, flat(sacrum), False)
    for side in order:
        far = side == order[0] and not level
        thigh = flat(
            np.array(
                [
                    _mark(marks, name, side)
                    for name in ("hip_centre", "greater_trochanter", "lesser_trochanter")
                ]
            )
        )
        shaft = flat(np.array([_mark(marks, "lesser_trochanter", side), _mark(marks, "knee_centre", side)]))
        axes.plot(shaft[:, 0], shaft[:, 1], color=_BONE, lw=15, solid_capstyle="round", zorder=0)
        axes.plot(shaft[:, 0], shaft[:, 1], color=_FILL, lw=13, solid_capstyle="round", zorder=0)
        _bone(axes, thigh, far, smooth=False)
        axes.add_patch(_circle(flat(_mark(marks, "hip_centre", side)), 23))
        _bone(axes, flat(np.array([_mark(marks, name, side) for name in _HIP_BONE])), far)
    if not behind:
        _bone(axes, flat(sacrum), False)
    low, high = axes.get_ylim()
    for name in _SPINE:
        if not low + 12 < flat(marks[name])[1] < high - 12:
            continue
        axes.plot(*flat(marks[name]), ls="", marker="s", ms=13, mfc=_FILL, mec=_BONE, mew=1.2, zorder=1)
    for name, (label, offset) in _NAMED.items():
        xy = flat(marks[f"{name}_{order[-1]}"])
        axes.plot(*xy, ls="", marker="+", ms=6, color=_INK, mew=0.9, zorder=4)
        axes.annotate(label, xy, offset, textcoords="offset points", fontsize=7, color="#4b463c", zorder=5)


def _mark(marks: dict[str, Floats], name: str, side: str) -> Floats:
    """A landmark of one side, or of the midline."""
    return marks[name if name in marks else f"{name}_{side}"]


def _bone(axes, corners: Floats, far: bool, smooth: bool = True) -> None:
    """A closed, filled outline; a periodic spline through the corners."""
    from scipy.interpolate import CubicSpline

    ring = np.vstack([corners, corners[:1]])
    if smooth:
        t = np.concatenate([[0], np.cumsum(np.sqrt(np.linalg.norm(np.diff(ring, axis=0), axis=1) + 1e-6))])
        ring = CubicSpline(t, ring, bc_type="periodic")(np.linspace(0, t[-1], 240))
    axes.fill(ring[:, 0], ring[:, 1], fc=_FILL, ec=_BONE_FAR if far else _BONE, lw=1.3, alpha=0.75, zorder=1)


def _circle(centre: Floats, radius: float):
    from matplotlib.patches import Circle

    return Circle(tuple(centre), radius, fc=_FILL, ec=_BONE, lw=1.0, zorder=0.5)


def _muscle(body: Body, element: str) -> str:
    return body.tables.elements[element.rsplit("_", 1)[0]].muscle


def _colour_by_muscle(body: Body, elements: Sequence[str]) -> dict[str, str]:
    muscles = list(dict.fromkeys(_muscle(body, element) for element in elements))
    return {muscle: _COLOURS[i % len(_COLOURS)] for i, muscle in enumerate(muscles)}


def _extent(drawn: list[Floats], marks: dict[str, Floats], flat) -> tuple[Floats, Floats]:
    """Lower left and upper right corner: the pelvis and the muscles, and room for labels on both sides."""
    pelvis = ("asis", "psis", "ischial_tuberosity_inferior", "iliac_crest_highest", "greater_trochanter")
    bony = [flat(marks[f"{name}_{side}"]) for name in pelvis for side in ("right", "left")]
    everything = np.vstack([*drawn, np.array(bony)])
    low, high = everything.min(0) - 20, everything.max(0) + 15
    room = 0.28 * max(high[0] - low[0], 0.55 * (high[1] - low[1]))
    return low - np.array([room, 12.0]), high + np.array([room, 0.0])


def _labels(axes, body: Body, chosen: dict[str, Floats], colours: dict[str, str], flat) -> None:
    """One label per muscle in a margin, spread so that none overlaps another.

    Where a muscle is drawn on both sides, the label points at the copy nearer to its margin.
    """
    sides = {name.rsplit("_", 1)[1] for name in chosen}
    anchors: dict[str, dict[str, list[Floats]]] = {}
    for name, line in chosen.items():
        copies = anchors.setdefault(_muscle(body, name), {})
        copies.setdefault(name.rsplit("_", 1)[1], []).append(flat(line))
    (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
    middle = float(
        np.mean([_middle_of(line)[0] for c in anchors.values() for ls in c.values() for line in ls])
    )
    margins: dict[bool, list[tuple[Floats, str, str]]] = {True: [], False: []}
    for muscle, copies in anchors.items():
        points = {side: _middle_of(lines[len(lines) // 2]) for side, lines in copies.items()}
        apart = len(points) == 2 and abs(points["right"][0] - points["left"][0]) > 1
        to_left = (
            len(margins[True]) <= len(margins[False]) if apart else next(iter(points.values()))[0] < middle
        )
        anchor = (min if to_left else max)(points.values(), key=lambda x: x[0])
        lone = "" if len(points) == len(sides) == 2 else f" ({next(iter(points))})"
        margins[bool(to_left)].append((anchor, body.tables.muscles[muscle].label + lone, colours[muscle]))
    for is_left, labels in margins.items():
        labels.sort(key=lambda item: item[0][1])
        step = (y1 - y0) / max(26.0, len(labels) + 2)
        heights = _spread([float(anchor[1]) for anchor, _, _ in labels], step, y0 + 2 * step, y1 - step)
        x = x0 + 0.012 * (x1 - x0) if is_left else x1 - 0.012 * (x1 - x0)
        for (anchor, label, colour), y in zip(labels, heights, strict=True):
            axes.annotate(
                label,
                tuple(anchor),
                (x, y),
                fontsize=8,
                color=colour,
                ha="left" if is_left else "right",
                va="center",
                arrowprops={"arrowstyle": "-", "lw": 0.6, "color": colour, "alpha": 0.7, "shrinkA": 1},
                annotation_clip=False,
                zorder=6,
            )


def _middle_of(line: Floats) -> Floats:
    """The point halfway along a polyline."""
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    along = np.concatenate([[0], np.cumsum(steps)])
    return np.array([np.interp(along[-1] / 2, along, line[:, k]) for k in (0, 1)])


def _spread(wanted: list[float], step: float, low: float, high: float) -> list[float]:
    """Heights near the wanted ones (ascending) and at least a step apart, inside low..high where they fit."""
    out: list[float] = []
    for y in wanted:
        out.append(max(y, out[-1] + step) if out else max(y, low))
    ceiling = high
    for i in range(len(out) - 1, -1, -1):
        out[i] = min(out[i], ceiling)
        ceiling = out[i] - step
    return out


def _legend(axes, view: str) -> None:
    text = {
        "front": "seen from the front: the right side is on the left",
        "back": "seen from behind: the right side is on the right",
        "right": "seen from the right: the front is on the right",
        "left": "seen from the left: the front is on the left",
        "top": "seen from above: the front is at the top, the right side on the right",
    }[view]
    x0, y0 = axes.get_xlim()[0], axes.get_ylim()[0]
    axes.plot([x0 + 10, x0 + 60], [y0 + 8, y0 + 8], color=_INK, lw=1.5)
    axes.text(x0 + 66, y0 + 8, f"50 mm; {text}", fontsize=7.5, va="center", color=_INK)
