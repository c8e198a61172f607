"""The answer as a record of the schema counterpull.answer/1; docs/reference/cli.md describes it.

Every quantity is {"baseline", "with_findings", "change"}, each with median and 90 % interval over the draws in which
both hold the posture. Anterior rotation and superior shift are positive.
"""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterpull.anatomy.posture import SIDES
from counterpull.interfaces.words.record import Quantity, head, quantity, written
from counterpull.mechanics import readings
from counterpull.mechanics.margin import MOST, Margin
from counterpull.mechanics.yardsticks import MOST_ROTATION, MOST_SHIFT, SEEN_ROTATION, SEEN_SHIFT
from counterpull.numerics.problem import Outcome
from counterpull.quantities import text
from counterpull.scenarios.answer import Answer, Reaction, State
from counterpull.scenarios.case import Case
from counterpull.scenarios.measures import METHODS, Measure
from counterpull.scenarios.pulls import Pulls, pulls

SCHEMA = "counterpull.answer/1"
LOADS = ("compression", "shear", "load")
LISTED = 20
"""So many muscles are listed among the contributions."""
_UNITS = [(f"{n}_deg", np.rad2deg(1.0), SEEN_ROTATION, MOST_ROTATION) for n in readings.SHIFTS[:3]]
_UNITS += [(f"{n}_mm", 1e3, SEEN_SHIFT, MOST_SHIFT) for n in readings.SHIFTS[3:]]

Changed = dict[str, Quantity]


def record(answer: Answer, case: Case | None = None) -> dict[str, Any]:
    """Everything that the answer says; `sides` and what follows from them is null where no draw holds both."""
    reaction, held = answer.reaction, answer.modes["held"]
    person = answer.body.person
    some = bool(reaction.both.any())
    return {
        **head(SCHEMA),
        "activity": answer.activity.id,
        "label": answer.activity.label,
        "holds": list(answer.activity.setting.held),
        "mode": answer.choices.mode,
        "choices": {name: getattr(answer.choices, name) for name in answer.choices.__dataclass_fields__},
        "person": {
            "sex": person.sex if person else None,
            "height_cm": written(100 * person.stature) if person else None,
            "mass_kg": written(person.mass) if person else None,
        },
        "screen": list(case.screen.flags) if case else [],
        "context": list(case.screen.context) if case else [],
        "findings": _findings(answer),
        "draws": len(reaction.both),
        "held": _held(reaction),
        "sentence": None if some else _why_not(reaction),
        **_moved(reaction),
        "shares": _shares(reaction) if some else None,
        "margin": _margins(answer),
        **_pulled(answer, held),
        "modes": {name: _moved(one) | {"held": _held(one)} for name, one in answer.modes.items()},
        "imaging": {
            "detects_deg": written(np.rad2deg(SEEN_ROTATION)),
            "detects_mm": written(1e3 * SEEN_SHIFT),
            "measured_deg": written(np.rad2deg(MOST_ROTATION)),
            "measured_mm": written(1e3 * MOST_SHIFT),
        },
        "solver": _solver(reaction),
    }


def _findings(answer: Answer) -> list[dict[str, Any]]:
    return [
        {
            "kind": one.kind,
            "where": one.where,
            "size": one.size or None,
            "measured": one.measure.name if one.measure else None,
            "reading": _reading(one.measure) if one.measure else None,
            "model": {name: quantity(values) for name, values in drawn.items()},
        }
        for one, drawn in zip(answer.findings, answer.effects.sizes, strict=True)
    ]


def _reading(measure: Measure) -> str:
    """What was measured, as people write it.

    >>> _reading(Measure(name="mmt", value=11 / 3)), _reading(Measure(name="dynamometer", value=85.0, lever=0.35))
    ('4-', '85 N at 35 cm')
    """
    dimension = METHODS[measure.name].dimension
    if dimension == "grade":
        grade = round(measure.value)
        return f"{grade}{'+' if measure.value > grade else '-' if measure.value < grade else ''}"
    if dimension == "strength":
        return (
            f"{measure.value:.3g} N at {100 * measure.lever:.3g} cm"
            if measure.lever
            else f"{measure.value:.3g} Nm"
        )
    return text(measure.value, dimension)


def _held(reaction: Reaction) -> dict[str, float | None]:
    shares = (reaction.baseline.held, reaction.with_findings.held, reaction.both)
    return {
        name: written(float(share.mean()))
        for name, share in zip(("baseline", "with_findings", "both"), shares, strict=True)
    }


def _why_not(reaction: Reaction) -> str:
    """What became of most draws, as a sentence."""
    state = reaction.with_findings if reaction.baseline.held.any() else reaction.baseline
    ends = Counter(int(end) for end in state.found.outcome[~state.held])
    return Outcome(ends.most_common(1)[0][0]).sentence


def changed(
    before: NDArray[np.float64], after: NDArray[np.float64], both: NDArray[np.bool_], unit: float = 1.0
) -> Changed:
    """A quantity of the draws that hold both: (n,) without and with the findings."""
    a, b = unit * before[both], unit * after[both]
    return {"baseline": quantity(a), "with_findings": quantity(b), "change": quantity(b - a)}


