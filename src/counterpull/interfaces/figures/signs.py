"""The sign of each motion of a hip bone on the sacrum, as a picture: the bone before in grey, after in colour.

Bones of the model skeleton, outlined through landmarks and muscle attachments, in true proportions; the motions
are far larger than any real one. docs/explanation/conventions.md shows it. To draw that file again:

    import matplotlib
    from counterpull.interfaces.figures.signs import CONVENTION, draw_signs

    with matplotlib.rc_context({"svg.hashsalt": CONVENTION, "svg.fonttype": "none"}):
        draw_signs().savefig("docs/explanation/signs.svg", metadata={"Date": None})
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from scipy.interpolate import CubicSpline
from scipy.spatial.transform import Rotation

from counterpull.anatomy.body import Body, reference
from counterpull.anatomy.scaling import Floats

CONVENTION = "counterpull.pelvis/1"
TURN, SHIFT = np.deg2rad(14.0), 16e-3
"""How far the picture moves the bone: radians, metres."""


@dataclass(frozen=True, kw_only=True)
class Sign:
    """A positive motion of the right innominate on the sacrum: along and about P, at the centre of its joint."""

    name: str
    """As in mechanics.readings.SHIFTS."""
    words: str
    view: str
    turn: tuple[int, int, int] = (0, 0, 0)
    shift: tuple[int, int, int] = (0, 0, 0)
    shown: tuple[tuple[str, str, tuple[int, int]], ...]
    """Places whose way is drawn as an arrow, what to call them, and where the name stands, in points."""

    @property
    def axis(self) -> str:
        """Axis of P that the motion is along or about, with its direction."""
        kind, vector = ("about", self.turn) if any(self.turn) else ("along", self.shift)
        return f"{kind} {'-' if sum(vector) < 0 else '+'}{'xyz'[int(np.flatnonzero(vector)[0])]}"


SIGNS = (
    Sign(
        name="sagittal_rotation",
        words="anterior (crest forward)",
        view="side",
        turn=(0, 0, -1),
        shown=(
            ("iliac_crest_highest", "crest", (-12, 9)),
            ("ischial_tuberosity_inferior", "tuberosity", (22, -9)),
        ),
    ),
    Sign(
        name="frontal_rotation",
        words="crest outward, tuberosity inward",
        view="front",
        turn=(1, 0, 0),
        shown=(
            ("iliac_crest_highest", "crest", (14, 8)),
            ("ischial_tuberosity_inferior", "tuberosity", (-22, -9)),
        ),
    ),
    Sign(
        name="axial_rotation",
        words="outflare (ASIS outward)",
        view="top",
        turn=(0, -1, 0),
        shown=(("asis", "ASIS", (4, 10)), ("psis", "PSIS", (18, -6))),
    ),
    Sign(
        name="superior_shift",
        words="up (upslip)",
        view="front",
        shift=(0, 1, 0),
        shown=(
            ("iliac_crest_highest", "crest", (14, -9)),
            ("ischial_tuberosity_inferior", "tuberosity", (-6, -10)),
        ),
    ),
    Sign(
        name="anterior_shift",
        words="forward",
        view="side",
        shift=(1, 0, 0),
        shown=(("asis", "ASIS", (-8, -10)), ("psis", "PSIS", (-15, 6))),
    ),
    Sign(
        name="lateral_shift",
        words="away from the midline",
        view="top",
        shift=(0, 0, 1),
        shown=(("asis", "ASIS", (-6, 10)), ("psis", "PSIS", (-16, -6))),
    ),
)

# Across and up on the page, as axes of P with their sign; the middle of the page, mm; where it is seen from.
_VIEWS = {
    "side": ((0, 1), (1, 1), (-70, -26), "from the right"),
    "front": ((2, -1), (1, 1), (0, -26), "from the front: the right side is on the left"),
    "top": ((2, 1), (0, 1), (8, -66), "from above"),
}
# Outlines of right halves: landmarks, attachments of muscle elements, and mm drawn by eye as x/y/z.
_CREST = "tensor_fasciae_latae external_oblique_5 external_oblique_6 iliac_crest_highest internal_oblique_6"
_HIP_BONE = {
    "side": (
        "asis 3/22/122 iliac_crest_anterior_quarter internal_oblique_3 iliac_crest_tubercle iliac_crest_highest "
        "quadratus_lumborum_iliac2_l4 iliac_crest_posterior iliocostalis_thoracis_rib8 iliocostalis_lumborum_l2 "
        "psis -131/0/43 piis -105/-27/50 greater_sciatic_notch_apex -90/-45/55 -99/-62/48 ischial_spine "
        "lesser_sciatic_notch -106/-100/57 ischial_tuberosity_posterior semitendinosus quadratus_femoris "
        "ischial_tuberosity_inferior adductor_magnus_middle adductor_magnus_proximal -18/-97/8 -4/-86/6 "
        "pubic_tubercle -13/-71/45 iliopubic_eminence -24/-48/85 aiis -19/-27/100 -16/-16/106"
    ),
    "front": (
        "asis tensor_fasciae_latae iliac_crest_anterior_quarter -40/71/109 iliac_crest_tubercle "
        "iliac_crest_highest quadratus_lumborum_iliac3_l1 iliac_crest_posterior -128/45/41 psis -130/0/42 piis "
        "greater_sciatic_notch_apex -95/-50/52 ischial_spine -60/-74/38 pubic_tubercle -8/-77/14 -4/-76/4 "
        "-14/-92/3 -26/-106/4 adductor_magnus_proximal adductor_magnus_middle ischial_tuberosity_inferior "
        "quadratus_femoris -100/-124/57 ischial_tuberosity_posterior -102/-99/64 -72/-100/80 -62/-86/95 "
        "-50/-60/101 -35/-48/99 aiis sartorius"
    ),
    "top": (
        "asis tensor_fasciae_latae external_oblique_5 external_oblique_6 -70/0/98 -84/-75/88 "
        "iliac_crest_posterior iliocostalis_thoracis_rib8 -131/45/46 psis -134/25/37 -122/30/35 ischial_spine "
        "-93/-120/41 ischial_tuberosity_inferior adductor_magnus_middle adductor_magnus_proximal -26/-106/4 "
        "-14/-92/3 -3/-77/4 pubic_tubercle -14/-71/45 psoas_l1_body -14/-50/77 aiis sartorius"
    ),
}
_HOLE = "-28/-93/26 -38/-88/46 -55/-94/56 -75/-104/54 -77/-114/46 -56/-114/36 -38/-106/23"
_INNER = {  # Lines on the bone: gluteal line and ear of the joint; brim; crest and brim.
    "side": ("-35/35/118 -58/22/100 -78/0/80 greater_sciatic_notch_apex",),
    "front": ("sij_centre -85/0/58 -55/-38/66 iliopubic_eminence -14/-71/45 pubic_tubercle",),
    "top": (
        f"asis {_CREST} iliac_crest_posterior iliocostalis_thoracis_rib8 psis",
        "sij_centre -85/0/57 -55/-38/66 iliopubic_eminence -14/-71/45 pubic_tubercle",
    ),
}
_SACRUM = {
    "side": (
        "sacral_promontory s1_endplate_posterior -105/57/0 -122/52/0 -134/28/0 -146/12/0 -150/-8/0 -147/-25/0 "
        "-140/-40/0 sacrum_inferolateral_angle -142/-70/0 -138/-86/0 coccyx_tip -131/-80/0 -131/-60/0 -126/-38/0 "
        "-112/-12/0 -92/12/0"
    ),
    "front": (
        "s1_endplate_posterior -92/55/14 -100/60/21 sacral_ala_top -92/56/41 sij_centre -112/8/40 -124/-20/30 "
        "sacrum_inferolateral_angle s5_lateral_margin -136/-82/7 coccyx_tip"
    ),
    "top": "sacral_promontory -70/42/22 -84/55/32 -90/54/43 sij_centre -122/25/30 -135/20/26 -142/5/14 -149/0/0",
}
_FORAMINA = ("-95/11/17", "-112/-6/15.5", "-122/-24/14", "-130/-40/12")
_BONE, _FAR, _BEFORE, _AFTER, _INK = "#9a917f", "#cdc6b8", "#8d8d8d", "#C2500A", "#222222"
_PALE, _GREY, _WARM = "#f6f2e9", "#e4e4e4", "#F5A45D"


def draw_signs() -> Figure:
    """A figure of six panels in the order of SIGNS: what is positive, far exaggerated."""
    body = reference()
    figure = Figure(figsize=(11, 9.2), dpi=130, facecolor="white")
    title = "Right innominate on the sacrum: the positive sign of each motion"
    figure.text(0.5, 0.975, title, fontsize=14, ha="center", color=_INK)
    note = (
        f"Exaggerated: {np.rad2deg(TURN):.0f} deg and {SHIFT * 1e3:.0f} mm. Grey: before; colour: after; "
        f"dot: centre of the joint. On the left: the mirror image, same words and signs. Convention {CONVENTION}."
    )
    figure.text(0.5, 0.953, note, fontsize=8.2, ha="center", color="#555555")
    for i, sign in enumerate(SIGNS):
        row, column = divmod(i, 3)
        _panel(figure.add_axes((0.01 + 0.33 * column, 0.48 - 0.475 * row, 0.32, 0.455)), body, sign)
    return figure


def moved(body: Body, sign: Sign, points: Floats, part: float = 1.0) -> Floats:
    """Points (..., 3) of the right innominate after a `part` of the picture's motion, metres."""
    centre = body.landmarks["sij_centre_right"]
    turn = Rotation.from_rotvec(np.array(sign.turn) * TURN * part)
    return turn.apply(points - centre) + centre + np.array(sign.shift) * SHIFT * part


