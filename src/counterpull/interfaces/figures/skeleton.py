"""The bones of a picture, where a posture puts them: those that the anatomy knows, and the rest as a sketch.

Sacrum, hip bones, fifth lumbar vertebra and the upper femurs are the surfaces of `anatomy.bones`. The other vertebrae,
the ribs and the knee are only sketched, through landmarks and through the places where muscles are attached, so that
nothing ends in mid-air; pictures draw them paler.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree
from scipy.spatial.transform import Rotation

from counterpull.anatomy.body import Body
from counterpull.anatomy.bones import surfaces
from counterpull.anatomy.courses import placements
from counterpull.anatomy.posture import Posture
from counterpull.anatomy.scaling import Floats
from counterpull.interfaces.figures.ground import Ground
from counterpull.interfaces.figures.solids import Solid, ball, joined, tube, vertex_normals

_BALL = 8e-3
"""Radius of a ball that does not fit into the sacral canal, m."""
_MIRROR = np.array([1.0, 1.0, -1.0])


@dataclass(frozen=True, eq=False, slots=True)
class Bone:
    """A bone where it is, metres in P."""

    name: str
    """The body that it belongs to."""
    vertices: Floats
    """(n, 3)"""
    faces: NDArray[np.int32]
    """(m, 3), outward."""
    normals: Floats
    """(n, 3), unit length."""
    sketched: bool
    """Whether it only stands for a bone that the model does not know."""
    outside: NDArray[np.bool_]
    """(n,) whether flesh can lie there: not in canals, nor in holes for nerves."""


def skeleton(body: Body, posture: Posture) -> list[Bone]:
    """Every bone, those of the anatomy first."""
    where, out = placements(body, posture), []
    for name, vertices, faces, normals, sketched, outside in _standing(body):
        rotation, translation = where[name]
        moved = vertices @ rotation.T + translation
        out.append(Bone(name, moved, faces, normals @ rotation.T, sketched, outside))
    return out


def ground(bones: list[Bone]) -> Ground:
    """These bones as ground for muscles to lie on; muscles pass over kneecap and shin bone as tendons."""
    bones = [bone for bone in bones if not bone.name.startswith(("patella", "tibia"))]
    of = np.concatenate([np.full(bone.outside.sum(), bone.name, dtype="U16") for bone in bones])
    points, normals = ([getattr(b, what)[b.outside] for b in bones] for what in ("vertices", "normals"))
    return Ground(np.vstack(points), np.vstack(normals), of)


@lru_cache(maxsize=4)
def _standing(body: Body) -> list[tuple[str, Floats, NDArray[np.int32], Floats, bool, NDArray[np.bool_]]]:
    """Name, vertices, faces, normals, whether it is a sketch, and where it is outside, of every bone, standing."""
    known = surfaces(body)
    out = [(name, bone.vertices, bone.faces, False) for name, bone in known.items()]
    l5 = Solid(known["l5"].vertices, known["l5"].faces)
    femur = known["femur_right"].vertices
    sketched: dict[str, list[Solid]] = {}
    for name, solid in (*_vertebrae(body, l5), *_ribs(body), *_thigh_and_knee(body, femur)):
        sketched.setdefault(name, []).append(solid)
    for name, solids in sketched.items():
        solid = joined(solids)
        out.append((name, solid.vertices, solid.faces, True))
        if name.endswith("_right"):
            other = name.replace("_right", "_left")
            out.append((other, solid.vertices * _MIRROR, solid.faces[:, ::-1], True))
    normals = [vertex_normals(v, f) for _, v, f, _ in out]
    return [
        (name, v, f, n, sketch, np.full(len(v), True) if sketch else _outside(v, n))
        for (name, v, f, sketch), n in zip(out, normals, strict=True)
    ]


def _outside(vertices: Floats, normals: Floats) -> NDArray[np.bool_]:
    """Where a ball that rolls over a bone can touch it (Bernardini 1999, doi:10.1109/2945.817351)."""
    far, _ = KDTree(vertices).query(vertices + _BALL * normals)
    return far > 0.6 * _BALL


def _vertebrae(body: Body, l5: Solid) -> Iterator[tuple[str, Solid]]:
    """L4 to T6: the fifth lumbar vertebra, smaller the higher, along the curve of the spine."""
    mark = body.landmarks
    centres = [mark[f"l{level}_vertebral_centre"] for level in (5, 4, 3, 2, 1)]
    points = _points(body)
    for level in range(12, 5, -1):  # bodies of the thorax stand before the tips of their processes
        tip = points[f"longissimus_thoracis_t{level}", -1]
        centres.append(np.array([tip[0] + 0.042, tip[1] + 0.006, 0.0]))
    line = np.array(centres)
    up = np.gradient(line, axis=0)
    angle = np.arctan2(up[:, 0], up[:, 1])
    step = np.linalg.norm(np.gradient(line, axis=0), axis=1)
    for i in range(1, len(line)):
        turn = Rotation.from_euler("z", -(angle[i] - angle[0]) - np.deg2rad(4)).as_matrix()
        size = np.array([0.96 - 0.025 * i, 1.0, (1.0 if i < 5 else 0.72) - 0.01 * i])
        size[1] = step[i] / step[0] * 0.98
        name = f"l{5 - i}" if i < 5 else "thorax"
        yield name, Solid(((l5.vertices - line[0]) * size) @ turn.T + line[i], l5.faces)


def _ribs(body: Body) -> Iterator[tuple[str, Solid]]:
    """Ribs 6 to 12 through the places where muscles are attached to them, and the costal arch."""
    points = _points(body)
    ends = {
        7: "external_oblique_1",
        8: "external_oblique_2",
        9: "external_oblique_3",
        10: "external_oblique_4",
    }
    for rib in range(6, 13):
        neck = points[f"longissimus_thoracis_t{rib}", -1]
        back = points[f"longissimus_thoracis_rib{rib}", -1]
        angle = points[f"iliocostalis_thoracis_rib{rib}", -1]
        start = neck + np.array([0.022, 0.012, -0.012])
        if rib < 11:
            front = points[ends[max(rib, 7)], 0 if rib != 7 and rib != 6 else -1]
            if rib == 6:
                front = front + np.array([0.01, 0.03, -0.012])
            side = (angle + front) / 2
            side[2] = max(angle[2], front[2]) + 0.022
            side[1] = 0.6 * angle[1] + 0.4 * front[1] - 0.012
            corners = [start, neck, back, angle, side, front]
        else:
            out, far = angle - back, 2.4 if rib == 11 else 1.0
            bent = angle + far * (out * [0.5, 1, 1] + [0.006, 0, 0])
            corners = [start, neck, back, angle, bent, bent + far * (0.6 * out + [0.011, 0, -0.002])]
        radius = np.full(len(corners), 0.0052)
        right = tube(np.array(corners), radius, flat=1.5, wide=np.array([0.0, 1.0, 0.0]), n=40)
        yield "thorax", right
        yield "thorax", Solid(right.vertices * _MIRROR, right.faces[:, ::-1])
    tips = [points[ends[rib], -1 if rib == 7 else 0] for rib in (10, 9, 8, 7)]
    top = points["rectus_abdominis", -1]
    arch = np.array([*tips, top, top * [1, 1, 0] + [0.004, 0.012, 0]])
    right = tube(arch, np.full(len(arch), 0.005), flat=1.3, wide=np.array([0.0, 1.0, 0.0]), n=48)
    yield "thorax", right
    yield "thorax", Solid(right.vertices * _MIRROR, right.faces[:, ::-1])


def _thigh_and_knee(body: Body, femur: Floats) -> Iterator[tuple[str, Solid]]:
    """The right femur below what is drawn of it, kneecap, and the head of the shin bone."""
    points, knee = _points(body), body.landmarks["knee_centre_right"]
    hip = body.landmarks["hip_centre_right"]
    size = float(np.linalg.norm(hip - knee)) / 0.404
    low = femur[:, 1].min()
    cut = femur[femur[:, 1] < low + 0.012]
    top, radius = cut.mean(0), float(np.ptp(cut[:, 0])) / 2
    bow = (top + knee) / 2 + size * np.array([0.007, 0.0, 0.001])
    wide = np.array([0.0, 0.0, 1.0])
    shaft = np.array(
        [1.12 * top - 0.12 * bow, top, bow, 0.3 * top + 0.7 * knee, knee + np.array([0.0, 0.012, 0.0])]
    )
    radii = np.array([0.9, 0.97, 0.96, 1.3, 2.6]) * radius
    yield "femur_right", tube(shaft, radii, flat=1.2, wide=wide, n=40)
    for at, radii in (
        ((-0.006, 0.002, -0.023), (0.029, 0.025, 0.019)),
        ((-0.006, 0.004, 0.023), (0.03, 0.025, 0.018)),
        ((0.008, 0.014, 0.002), (0.024, 0.022, 0.033)),
    ):
        yield "femur_right", ball(knee + size * np.array(at), size * np.array(radii))
    cap = points["rectus_femoris", 2] - size * np.array([0.012, -0.002, 0])
    yield "patella_right", ball(cap, size * np.array([0.0115, 0.022, 0.021]))
    below = knee + size * np.array([-0.008, -0.037, 0.0])
    yield "tibia_right", ball(below, size * np.array([0.026, 0.013, 0.038]))
    shin = below + size * np.array([[0, 0.004, 0], [0.001, -0.02, 0], [0.008, -0.06, 0], [0.01, -0.12, 0]])
    yield "tibia_right", tube(shin, size * np.array([0.033, 0.028, 0.0185, 0.014]), flat=1.25, wide=wide)
    yield (
        "tibia_right",
        ball(
            points["rectus_femoris", -1] - size * np.array([0.018, 0, 0]),
            size * np.array([0.019, 0.018, 0.012]),
        ),
    )
    fibula = points["biceps_femoris_ischial", -1]
    yield (
        "tibia_right",
        tube(
            fibula + size * np.array([[-0.001, 0.006, -0.006], [0, -0.01, -0.008], [0.004, -0.075, -0.012]]),
            size * np.array([0.008, 0.0085, 0.006]),
        ),
    )


def _points(body: Body) -> dict[tuple[str, int], Floats]:
    """Points of the right side's muscle elements in the reference posture, by element and index from either end."""
    out, at = {}, 0
    for row in body.tables.elements.values():
        n = len(row.path)
        for i in range(n):
            out[row.id, i] = out[row.id, i - n] = body.geometry.points[at + i]
        at += n
    return out
