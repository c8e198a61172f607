"""The course of every muscle element as a polyline, wraps included: for drawing and for export."""

import numpy as np

from counterpull.anatomy import paths
from counterpull.anatomy.body import Body
from counterpull.anatomy.kinematics import moved, pose
from counterpull.anatomy.posture import BODIES, Posture
from counterpull.anatomy.scaling import Floats

_ARC_STEP = np.deg2rad(6.0)


def polylines(body: Body, posture: Posture) -> dict[str, Floats]:
    """Points (K, 3) in P along each element, from origin to insertion, metres."""
    top, geometry = body.topology, body.geometry
    poses = pose(geometry.skeleton, posture.array())
    points = moved(poses, top.point_body, geometry.points)
    rotation, centre = paths.wrap_frames(top, geometry, poses)
    contact = paths.contacts(top, geometry, poses)
    wrap_of = {int(segment): w for w, segment in enumerate(top.wrapped)}
    lines: dict[str, list[Floats]] = {name: [] for name in body.elements}
    for s, (start, end, e) in enumerate(zip(top.start, top.end, top.element, strict=True)):
        line = lines[body.elements[e]]
        if not line:
            line.append(points[start])
        w = wrap_of.get(s)
        if w is not None and contact.touches[w]:
            first, second = ((x - centre[w]) @ rotation[w] for x in (contact.first[w], contact.second[w]))
            arc = _ball if top.is_sphere[w] else _helix
            line.extend(arc(first, second, top.winding[w]) @ rotation[w].T + centre[w])
        line.append(points[end])
    return {name: np.array(line) for name, line in lines.items()}


def placed_landmarks(body: Body, posture: Posture) -> dict[str, Floats]:
    """Every landmark (3,) where the posture puts it, with its side ("asis_right")."""
    where = pose(body.geometry.skeleton, posture.array())
    out = {}
    for name, at in body.landmarks.items():
        mark = body.tables.landmarks[name.removesuffix("_right").removesuffix("_left")]
        side = name.rsplit("_", 1)[1] if mark.sided else "right"
        index = BODIES.index(mark.body if mark.body in BODIES else f"{mark.body}_{side}")
        out[name] = where.rotation[index] @ at + where.translation[index]
    return out


def _helix(first: Floats, second: Floats, winding: float) -> Floats:
    """Points on a cylinder about z from one tangent point to the other, in the winding direction."""
    start, end = (np.arctan2(x[1], x[0]) for x in (first, second))
    turn = (winding * (end - start)) % (2 * np.pi)
    u = np.linspace(0, 1, max(int(turn / _ARC_STEP), 1) + 1)[:, None]
    radius = np.hypot(first[0], first[1])
    angle = start + winding * turn * u
    height = first[2] + (second[2] - first[2]) * u
    return np.hstack([radius * np.cos(angle), radius * np.sin(angle), height])


def _ball(first: Floats, second: Floats, winding: float) -> Floats:
    """Points on a sphere along the great circle between the tangent points."""
    del winding
    radius = np.linalg.norm(first)
    turn = np.arccos(np.clip(first @ second / radius**2, -1, 1))
    u = np.linspace(0, 1, max(int(turn / _ARC_STEP), 1) + 1)[:, None]
    if turn < 1e-9:
        return np.array([first, second])
    return (np.sin((1 - u) * turn) * first + np.sin(u * turn) * second) / np.sin(turn)