def _moved(reaction: Reaction) -> dict[str, Any]:
    """Pelvis, sides and differences between sides."""
    both = reaction.both
    if not both.any():
        return {"pelvis": None, "sides": None, "between_sides": None}
    a, b = reaction.baseline, reaction.with_findings
    degrees = np.rad2deg(1.0)

    def torsion(state: State) -> NDArray[np.float64]:
        return state.shifts[:, 0] - state.shifts[:, 1]

    sides = {}
    for s, side in enumerate(SIDES):
        sides[side] = {
            name: changed(a.shifts[:, s, i], b.shifts[:, s, i], both, unit)
            for i, (name, unit, _, _) in enumerate(_UNITS)
        } | {f"{load}_N": changed(_load(a, load)[:, s], _load(b, load)[:, s], both) for load in LOADS}
    return {
        "pelvis": {
            f"{name}_deg": changed(getattr(a.pelvis, name), getattr(b.pelvis, name), both, degrees)
            for name in readings.Pelvis._fields
        },
        "sides": sides,
        "between_sides": {
            "torsion_deg": changed(torsion(a)[:, 0], torsion(b)[:, 0], both, degrees),
            "upslip_mm": changed(torsion(a)[:, 3], torsion(b)[:, 3], both, 1e3),
        },
    }


def _load(state: State, name: str) -> NDArray[np.float64]:
    """(n, 2) N: one part of the force across both joints, or its size."""
    joints = state.joints
    return np.hypot(joints.compression, joints.shear) if name == "load" else getattr(joints, name)


def _shares(reaction: Reaction) -> dict[str, Any]:
    """Shares of draws: each sign of a change, beyond what imaging detects, and shifts beyond any that was measured."""
    both = reaction.both
    before, after = (state.shifts[both] for state in (reaction.baseline, reaction.with_findings))
    change = after - before
    seen, most = (np.array([unit[i] for unit in _UNITS]) for i in (2, 3))
    parts = {
        "positive": change > 0,
        "negative": change < 0,
        "detectable": np.abs(change) >= seen,
        "beyond_measured": np.abs(after) > most,
        "beyond_measured_baseline": np.abs(before) > most,
    }

    some = list(parts)[2:]  # a sign belongs to one quantity

    def share(part: NDArray[np.bool_]) -> float | None:
        return written(float(part.reshape(len(part), -1).any(axis=1).mean()))

    sides = {
        side: {
            name: {key: share(parts[key][:, s, i]) for key in parts} for i, (name, *_) in enumerate(_UNITS)
        }
        | {"any": {key: share(parts[key][:, s]) for key in some}}
        for s, side in enumerate(SIDES)
    }
    return {**sides, "any": {key: share(parts[key]) for key in some}}


def _margins(answer: Answer) -> dict[str, Any]:
    """By how much the load could grow; a change of draws that both states can be given."""
    if answer.margins is None:
        nothing = quantity([])
        empty: dict[str, Any] = dict.fromkeys(("baseline", "with_findings", "change"), nothing)
        return {**empty, "capacity": dict(empty), "most": MOST, "draws": 0, "limited_by": None}
    before, after = answer.margins
    every = np.ones(len(before.value), bool)
    return {
        **changed(before.value, after.value, every),
        "capacity": changed(before.capacity, after.capacity, every),
        "most": MOST,
        "draws": len(before.value),
        "limited_by": {"baseline": _limits(before), "with_findings": _limits(after)},
    }


def _limits(margin: Margin) -> dict[str, float | None]:
    counts = Counter(margin.limited_by)
    names = ("muscles", "shift right", "shift left")
    return {name.replace(" ", "_"): written(counts[name] / len(margin.limited_by)) for name in names}


def _pulled(answer: Answer, held: Reaction) -> dict[str, Any]:
    """What pulls, what pulls back, and what supplies the holding moment, of the mode "held"."""
    if not answer.findings or not held.both.any():
        return {"contributions": [], "causes": {}, "holding": []}
    found = pulls(answer.body, held)
    weight = np.median(np.abs(found.parts), axis=0)
    size = (weight[..., 0] / SEEN_ROTATION + weight[..., 3] / SEEN_SHIFT).sum(axis=1)
    most = [int(i) for i in np.argsort(-size)[:LISTED] if size[i] > 0]
    moments = np.median(np.abs(found.moment), axis=0)
    holders = [int(i) for i in np.argsort(-moments)[:LISTED] if moments[i] > 0]
    return {
        "contributions": [
            _muscle(answer, found, i)
            | {
                "tension_N": changed(
                    found.baseline_tension[:, i],
                    found.baseline_tension[:, i] + found.tension[:, i],
                    np.ones(len(found.tension), bool),
                ),
                "part_of_change": _part(found.parts[:, i]),
            }
            for i in most
        ],
        "causes": {name: _part(part) for name, part in found.loads.items()},
        "holding": [_muscle(answer, found, i) | {"moment_Nm": quantity(found.moment[:, i])} for i in holders],
    }


def _muscle(answer: Answer, found: Pulls, i: int) -> dict[str, Any]:
    muscle, side = found.muscles[i]
    return {"muscle": muscle, "label": answer.body.tables.muscles[muscle].label, "side": side}


def _part(part: NDArray[np.float64]) -> dict[str, dict[str, Quantity]]:
    """(k, 2, 6) parts in the change of sagittal rotation and of superior shift of each side."""
    return {
        side: {
            name: quantity(unit * part[:, s, i]) for i, (name, unit, _, _) in enumerate(_UNITS) if i in (0, 3)
        }
        for s, side in enumerate(SIDES)
    }


def _solver(reaction: Reaction) -> dict[str, Any]:
    states = {"baseline": reaction.baseline.found, "with_findings": reaction.with_findings.found}
    both = reaction.both
    counts = {name: Counter(Outcome(int(end)) for end in found.outcome) for name, found in states.items()}
    worst = max(float(found.unbalanced[both].max(initial=0.0)) for found in states.values())
    return {
        "residual": written(worst) if both.any() else None,
        "outcome": counts["with_findings"].most_common(1)[0][0].name.lower(),
        "outcomes": {name: {one.name.lower(): ends[one] for one in Outcome} for name, ends in counts.items()},
    }
