"""The balance sheet as a record: every quantity as median and 90 % interval over the draws that hold the posture.

The schema is described in docs/reference/cli.md. Sides are right and left; both have the same words and signs.
"""

from collections import Counter
from typing import Any

import numpy as np

from counterpull.anatomy.posture import SIDES
from counterpull.interfaces.cli import efforts
from counterpull.interfaces.words.record import Quantity, head, quantity, sided, written
from counterpull.mechanics import readings, yardsticks
from counterpull.mechanics.coordinates import Floats, carrier
from counterpull.mechanics.equilibrium import Equilibrium
from counterpull.mechanics.margin import MOST, Margin
from counterpull.mechanics.model import Situation
from counterpull.mechanics.setting import G
from counterpull.numerics.problem import Outcome
from counterpull.scenarios import Activity

SCHEMA = "counterpull.balance/1"
LIGAMENT_GROUPS = ("sacrotuberous", "sacrospinous", "iliolumbar")
_PLACES = {
    "sole": "foot",
    "ischium": "seat",
    "thigh_back": "seat",
    "sacrum_back": "couch_pelvis",
    "buttock_back": "couch_pelvis",
    "thorax_back": "couch_trunk",
    "calf_back": "couch_leg",
    "heel_back": "couch_leg",
}
"""Patches of the body by the beginning of their name, and the place that carries them."""


def record(activity: Activity, here: Situation, found: Equilibrium, most: Margin | None) -> dict[str, Any]:
    """Everything that the balance says, as a record; `most` is the margin of the draws that are held."""
    held = found.held
    person = here.body.person
    assert person is not None
    counts = Counter(Outcome(int(outcome)) for outcome in found.outcome)
    return {
        **head(SCHEMA),
        "activity": {
            "id": activity.id,
            "label": activity.label,
            "holds": list(activity.setting.held),
            "source": activity.source,
            "grade": activity.grade,
        },
        "person": {
            "sex": person.sex,
            "height_cm": written(100 * person.stature),
            "mass_kg": written(person.mass),
        },
        "draws": len(held),
        "held": written(float(held.mean())),
        "answer": counts.most_common(1)[0][0].sentence,
        "trunk": _trunk(here, found),
        "sacroiliac": _sacroiliac(here, found),
        "ligaments": _ligaments(here, found),
        "symphysis": _symphysis(here, found),
        "hips": _hips(here, found),
        "supports": _supports(here, found),
        "pelvis": {
            f"{name}_deg": quantity(np.rad2deg(values[held]))
            for name, values in readings.pelvis(found)._asdict().items()
        },
        "shifts": _shifts(here, found),
        "imaging": {
            "detects_deg": written(np.rad2deg(yardsticks.SEEN_ROTATION)),
            "detects_mm": written(1e3 * yardsticks.SEEN_SHIFT),
            "measured_deg": written(np.rad2deg(yardsticks.MOST_ROTATION)),
            "measured_mm": written(1e3 * yardsticks.MOST_SHIFT),
        },
        "muscles": efforts.hardest(here, found),
        "margin": _margin(here, found, most),
        "solver": {
            "outcomes": {one.name.lower(): counts[one] for one in Outcome},
            "unbalanced_fraction": written(float(found.unbalanced[held].max())) if held.any() else None,
        },
    }


def _trunk(here: Situation, found: Equilibrium) -> dict[str, Any]:
    """What weighs on L5/S1, and what holds it."""
    held, setting = found.held, here.setting
    weight = setting.weight * G * here.draws.segment_mass[:, 0] * (setting.gravity is not None)
    hung = (
        -load.force[1]
        for load in setting.loads
        if load.axes == "world" and carrier(load.body) in efforts.ABOVE
    )
    lift = setting.pressure * here.draws.joints["abdomen.diaphragm_area"]
    disc = readings.lumbosacral(here, found)
    return {
        "weight_N": quantity(weight[held]),
        "carried_N": quantity(np.full(held.sum(), sum(hung))),
        "compression_L5S1_N": quantity(disc.compression[held]),
        "shear_L5S1_N": quantity(disc.shear[held]),
        "pressure_lift_N": quantity(lift[held]),
        "muscles": efforts.to_trunk(here, found),
    }


