"""Muscles as bodies: what fills the space along their courses, as thick as their cross-sections say.

A muscle element is a line with an area (PCSA) and a fibre length; together they are a volume, and the volume stays when
a posture stretches or shortens the muscle: between its tendons, whose length stays too, it gets thinner or thicker.
Elements that lie side by side are one sheet (the parts of gluteus medius); the psoas gathers its slips on the way
down; the back extensors and quadratus lumborum are bundles of strands. Where a muscle lies on bone it rests on it:
its middle is lifted off the surface by half its thickness. This is for the eye: the mechanics knows lines only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from counterpull.anatomy.body import Body
from counterpull.anatomy.courses import polylines
from counterpull.anatomy.posture import MIDLINE_BODIES, Posture
from counterpull.anatomy.records import PathPoint
from counterpull.anatomy.scaling import Floats
from counterpull.interfaces.figures.flesh import Flesh, at_distance, length, without
from counterpull.interfaces.figures.ground import Ground, hull
from counterpull.interfaces.figures.membrane import membrane
from counterpull.interfaces.figures.sheets import Kind, sheet
from counterpull.interfaces.figures.skins import ACROSS, Part, bundle
from counterpull.interfaces.figures.solids import joined, unit, vertex_normals

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
APONEUROSIS_FIRST = ("internal_oblique", "external_oblique_1")
"""Elements, or muscles with all of theirs, that are tendon where their course begins and flesh where it ends."""
LAYERS = {
    "transversus_abdominis": 0.0,
    "internal_oblique": 5e-3,
    "external_oblique": 13e-3,
    "rectus_abdominis": 15e-3,
}
"""The abdominal wall, inside to outside: height above what the abdomen holds, m, by eye."""
ON_MEMBRANE = ("obturator_externus", "obturator_internus")
"""Muscles that lie on the obturator membrane, one on each side."""
_ROUND_MEMBRANE = ("obturator_externus_anterior", "obturator_externus_inferior")
"""Elements that arise from opposite places of its rim."""
OVER_RIBS = ("latissimus_dorsi", "external_oblique")
"""Muscles that lie over the rib cage and over the gaps between its ribs."""
OVER_MUSCLES = {"rectus_femoris": ("vastus_medialis", "vastus_intermedius", "vastus_lateralis")}
"""Muscles that lie on others, where these are drawn."""
FOOTPRINTS = {
    "gluteus_medius": (0.032, 1.0),
    "gluteus_minimus": (0.012, 0.9),
    "iliacus": (0.034, 0.4),
    "obturator_externus": (0.004, 0.0),
}
"""Muscles that arise from a broad face of bone, of which the model knows the middle: how far the drawn muscle reaches
beyond its origin, m, and how much of the gap between elements it fills beyond the outer ones, by eye."""


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
    visible = _emerged({name: here[name] for name in elements}, ground)
    by_muscle: dict[tuple[str, str], list[str]] = {}
    for name in elements:
        row, side = name.rsplit("_", 1)
        by_muscle.setdefault((body.tables.elements[row].muscle, side), []).append(name)
    shown = {muscle for muscle, _ in by_muscle}
    inside = abdomen(here) if shown & set(LAYERS) else None
    ribs = hull(ground.only("thorax").points, "thorax") if shown & set(OVER_RIBS) else None
    out: dict[tuple[str, str], Belly] = {}
    for (muscle, side), names in sorted(by_muscle.items(), key=lambda item: item[0][0] in OVER_MUSCLES):
        flesh = [
            Flesh.of(
                length=length(standing[name]),
                now=length(here[name]),
                beyond=_beyond_kneecap(body, name, standing[name]),
                area=float(mean.pcsa[0, index[name]]),
                fibre=float(mean.fibre_length[0, index[name]]),
                pennation=float(mean.pennation[0, index[name]]),
                least=FLESHY.get(muscle, 0.3),
                turned=name.startswith(APONEUROSIS_FIRST),
            )
            for name in names
        ]
        lines = [visible[name] for name in names]
        paths = [body.tables.elements[name.rsplit("_", 1)[0]].path for name in names]
        loose = [(path[0].body == "abdomen", path[-1].body == "abdomen") for path in paths]
        on = ground
        if muscle in ON_MEMBRANE:
            bone = ground.only(f"innominate_{side}")
            within = np.mean([here[f"{name}_{side}"][0] for name in _ROUND_MEMBRANE], axis=0)
            on = ground.joined(
                membrane(bone, within, np.mean([line[len(line) // 2] for line in lines], axis=0))
            )
        if muscle in LAYERS and inside is not None:
            on = inside
            lines = [_reaching(line, path, side, ground) for line, path in zip(lines, paths, strict=True)]
        if muscle in BUNDLES and len(names) > 1:
            parts = [bundle(lines, flesh, on)]
        else:
            foot, fill = FOOTPRINTS.get(muscle, (0.0, 0.7))
            face = on
            if foot:
                origins = {path[0].body for path in paths}
                bodies = (name if name in MIDLINE_BODIES else f"{name}_{side}" for name in origins)
                face = on.only(*bodies, "membrane")
                lines = [_from_footprint(line, foot, face) for line in lines]
            kind = Kind(
                aspect=FLAT.get(muscle, 1.7),
                layer=LAYERS.get(muscle, 0.0),
                foot=foot,
                fill=fill,
                face=face,
                over=ribs if muscle in OVER_RIBS else None,
                on=_skin(out, OVER_MUSCLES.get(muscle, ()), side),
                facing=np.multiply(FACING[muscle], (1, 1, 1 if side == "right" else -1))
                if muscle in FACING
                else None,
                across=4 if muscle in STRANDS else 13 if foot else ACROSS,
            )
            parts = [
                sheet([lines[i] for i in part], [flesh[i] for i in part], [loose[i] for i in part], on, kind)
                for part in _parts(muscle, names)
            ]
        out[muscle, side] = _joined(muscle, side, parts)
    return [out[key] for key in by_muscle]


def _skin(bellies: Mapping[tuple[str, str], Belly], muscles: Sequence[str], side: str) -> Ground | None:
    """The surfaces of some muscles as ground for another; None where none of them is drawn."""
    there = [bellies[muscle, side] for muscle in muscles if (muscle, side) in bellies]
    if not there:
        return None
    points, normals = np.vstack([b.vertices for b in there]), np.vstack([b.normals for b in there])
    return Ground(points, normals, np.full(len(points), "muscle", dtype="U16"))


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
        [front[0] - middle[0], 0.7 * np.ptp(ends[:, 1]), 1.04 * np.linalg.norm(flank[0] - flank[1]) / 2]
    )
    centre = np.array([middle[0], ends[:, 1].mean(), middle[2]])
    n = np.arange(6000) + 0.5
    high, turn = 1 - 2 * n / len(n), n * np.pi * (1 + 5**0.5)
    ball = np.stack([np.cos(turn) * np.sqrt(1 - high**2), high, np.sin(turn) * np.sqrt(1 - high**2)], -1)
    radii = np.where(ball < 0, radii * [0.48, 1.0, 1.0], radii)  # flatter behind, where the spine is
    return Ground(centre + ball * radii, unit(ball / radii), np.full(len(n), "abdomen", dtype="U16"))


def _parts(muscle: str, names: list[str]) -> list[list[int]]:
    """Which elements make a surface together."""
    every = range(len(names))
    if muscle in STRANDS:
        return [[i] for i in every]
    first = [i for i in every if any(word in names[i] for word in PARTS.get(muscle, ()))]
    return [part for part in (first, [i for i in every if i not in first]) if part]


def _joined(muscle: str, side: str, parts: list[Part]) -> Belly:
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


def _emerged(lines: dict[str, Floats], ground: Ground) -> dict[str, Floats]:
    """Courses from just before they leave the bone to just after they enter it, if they end not far within it."""
    reach = np.arange(0.0, 0.017, 2e-3)
    ends = np.array([[at_distance(line[::-1], reach), at_distance(line, reach)] for line in lines.values()])
    out = ground.height(ends.reshape(-1, 2, len(reach), 3)) > 0
    buried = np.where(out.any(-1), reach[out.argmax(-1)] - 3e-3, 0.0).clip(0)
    return {
        name: without(line, *cut) if 0 < cut.sum() < 0.2 * length(line) else line
        for (name, line), cut in zip(lines.items(), buried, strict=True)
    }


def _reaching(line: Floats, path: Sequence[PathPoint], side: str, ground: Ground) -> Floats:
    """A course whose end on the hip bone is on its surface."""
    line = line.copy()
    for end in (0, -1):
        if path[end].body == "innominate":
            line[end] = ground.only(f"innominate_{side}").nearest(line[end])
    return line


def _from_footprint(line: Floats, reach: float, face: Ground) -> Floats:
    """A course that begins up to `reach` before its origin, in its first direction, on the same face of the bone."""
    away = unit(line[0] - at_distance(line[::-1], np.array([0.03]))[0])
    tries = line[0] + np.linspace(reach, 0, 9)[:, None] * away
    same = face.outward(tries) @ face.outward(line[0]) > 0.8
    return np.vstack([tries[same.argmax()], line]) if same[:-1].any() else line


def _beyond_kneecap(body: Body, element: str, line: Floats) -> float:
    """Length of a course from where it meets the kneecap, m; 0 if it does not."""
    on = [point.body == "patella" for point in body.tables.elements[element.rsplit("_", 1)[0]].path]
    return length(line[-(len(on) - on.index(True)) :]) + 0.012 if any(on) else 0.0
