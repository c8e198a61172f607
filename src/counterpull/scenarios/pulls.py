"""What pulls and what pulls back: the muscles' parts in a change, and the moments that hold the pelvis."""

from dataclasses import dataclass

import numpy as np

from counterpull.anatomy.body import Body
from counterpull.anatomy.posture import SIDES
from counterpull.mechanics import readings
from counterpull.mechanics.contributions import Contributions, contributions
from counterpull.mechanics.coordinates import FREE, SIZE, Floats, block
from counterpull.mechanics.model import LOADS
from counterpull.mechanics.posed import Posed
from counterpull.scenarios.answer import Reaction, State

ABOVE = tuple(body for body in FREE if not body.startswith("femur"))
"""What stands on the hips."""


@dataclass(frozen=True, eq=False)
class Pulls:
    """Changes by muscle and side, of the k draws in which both are in balance. M muscles: right, then left."""

    muscles: tuple[tuple[str, str], ...]
    """Muscle id and side."""
    tension: Floats
    """(k, M) N, all fascicles of the muscle together."""
    baseline_tension: Floats
    """(k, M)"""
    moment: Floats
    """(k, M) Nm tipping pelvis and trunk together forward about the line through both hips."""
    parts: Floats
    """(k, M, 2, 6) part in the change of readings.SHIFTS of each side, with all joint reactions that it causes."""
    loads: dict[str, Floats]
    """(k, 2, 6) of weight, external loads, pressure, posture, and "preload" of the ligaments."""

    @property
    def total(self) -> Floats:
        """(k, 2, 6) sum of all parts: the change itself."""
        return self.parts.sum(axis=1) + sum(self.loads.values())


def pulls(body: Body, reaction: Reaction) -> Pulls:
    """Compare the forces of both states of a reaction in the mode "held"."""
    rows = np.flatnonzero(reaction.both)
    order = [(muscle, side) for side in SIDES for muscle in body.tables.muscles]
    index = {key: i for i, key in enumerate(order)}
    member = np.zeros((len(body.elements), len(order)))
    for e, name in enumerate(body.elements):
        element, _, side = name.rpartition("_")
        member[e, index[body.tables.elements[element].muscle, side]] = 1.0
    before, after = reaction.baseline, reaction.with_findings
    tensions = [state.found.tension[rows] for state in (before, after)]
    change = tensions[1] - tensions[0]
    first, second = (_parts(state, rows) for state in (before, after))
    place, variant = before.here.place, before.here.draws.variant[rows]
    tip = np.einsum("gx,gxe->ge", tipping(place), place.pull)[variant]
    causes = [*(second.loads - first.loads).swapaxes(0, 1), second.preload - first.preload]
    return Pulls(
        muscles=tuple(order),
        tension=change @ member,
        baseline_tension=tensions[0] @ member,
        moment=(tip * change) @ member,
        parts=np.einsum("ker,em->kmr", second.muscles - first.muscles, member, optimize=True).reshape(
            len(rows), len(order), 2, 6
        ),
        loads={name: part.reshape(-1, 2, 6) for name, part in zip((*LOADS, "preload"), causes, strict=True)},
    )


def tipping(place: Posed) -> Floats:
    """Pelvis and trunk turning forward as one about the line through both hip centres, 1 rad: (G, N).

    A muscle that bends the spine pulls both ends of it and does no work on this way.
    """
    centre = 0.5 * (place.marks["hip_centre_right"] + place.marks["hip_centre_left"])
    forward = np.array([0.0, 0.0, -1.0])
    out = np.zeros((len(centre), SIZE))
    for bone in ABOVE:
        out[:, block(bone)] = np.concatenate(
            [
                np.cross(forward, place.centres[:, FREE.index(bone)] - centre),
                np.tile(forward, (len(centre), 1)),
            ],
            axis=1,
        )
    return out


def _parts(state: State, rows: np.ndarray) -> Contributions:
    variant = state.here.draws.variant[rows]
    return contributions(
        state.found.of(rows), readings.shift_rows(state.here)[variant].reshape(len(rows), 12, -1)
    )
