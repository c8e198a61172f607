"""Which muscles work, of a balance: the hardest-working, those at their bound, those that reach up to the trunk."""

from typing import Any

import numpy as np

from counterpull.anatomy.names import groups
from counterpull.anatomy.posture import SIDES
from counterpull.interfaces.words.record import Quantity, quantity, sided, written
from counterpull.mechanics.coordinates import BODIES, carrier
from counterpull.mechanics.equilibrium import Equilibrium
from counterpull.mechanics.margin import Margin
from counterpull.mechanics.model import Situation

TRUNK_GROUPS = (
    "erector_spinae",
    "multifidus",
    "quadratus_lumborum",
    "psoas",
    "abdominals",
    "latissimus_dorsi",
)
HARDEST = 10
"""So many muscles are listed."""
ABOVE = ("thorax", "l5", "abdomen")
"""Free bodies above L5/S1."""


def to_trunk(here: Situation, found: Equilibrium) -> dict[str, dict[str, Quantity]]:
    """Tension of each group's elements that pull the trunk on pelvis or legs, both sides."""
    crossing, muscle, out = _crossing(here), _muscle_of(here), {}
    for group in TRUNK_GROUPS:
        members = crossing & np.isin(muscle, groups(here.body.tables)[group])
        pull = np.where(members, found.tension, 0.0).reshape(len(found.x), 2, -1).sum(axis=2)
        out[group] = sided(pull[found.held], "N")
    return out


def each(here: Situation, found: Equilibrium) -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]:
    """Activation (0 to 1) and tension (N) of every muscle and side, over the draws that hold the posture.

    Of a muscle's elements the stronger count more for its activation.
    """
    held, muscle, out = found.held, _muscle_of(here), {}
    for s, side in enumerate(SIDES):
        for name in here.body.tables.muscles:
            own = _elements(muscle, name, s)
            force = found.model.muscles.active[held][:, own]
            drive = (force * found.activation[held][:, own]).sum(axis=1) / np.maximum(force.sum(axis=1), 1e-9)
            out[name, side] = drive, found.tension[held][:, own].sum(axis=1)
    return out


def hardest(here: Situation, found: Equilibrium) -> list[dict[str, Any]]:
    """The muscles of the highest activation, hardest first."""
    if not found.held.any():
        return []
    table = here.body.tables.muscles
    rows = [
        (float(np.median(drive)), float(np.median(tension)), name, side, drive, tension)
        for (name, side), (drive, tension) in each(here, found).items()
    ]
    rows.sort(key=lambda row: row[:2], reverse=True)
    return [
        {
            "muscle": name,
            "label": table[name].label,
            "side": side,
            "activation_percent": quantity(100 * drive),
            "tension_N": quantity(tension),
        }
        for _, _, name, side, drive, tension in rows[:HARDEST]
    ]


def at_bound(here: Situation, found: Equilibrium, most: Margin) -> list[dict[str, Any]]:
    """Muscles of which at least half is at its bound when capacity is reached; the most common, then strongest."""
    muscle, table = _muscle_of(here), here.body.tables.muscles
    force, rows = found.model.muscles.active[found.held], []
    for s, side in enumerate(SIDES):
        for name in table:
            own = _elements(muscle, name, s)
            total = force[:, own].sum(axis=1)
            full = (force[:, own] * most.at_bound[:, own]).sum(axis=1) >= 0.5 * np.maximum(total, 1e-9)
            rows.append((float(full.mean()), float(np.median(total)), name, side))
    rows.sort(reverse=True)
    return [
        {"muscle": name, "label": table[name].label, "side": side, "share": written(share)}
        for share, _, name, side in rows[:HARDEST]
        if share > 0
    ]


def _crossing(here: Situation) -> np.ndarray:
    """(E,) elements that pull the trunk on pelvis or legs: those that act on a body above L5/S1 and on one below."""
    above = np.array([carrier(body) in ABOVE for body in BODIES])
    touched = np.abs(here.place.wrench[0]).sum(axis=-1) > 0
    return touched[:, above].any(axis=1) & touched[:, ~above].any(axis=1)


def _muscle_of(here: Situation) -> np.ndarray:
    """(E,) the muscle of each element."""
    return np.tile([element.muscle for element in here.body.tables.elements.values()], 2)


def _elements(muscle: np.ndarray, name: str, side: int) -> np.ndarray:
    """Indices of a muscle's elements on one side."""
    half = len(muscle) // 2
    return side * half + np.flatnonzero(muscle[:half] == name)
