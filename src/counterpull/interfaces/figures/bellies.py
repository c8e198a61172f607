"""Muscles as bodies: what fills the space along their courses, as thick as their cross-sections say.

A muscle element is a line with an area (PCSA) and a fibre length; together they are a volume, and the volume stays when
a posture stretches or shortens the muscle: between its tendons, whose length stays too, it gets thinner or thicker.
Elements that lie side by side are one sheet (the parts of gluteus medius); the psoas gathers its slips on the way
down; the back extensors and quadratus lumborum are bundles of strands. Where a muscle lies on bone it rests on it:
its middle is lifted off the surface by half its thickness. This is for the eye: the mechanics knows lines only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from counterpull.anatomy.body import Body
from counterpull.anatomy.courses import polylines
from counterpull.anatomy.posture import Posture
from counterpull.anatomy.scaling import Floats
from counterpull.interfaces.figures.ground import Ground, hull
from counterpull.interfaces.figures.solids import Solid, joined, swept, unit, vertex_normals

STATIONS, ACROSS = 40, 9
"""Cross-sections along a muscle; places across a sheet's face."""
BUNDLES = ("psoas_major", "biceps_femoris_long_head")
"""Muscles whose elements join one after the other into one belly."""
STRANDS = ("multifidus",)
"""Muscles whose elements stay apart."""
PARTS = {
    "quadratus_lumborum": ("12",),
    "longissimus_thoracis": ("_t",),
}
"""Muscles that are two sheets: the elements whose names hold one of these, and the others."""
FLAT = {
    "rectus_abdominis": 4.5,
    "sartorius": 2.4,
    "gracilis": 3.0,
    "pectineus": 2.4,
    "quadratus_femoris": 3.0,
    "tensor_fasciae_latae": 2.2,
    "piriformis": 2.0,
    "obturator_internus": 3.0,
    "pubococcygeus": 3.5,
    "iliococcygeus": 4.0,
}
"""Width over thickness of muscles that are one element, as in life, by eye; others have 1.7."""
FLESHY = {"rectus_abdominis": 0.94}
"""Share of its course that is flesh, of a muscle whose fibres are shorter than it because tendons interrupt it."""
FACING = {"pubococcygeus": (0.0, 1.0, 0.0), "iliococcygeus": (0.0, 1.0, 0.3)}
"""Which way the face of a flat muscle looks that lies on no bone, right side."""
LAYERS = {
    "transversus_abdominis": 0.0,
    "internal_oblique": 6e-3,
    "rectus_abdominis": 12e-3,
    "external_oblique": 10e-3,
}
"""The abdominal wall, inside to outside: height above what the abdomen holds, m, by eye."""
OVER_RIBS = ("latissimus_dorsi", "external_oblique")
"""Muscles that lie over the rib cage and over the gaps between its ribs."""
FOOTPRINTS = {
    "gluteus_medius": (0.032, 1.0),
    "gluteus_minimus": (0.012, 0.9),
    "iliacus": (0.034, 0.4),
}
"""Muscles that arise from a broad face of bone, of which the model knows the middle: how far the drawn muscle reaches
beyond its origin, m, and how much of the gap between elements it fills beyond the outer ones, by eye."""
_THIN = 0.7e-3
"""No sheet and no tendon is drawn with less than half this thickness, m."""


@dataclass(frozen=True, slots=True)
class Belly:
    """The surface of one muscle of one side, where it is, metres in P."""

    muscle: str
    side: str
    vertices: Floats
    """(n, 3)"""
    faces: np.ndarray
    """(m, 3), outward."""
    normals: Floats
    """(n, 3)"""
    tendon: Floats
    """(n,) 1 where it is tendon, 0 where it is flesh."""
    fibre: Floats
    """(n,) coordinate across the fibres, one per drawn fibre."""
    strokes: Floats
    """(r, STATIONS, 3) lines on the surface along the fibres."""
    spine: Floats
    """(k, STATIONS, 3) middles of its cross-sections, one line per element (one for a bundle)."""