def _sacroiliac(here: Situation, found: Equilibrium) -> dict[str, dict[str, Quantity]]:
    joint, held = readings.sacroiliac(here, found), found.held
    parts = {
        "compression_N": joint.compression,
        "shear_N": joint.shear,
        "up_N": joint.up,
        "closure_factor": joint.closure,
    }
    return {
        side: {name: quantity(values[held, s]) for name, values in parts.items()}
        for s, side in enumerate(SIDES)
    }


def _ligaments(here: Situation, found: Equilibrium) -> dict[str, dict[str, Quantity]]:
    """Tension of the strands of each group together."""
    strands = readings.ligament_tensions(here, found)
    table = here.body.tables.ligaments
    out = {}
    for group in LIGAMENT_GROUPS:
        pull = sum(
            (v for name, v in strands.items() if table[name].group == group), np.zeros((len(found.x), 2))
        )
        out[group] = sided(pull[found.held], "N")
    return out


def _symphysis(here: Situation, found: Equilibrium) -> dict[str, Quantity]:
    shift, force = (part[found.held] for part in readings.symphysis(here, found))
    return {
        "together_N": quantity(force[:, 2]),
        "shear_N": quantity(np.hypot(force[:, 0], force[:, 1])),
        "forward_mm": quantity(1e3 * shift[:, 0]),
        "up_mm": quantity(1e3 * shift[:, 1]),
        "apart_mm": quantity(1e3 * shift[:, 2]),
    }


def _hips(here: Situation, found: Equilibrium) -> dict[str, dict[str, Quantity]]:
    force = np.linalg.norm(readings.hip_contact(here, found), axis=-1)
    share = 100 * force / _body_weight(here)[:, None]
    return {
        side: {
            "force_N": quantity(force[found.held, s]),
            "force_percent_BW": quantity(share[found.held, s]),
        }
        for s, side in enumerate(SIDES)
    }


def _supports(here: Situation, found: Equilibrium) -> dict[str, dict[str, Quantity]]:
    """Force across each place on which the body rests, and all of them together."""
    push: dict[str, Floats] = {}
    for contact in readings.contacts(here, found):
        name = _place(contact.name)
        push[name] = push.get(name, 0.0) + contact.push
    if push:
        push["all"] = sum(push.values(), np.zeros(len(found.x)))
    weight = _body_weight(here)
    return {
        name: {
            "push_N": quantity(force[found.held]),
            "push_percent_BW": quantity((100 * force / weight)[found.held]),
        }
        for name, force in push.items()
    }


def _place(patch: str) -> str:
    """What carries a patch of the body: "foot_right", "couch_trunk". Other supports keep their names."""
    place = next((place for start, place in _PLACES.items() if patch.startswith(start)), None)
    if place is None or place in ("couch_pelvis", "couch_trunk"):
        return place or patch
    return f"{place}_{patch.rsplit('_', 1)[-1]}"


def _shifts(here: Situation, found: Equilibrium) -> dict[str, dict[str, Quantity]]:
    motion = readings.shifts(here, found)[found.held]
    units = [(f"{name}_deg", np.rad2deg(1.0)) for name in readings.SHIFTS[:3]]
    units += [(f"{name}_mm", 1e3) for name in readings.SHIFTS[3:]]
    return {
        side: {name: quantity(unit * motion[:, s, i]) for i, (name, unit) in enumerate(units)}
        for s, side in enumerate(SIDES)
    }


def _margin(here: Situation, found: Equilibrium, most: Margin | None) -> dict[str, Any]:
    """How much the load may grow, what gives way first, and who is at the bound when the muscles do."""
    if most is None:
        return {
            "margin_factor": quantity([]),
            "capacity_factor": quantity([]),
            "most_factor": MOST,
            "limited_by": None,
            "at_bound": None,
        }
    limits = Counter(most.limited_by)
    names = ("muscles", "shift right", "shift left")
    return {
        "margin_factor": quantity(most.value),
        "capacity_factor": quantity(most.capacity),
        "most_factor": MOST,
        "limited_by": {
            name.replace(" ", "_"): written(limits[name] / len(most.limited_by)) for name in names
        },
        "at_bound": efforts.at_bound(here, found, most),
    }


def _body_weight(here: Situation) -> Floats:
    """(n,) newtons, standing."""
    return G * here.draws.segment_mass.sum(axis=1)
