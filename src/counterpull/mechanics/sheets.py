"""Linea alba and thoracolumbar fascia: bodies without mass, sewn to bones by edges that pull more than they press.

Along the line from the sheet's middle an edge is a string beside a weak spring: drawn it holds, pressed it
wrinkles. Across that line it is a spring, so that the sheet keeps its place.
"""

from typing import NamedTuple

import numpy as np

from counterpull.anatomy.ensemble import Draws
from counterpull.anatomy.posture import BODIES as ANATOMICAL
from counterpull.anatomy.posture import SIDES
from counterpull.mechanics.coordinates import Floats, carrier
from counterpull.mechanics.posed import Posed
from counterpull.mechanics.setting import Setting


class Edge(NamedTuple):
    """One edge on one side."""

    name: str
    sheet: str
    bone: str
    at: Floats
    """(G, 3) posed."""
    way: Floats
    """(G, 3) from the sheet's middle to the edge, unit."""
    along: Floats
    """(n, N) metres by which coordinates lengthen the string."""
    stiffness: Floats
    """(n,) N/m across."""
    pressed: Floats
    """(n,) N/m along the line whether drawn or pressed."""
    drawn: Floats
    """(n,) N/m more when drawn."""
    toe: Floats
    """(n,) metres over which the string takes hold."""


def edges(place: Posed, draws: Draws, setting: Setting) -> list[Edge]:
    """Edges of the sheets that are present; those to absent bones are cut."""
    v, listed, out = draws.variant, list(place.tables.sheets.values()), []
    sewn = {}
    for i, edge in enumerate(listed):
        for s, side in enumerate(SIDES):
            bone = f"{edge.body}_{side}" if f"{edge.body}_{side}" in ANATOMICAL else edge.body
            if edge.sheet in setting.present and carrier(bone) in setting.present:
                sewn[i, s] = bone, place.carried(bone, draws.sheet_edges[:, s, i])
    middle = {
        sheet: np.mean([at for (i, _), (_, at) in sewn.items() if listed[i].sheet == sheet], axis=0)
        for sheet in {listed[i].sheet for i, _ in sewn}
    }
    wrinkled = np.minimum(draws.joints["sheet.wrinkled_ratio"], 1.0)
    for (i, s), (bone, at) in sewn.items():
        sheet = listed[i].sheet
        line = at - middle[sheet]
        long = np.linalg.norm(line, axis=1, keepdims=True)
        way = line / long
        motion = place.velocity(sheet, at) - place.velocity(bone, at)
        out.append(
            Edge(
                name=f"{listed[i].id}_{SIDES[s]}",
                sheet=sheet,
                bone=bone,
                at=at,
                way=way,
                along=-np.einsum("gi,gix->gx", way, motion)[v],
                stiffness=draws.sheets[:, s, i],
                pressed=draws.sheets[:, s, i] * wrinkled,
                drawn=draws.sheets[:, s, i] * (1 - wrinkled),
                toe=draws.joints["ligament.toe_strain"] * long[v, 0],
            )
        )
    return out


def tangents(normal: Floats) -> Floats:
    """Two directions across a normal as columns (n, 3, 2)."""
    least = np.eye(3)[np.argmin(np.abs(normal), axis=1)]
    first = np.cross(normal, least)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    return np.stack([first, np.cross(normal, first)], axis=2).astype(float)