def _panel(axes, body: Body, sign: Sign) -> None:
    across, up, middle, seen = _VIEWS[sign.view]

    def flat(points: Floats) -> Floats:
        return points[..., [across[0], up[0]]] * (across[1] * 1e3, up[1] * 1e3)

    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_xlim(middle[0] - 145, middle[0] + 145)
    axes.set_ylim(middle[1] - 171, middle[1] + 171)
    bone = _smooth(_points(body, _HIP_BONE[sign.view]))
    if sign.view != "side":
        _other_side(axes, body, sign, flat, bone)
    _hip_bone(axes, body, sign, flat, bone, 0, 2)
    _sacrum(axes, body, sign.view, flat)
    _hip_bone(axes, body, sign, flat, bone, 1, 4)
    axes.plot(
        *flat(body.landmarks["sij_centre_right"]), "o", ms=4.5, mfc="white", mec=_INK, mew=1.0, zorder=7
    )
    for name, label, offset in sign.shown:
        _arrow(axes, body, sign, flat, name, label, offset)
    _frame(axes, sign.view)
    lines = (
        (0.96, f"{sign.name.replace('_', ' ')} +", {"fontsize": 13, "weight": "bold"}),
        (0.915, sign.words, {"fontsize": 11, "color": _AFTER}),
        (0.01, f"{sign.axis}; seen {seen}", {"fontsize": 8, "color": "#666666"}),
    )
    for height, line, style in lines:
        axes.text(0.5, height, line, transform=axes.transAxes, ha="center", **style)