def bellies(body: Body, elements: Sequence[str], posture: Posture, ground: Ground) -> list[Belly]:
    """The muscles of these elements (ids with side)."""
    standing, here = polylines(body, Posture()), polylines(body, posture)
    mean, index = body.mean, {name: i for i, name in enumerate(body.elements)}
    inside, ribs = abdomen(here), hull(ground.only("thorax").points, "thorax")
    by_muscle: dict[tuple[str, str], list[str]] = {}
    for name in elements:
        row, side = name.rsplit("_", 1)
        by_muscle.setdefault((body.tables.elements[row].muscle, side), []).append(name)
    out = []
    for (muscle, side), names in by_muscle.items():
        flesh = [
            _Flesh.of(
                length=_length(standing[name]),
                now=_length(here[name]),
                beyond=_beyond_kneecap(body, name, standing[name]),
                area=float(mean.pcsa[0, index[name]]),
                fibre=float(mean.fibre_length[0, index[name]]),
                pennation=float(mean.pennation[0, index[name]]),
                least=FLESHY.get(muscle, 0.3),
            )
            for name in names
        ]
        lines = [here[name] for name in names]
        on = inside if muscle in LAYERS else ground
        if muscle in BUNDLES and len(names) > 1:
            parts = [_bundle(lines, flesh, on)]
        else:
            foot, fill = FOOTPRINTS.get(muscle, (0.0, 0.7))
            face = on.only(f"innominate_{side}", "sacrum") if foot else on
            if foot:
                lines = [_from_footprint(line, foot, face) for line in lines]
            kind = _Kind(
                aspect=FLAT.get(muscle, 1.7),
                layer=LAYERS.get(muscle, 0.0),
                foot=foot,
                fill=fill,
                face=face,
                over=ribs if muscle in OVER_RIBS else None,
                facing=np.multiply(FACING[muscle], (1, 1, 1 if side == "right" else -1))
                if muscle in FACING
                else None,
                across=4 if muscle in STRANDS else ACROSS,
            )
            parts = [
                _sheet([lines[i] for i in part], [flesh[i] for i in part], on, kind)
                for part in _parts(muscle, names)
            ]
        out.append(_joined(muscle, side, parts))
    return out


def abdomen(lines: dict[str, Floats]) -> Ground:
    """What the abdomen holds, as the ground of its wall: an ellipsoid through the wall's ends. It is not drawn."""
    both = [
        (lines[f"{name}_right"], lines[f"{name}_left"])
        for name in ("external_oblique_5", "internal_oblique_5")
    ]
    flank = np.array([[right.mean(0), left.mean(0)] for right, left in both]).mean(0)
    middle = flank.mean(0)
    front = lines["transversus_abdominis_iliac_right"][-1]
    ends = np.array([lines["rectus_abdominis_right"][0], lines["rectus_abdominis_right"][-1]])
    radii = np.array(
        [front[0] - middle[0], 0.56 * np.ptp(ends[:, 1]), 1.04 * np.linalg.norm(flank[0] - flank[1]) / 2]
    )
    centre = np.array([middle[0], ends[:, 1].mean(), middle[2]])
    n = np.arange(6000) + 0.5
    high, turn = 1 - 2 * n / len(n), n * np.pi * (1 + 5**0.5)
    ball = np.stack([np.cos(turn) * np.sqrt(1 - high**2), high, np.sin(turn) * np.sqrt(1 - high**2)], -1)
    radii = np.where(ball < 0, radii * [0.48, 1.0, 1.0], radii)  # flatter behind, where the spine is
    return Ground(centre + ball * radii, unit(ball / radii), np.full(len(n), "abdomen", dtype="U16"))


@dataclass(frozen=True, slots=True)
class _Flesh:
    """How thick an element is along its course: tendon, belly, tendon."""

    start: float
    end: float
    """Shares of the course at which the belly begins and ends."""
    volume: float
    belly: float
    """Length of the belly, m."""
    tendon_area: float

    @classmethod
    def of(
        cls,
        *,
        length: float,
        now: float,
        beyond: float,
        area: float,
        fibre: float,
        pennation: float,
        least: float,
    ) -> "_Flesh":
        """A belly is as long as its fibres, and longer the more they are feathered: by 0.7 of what is left of
        the course at 12 degrees (after belly and fibre lengths of Ward 2009). An eighth of the tendon is at
        the origin. The last `beyond` of the course is tendon in any case."""
        along = min(fibre * np.cos(pennation), 0.96 * length)
        belly = along + 0.7 * min(pennation / np.deg2rad(12), 1.0) * (length - along)
        belly = float(np.clip(belly, least * length, min(0.97 * length, length - beyond)))
        stretched = max(now - (length - belly), 0.4 * belly)
        before = min(0.13 * (now - stretched), now - stretched - beyond) / now
        return cls(
            start=max(before, 0.0),
            end=min(max(before, 0.0) + stretched / now, 1.0),
            volume=area * fibre / max(np.cos(pennation), 0.5),
            belly=stretched,
            tendon_area=area / 28,
        )

    def area(self, u: Floats, power: float) -> Floats:
        """Cross-section (...) at shares u of the course, m²; its integral is the volume."""
        v = np.clip((u - self.start) / (self.end - self.start), 0, 1)
        shape = np.sin(np.pi * v) ** power
        mean = np.mean(np.sin(np.pi * (np.arange(200) + 0.5) / 200) ** power)
        return self.tendon_area + self.volume / self.belly * shape / mean

    def tendon(self, u: Floats) -> Floats:
        """1 where a course is tendon, 0 where flesh."""
        v = (u - self.start) / (self.end - self.start)
        return 1 - np.clip(np.minimum(v, 1 - v) / 0.09 + 0.25, 0, 1)