def _frame(axes, view: str) -> None:
    """Two axes of P in a corner."""
    across, up, middle, _ = _VIEWS[view]
    corner = np.add(middle, (-138 * across[1], -140))
    for way, name in (((across[1], 0), "xyz"[across[0]]), ((0, up[1]), "xyz"[up[0]])):
        tip = corner + 26 * np.array(way)
        axes.annotate("", tip, corner, arrowprops={"arrowstyle": "->", "color": "#888888", "lw": 0.9})
        axes.text(*(corner + 32 * np.array(way)), name, fontsize=8, color="#888888", ha="center", va="center")


def _other_side(axes, body: Body, sign: Sign, flat, bone: Floats) -> None:
    """The left hip bone, which stays where it is."""
    mirror = np.array([1.0, 1.0, -1.0])
    axes.fill(*flat(bone * mirror).T, fc=_PALE, ec=_FAR, lw=1.0, zorder=0)
    for line in _INNER[sign.view]:
        axes.plot(*flat(_smooth(_points(body, line), False) * mirror).T, color=_FAR, lw=0.8, zorder=0)
    if sign.view == "front":
        for ring, face in ((_smooth(_points(body, _HOLE)), "white"), (_acetabulum(body), _PALE)):
            axes.fill(*flat(ring * mirror).T, fc=face, ec=_FAR, lw=0.8, zorder=0)


def _hip_bone(axes, body: Body, sign: Sign, flat, bone: Floats, part: int, level: int) -> None:
    """The right hip bone before (0) or after (1) the motion, with its socket and the obturator foramen."""
    face, edge = ((_GREY, _BEFORE), (_WARM, _AFTER))[part]

    def fill(ring: Floats, colour: str, alpha: float, width: float) -> None:
        at = flat(moved(body, sign, ring, part))
        axes.fill(*at.T, fc=to_rgba(colour, alpha), ec=edge, lw=width, zorder=level)

    fill(bone, face, 0.42 if part else 1.0, 1.5 if part else 1.1)
    if sign.view != "top":
        fill(_smooth(_points(body, _HOLE)), "white", 0.75, 0.9)
        fill(_acetabulum(body), face, 0.6 if part else 0.9, 0.9)
    for line in _INNER[sign.view]:
        at = flat(moved(body, sign, _smooth(_points(body, line), False), part))
        axes.plot(*at.T, color=edge, lw=0.8, alpha=0.8, zorder=level)