@dataclass(frozen=True, slots=True)
class _Part:
    """One surface of a belly."""

    solid: Solid
    tendon: Floats
    fibre: Floats
    strokes: Floats
    spine: Floats


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a sheet is like."""

    aspect: float
    layer: float
    foot: float
    fill: float
    face: Ground
    """The bone of its footprint."""
    over: Ground | None
    """What it lies on besides."""
    facing: Floats | None
    across: int


def _parts(muscle: str, names: list[str]) -> list[list[int]]:
    """Which elements make a surface together."""
    every = range(len(names))
    if muscle in STRANDS:
        return [[i] for i in every]
    first = [i for i in every if any(word in names[i] for word in PARTS.get(muscle, ()))]
    return [part for part in (first, [i for i in every if i not in first]) if part]


def _sheet(lines: list[Floats], flesh: list[_Flesh], ground: Ground, kind: _Kind) -> _Part:
    """Elements side by side as one surface; a single element is a sheet of its own aspect."""
    aspect, foot, fill = kind.aspect, kind.foot, kind.fill
    u = np.linspace(0, 1, STATIONS)
    x = np.array([_sampled(line, STATIONS) for line in lines])
    order, flips = _chain(x)
    x = np.array([x[i, ::-1] if flip else x[i] for i, flip in zip(order, flips, strict=True)])
    flesh = [flesh[i] for i in order]
    single = len(x) == 1
    power = 0.5 if not single else 0.9 if aspect < 3 else 0.35
    shares = [1 - u if flip else u for flip in flips]
    area = np.sum([one.area(s, power) for one, s in zip(flesh, shares, strict=True)], axis=0)
    tendon = np.mean([one.tendon(s) for one, s in zip(flesh, shares, strict=True)], axis=0)
    x = gaussian_filter1d(x, 1.0, axis=1, mode="nearest") * _inner(u) + x * (1 - _inner(u))
    rough = np.sqrt(area / np.pi / aspect) if single else area / (1.767 * np.maximum(_width(x), 8e-3))
    half = np.clip(np.minimum(rough, np.sqrt(area / np.pi)), _THIN, None)
    clear = kind.layer + half * (1 - 0.8 * tendon)
    clear *= np.minimum(1, (16 if kind.layer else 5) * np.minimum(u, 1 - u))
    clear = np.maximum(clear, 1e-4)
    x = _lifted(x, clear, ground, kind.over)
    if foot:
        x = kind.face.laid(x, half, u * _length(x.mean(0)) < foot + 0.02)
        tendon = np.where(u < 0.5, 0.0, tendon)
    x = gaussian_filter1d(x, 1.2, axis=1, mode="nearest") * _inner(u) + x * (1 - _inner(u))
    middle = x.mean(0)
    tangent = unit(np.gradient(middle, axis=0))
    d = (
        x[-1] - x[0]
        if not single
        else np.cross(tangent, ground.outward(middle) if kind.facing is None else kind.facing)
    )
    slant = np.linalg.norm(d, axis=-1)
    d -= np.sum(d * tangent, axis=-1, keepdims=True) * tangent
    slant = np.linalg.norm(d, axis=-1) / np.maximum(slant, 1e-9)  # a cross-section is square to the course
    slant = 1.0 if single else gaussian_filter1d(slant, 3.0, mode="nearest").clip(0.5, 1.0)
    turned = np.where(np.sum(d[1:] * d[:-1], axis=-1) < 0, -1.0, 1.0)
    d = d * np.r_[1.0, np.cumprod(turned)][:, None] if single else d
    d = unit(gaussian_filter1d(d, 4.0 if single else 3.0, axis=0, mode="nearest"))
    # Half width: what the elements span and half a gap beyond, or as wide as a round belly of this area would be.
    span = _width(x)
    gap = span / max(2 * (len(x) - 1), 1) * (0.5 + (fill - 0.5) * (1 - u) ** 2)
    wide = np.maximum(span / 2 + gap, np.sqrt(area / np.pi * aspect))
    wide = gaussian_filter1d(wide, 1.5, mode="nearest")
    half = np.maximum(area / (np.pi if single else 3.42) / wide / slant, _THIN)
    power_across = 2.0 if single else 2.6
    t = -np.cos(np.linspace(0, np.pi, kind.across))
    spine = _across(x, d, wide, t)
    if not single:  # a sheet lies on the bone with all of its width
        courses = _lifted(spine.swapaxes(0, 1), clear, ground, kind.over)
        if foot:
            courses = kind.face.laid(courses, half, u * _length(x.mean(0)) < foot + 0.02)
        courses = gaussian_filter1d(courses, 0.8, axis=0, mode="nearest")
        inner = _inner(u)
        courses = gaussian_filter1d(courses, 1.6, axis=1, mode="nearest") * inner + courses * (1 - inner)
        spine = courses.swapaxes(0, 1)
    side = np.gradient(spine, t, axis=1)
    normal = unit(np.cross(tangent[:, None], side))
    bulge = (1 - np.abs(t) ** power_across).clip(0) ** (1 / power_across)
    lift = normal * (half[:, None] * bulge)[..., None]
    ring = np.concatenate([spine + lift, (spine - lift)[:, -2:0:-1]], axis=1)
    fibres = max(6, int(2 * wide.max() / 1.1e-3))
    seam = np.r_[(t + 1) / 2 * fibres, (3 - t[-2:0:-1]) / 2 * fibres]
    return _skinned(ring, tendon, seam, x)


def _lifted(x: Floats, clear: Floats, *grounds: Ground | None) -> Floats:
    for ground in grounds:
        x = x if ground is None else ground.lifted(x, clear)
    return x


def _bundle(lines: list[Floats], flesh: list[_Flesh], ground: Ground) -> _Part:
    """Elements that end at one place and join on the way: one round belly that grows with each.

    Cross-sections stand at distances from the common end; an element counts where it has begun.
    """
    lengths = np.array([_length(line) for line in lines])
    reach = np.linspace(lengths.max(), 0, STATIONS)
    points = np.array([_at_distance(line, reach) for line in lines])
    there = np.clip((lengths[:, None] - reach) / 0.02, 0, 1)
    there[lengths.argmax()] = np.maximum(there[lengths.argmax()], 0.02)
    share = 1 - reach / lengths[:, None]
    area = sum(w * one.area(s, 0.6) for w, one, s in zip(there, flesh, share, strict=True))
    tendon = np.average([one.tendon(s) for one, s in zip(flesh, share, strict=True)], axis=0, weights=there)
    weight = there / there.sum(0)
    middle = np.einsum("en,enk->nk", weight, points)
    middle = gaussian_filter1d(middle, 1.5, axis=0, mode="nearest")
    radius = np.sqrt(area / np.pi)
    middle = ground.lifted(middle[None], radius * 0.9 * np.minimum(1, 5 * (1 - reach / lengths.max())))[0]
    tangent = unit(np.gradient(middle, axis=0))
    d = np.cross(tangent, ground.outward(middle))
    d = unit(gaussian_filter1d(d, 5.0, axis=0, mode="nearest"))
    e = np.cross(tangent, d)
    # As wide as the slips lie apart, but no flatter than 1 to 2.
    apart = points - middle
    along_d = np.sqrt(np.einsum("en,en->n", weight, np.einsum("enk,nk->en", apart, d) ** 2))
    along_e = np.sqrt(np.einsum("en,en->n", weight, np.einsum("enk,nk->en", apart, e) ** 2))
    aspect = gaussian_filter1d(np.clip((along_d + 4e-3) / (along_e + 4e-3), 0.6, 2.0), 3.0, mode="nearest")
    a, b = radius * np.sqrt(aspect), radius / np.sqrt(aspect)
    angle = np.linspace(0, 2 * np.pi, 2 * (ACROSS - 1), endpoint=False)
    ring = (
        middle[:, None]
        - np.cos(angle)[:, None] * (a[:, None] * d)[:, None]
        + np.sin(angle)[:, None] * (b[:, None] * e)[:, None]
    )
    fibres = int(2 * np.pi * radius.max() / 1.1e-3)
    return _skinned(ring, tendon, angle / (2 * np.pi) * fibres, middle[None])


def _skinned(ring: Floats, tendon: Floats, fibre: Floats, spine: Floats) -> _Part:
    """A closed surface over rings (STATIONS, r, 3)."""
    n, r, _ = ring.shape
    return _Part(
        swept(ring),
        np.r_[np.repeat(tendon, r), tendon[0], tendon[-1]],
        np.r_[np.tile(fibre, n), fibre[0], fibre[0]],
        ring.transpose(1, 0, 2),
        spine,
    )


def _joined(muscle: str, side: str, parts: list[_Part]) -> Belly:
    solid = joined([part.solid for part in parts])
    return Belly(
        muscle,
        side,
        solid.vertices,
        solid.faces,
        vertex_normals(solid.vertices, solid.faces),
        np.concatenate([part.tendon for part in parts]),
        np.concatenate([part.fibre + 1000 * i for i, part in enumerate(parts)]),
        np.vstack([part.strokes for part in parts]),
        np.vstack([part.spine for part in parts]),
    )


def _across(x: Floats, d: Floats, wide: Floats, t: Floats) -> Floats:
    """Middles (STATIONS, len(t), 3) across a sheet from -wide to +wide, through its elements."""
    middle = x.mean(0)
    straight = middle[:, None] + (t[:, None] * wide[:, None, None]) * d[:, None]
    if len(x) < 3:
        return straight
    span = _width(x)
    knots = np.linspace(-1, 1, len(x))
    inside = CubicSpline(knots, x, axis=0, bc_type="natural")
    reach = np.minimum(span / 2 / wide, 1.0)
    at = t / np.maximum(reach, 1e-3)[:, None]
    held = np.clip(at, -1, 1)
    through = np.stack([inside(held[i])[:, i] for i in range(len(d))])
    beyond = (at - held)[..., None] * (span / 2)[:, None, None] * d[:, None]
    curved = through + beyond
    firm = np.clip((span - 6e-3) / 12e-3, 0, 1)[:, None, None]
    return firm * curved + (1 - firm) * straight


def _chain(x: Floats) -> tuple[list[int], list[bool]]:
    """An order in which neighbours are near each other, and which lines run the other way."""
    k = len(x)
    if k == 1:
        return [0], [False]
    same = np.linalg.norm(x[:, None] - x[None], axis=-1).mean(-1)
    other = np.linalg.norm(x[:, None] - x[None, :, ::-1], axis=-1).mean(-1)
    apart = np.minimum(same, other)
    start = int(np.unravel_index(apart.argmax(), apart.shape)[0])
    order = [start]
    while len(order) < k:
        left = [i for i in range(k) if i not in order]
        order.append(min(left, key=lambda i: apart[order[-1], i]))
    flips = [False]
    for a, b in pairwise(order):
        flips.append(flips[-1] != bool(other[a, b] < same[a, b]))
    return order, flips


def _width(x: Floats) -> Floats:
    """(STATIONS,) length of the line across the elements."""
    return np.linalg.norm(np.diff(x, axis=0), axis=-1).sum(0) if len(x) > 1 else np.zeros(x.shape[1])


def _inner(u: Floats) -> Floats:
    """(STATIONS, 1) 0 at the ends, 1 a few stations further in."""
    return np.clip(12 * np.minimum(u, 1 - u), 0, 1)[:, None]


def _from_footprint(line: Floats, reach: float, face: Ground) -> Floats:
    """A course that begins up to `reach` before its origin, in its first direction, on the same face of the bone."""
    away = unit(line[0] - _at_distance(line[::-1], np.array([0.03]))[0])
    tries = line[0] + np.linspace(reach, 0, 9)[:, None] * away
    same = face.outward(tries) @ face.outward(line[0]) > 0.8
    return np.vstack([tries[same.argmax()], line]) if same[:-1].any() else line


def _beyond_kneecap(body: Body, element: str, line: Floats) -> float:
    """Length of a course from where it meets the kneecap, m; 0 if it does not."""
    on = [point.body == "patella" for point in body.tables.elements[element.rsplit("_", 1)[0]].path]
    return _length(line[-(len(on) - on.index(True)) :]) + 0.012 if any(on) else 0.0


def _length(line: Floats) -> float:
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())


def _sampled(line: Floats, n: int) -> Floats:
    """`n` points at even distances along a polyline."""
    along = np.r_[0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
    at = np.linspace(0, along[-1], n)
    return np.stack([np.interp(at, along, line[:, k]) for k in range(3)], axis=-1)


def _at_distance(line: Floats, reach: Floats) -> Floats:
    """Points of a polyline at distances from its end; its beginning where it is shorter."""
    along = np.r_[0, np.cumsum(np.linalg.norm(np.diff(line[::-1], axis=0), axis=1))]
    return np.stack([np.interp(reach, along, line[::-1, k]) for k in range(3)], axis=-1)