def _sacrum(axes, body: Body, view: str, flat) -> None:
    """The sacrum: in front of the grey bone, except from the right, where it lies behind it."""
    half = _points(body, _SACRUM[view])
    if view != "side":
        half = np.vstack([half, (half[1:-1] * [1, 1, -1])[::-1]])
    outline = flat(_smooth(half))
    behind = view == "side"
    axes.fill(*outline.T, fc=_PALE, ec=_BONE, lw=1.3, zorder=1 if behind else 3, alpha=0.93)
    if behind:
        axes.plot(*np.vstack([outline, outline[:1]]).T, color="#6d6453", lw=0.9, ls=(0, (4, 3)), zorder=5)
    else:
        t = np.linspace(0, 2 * np.pi, 40)[:, None]
        front, back = _points(body, "sacral_promontory s1_endplate_posterior")
        centre = 0.5 * (front + back)
        plate = centre + np.cos(t) * (front - centre) + np.sin(t) * np.array([0.0, 0.0, 0.024])
        axes.plot(*flat(plate).T, color=_BONE, lw=1.0, zorder=3.1)
    for spot in _FORAMINA if view == "front" else ():
        for mirror in (1, -1):
            at = flat(_points(body, spot)[0] * [1, 1, mirror])
            axes.plot(*at, "o", ms=3.6, mfc="#d8cfbd", mec=_BONE, mew=0.7, zorder=3.1)
    x, y, side = {"side": (-153, -52, "right"), "front": (0, 26, "center"), "top": (0, -112, "center")}[view]
    axes.text(x, y, "sacrum", fontsize=8, color="#6d6453", ha=side, va="center", zorder=3.2)


def _acetabulum(body: Body) -> Floats:
    """The rim of the hip socket: a circle that faces outward, downward and forward."""
    out = np.array([0.25, -0.6, 0.76])
    first = np.cross(out, [1.0, 0.0, 0.0])
    first /= np.linalg.norm(first)
    second = np.cross(out, first)
    t = np.linspace(0, 2 * np.pi, 40)[:, None]
    centre = body.landmarks["hip_centre_right"] + 0.006 * out
    return centre + 0.025 * (np.cos(t) * first + np.sin(t) * second)


def _arrow(axes, body: Body, sign: Sign, flat, name: str, label: str, offset: tuple[int, int]) -> None:
    """The way of a place from before to after, with its name `offset` points from its start."""
    start = body.landmarks[f"{name}_right"]
    way = flat(np.array([moved(body, sign, start, t) for t in np.linspace(0, 1, 21)]))
    head = {"arrowstyle": "-|>", "color": _INK, "lw": 1.8, "mutation_scale": 13, "shrinkA": 0, "shrinkB": 0}
    axes.plot(*way[:-3].T, color=_INK, lw=1.8, zorder=6)
    axes.annotate("", way[-1], way[-6], zorder=6, arrowprops=head)
    axes.plot(*way[0], "o", ms=3.5, color=_INK, zorder=6)
    text = {"xytext": offset, "textcoords": "offset points", "ha": "center", "va": "center"}
    axes.annotate(label, way[0], fontsize=8.5, color=_INK, zorder=8, **text)


def _points(body: Body, names: str) -> Floats:
    """Places on the bone (K, 3), metres."""
    out = []
    for name in names.split():
        if "/" in name:
            out.append(np.array([float(part) for part in name.split("/")]) * 1e-3)
        elif name in body.tables.landmarks:
            out.append(body.tables.landmarks[name].at)
        else:
            path = body.tables.elements[name].path
            out.append(next(point.at for point in path if point.body == "innominate"))
    return np.array(out)


def _smooth(corners: Floats, closed: bool = True) -> Floats:
    """A spline through the corners."""
    ring = np.vstack([corners, corners[:1]]) if closed else corners
    t = np.concatenate([[0], np.cumsum(np.sqrt(np.linalg.norm(np.diff(ring, axis=0), axis=1) + 1e-9))])
    spline = CubicSpline(t, ring, bc_type="periodic" if closed else "natural")
    return spline(np.linspace(0, t[-1], 3 * len(ring) + 12))
