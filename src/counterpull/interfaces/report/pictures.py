"""Pictures for the report: this person's pelvis at true scale, muscles by their pull, joints by their load.

Drawn are the muscles that were found and those whose parts in the change are the largest.
"""

from string import ascii_uppercase
from typing import Any

import numpy as np

from counterpull.anatomy.posture import SIDES
from counterpull.interfaces.figures.portrait import portrait, rounded_up
from counterpull.interfaces.report.marks import Mark
from counterpull.interfaces.report.write import Picture, Scale
from counterpull.interfaces.words import parts
from counterpull.interfaces.words import report as words
from counterpull.interfaces.words.report import Drawn
from counterpull.mechanics import readings
from counterpull.scenarios.answer import Answer

VIEWS = ("front", "back")
MOST = 12
"""So many muscles are drawn; more would hide each other and their names."""
PULL, LOAD = 200.0, 500.0
"""Scales of colour reach at least so far, N: a small pull looks small, and most reports can be compared."""

Muscle = tuple[str, str]
"""A muscle and its side."""


def pictures(answer: Answer, record: dict[str, Any]) -> list[Picture]:
    """One picture per view of an answer and its record; none where no body holds the posture."""
    if not answer.reaction.both.any():
        return []
    pulls, joints = _pulls(answer), _joints(answer)
    found, loose = _found(answer, pulls), _loose(answer)
    wanted = list(dict.fromkeys((*found, *_strongest(record))))
    shown = {muscle: pulls[muscle] for muscle in wanted[:MOST]}
    left_out = sum(muscle in found for muscle in wanted[MOST:])
    found = {muscle: kind for muscle, kind in found.items() if muscle in shown}
    labels = {name: muscle.label for name, muscle in answer.body.tables.muscles.items()}
    letter = iter(ascii_uppercase)
    muscles = {
        (name, side): Drawn(f"{side} {labels[name]}", pull, found.get((name, side), ""), next(letter))
        for (name, side), pull in shown.items()
    }
    loads = {
        name: Drawn(words.JOINTS[name], load, loose.get(name, ""), next(letter))
        for name, load in joints.items()
    }
    most_pull, most_load = rounded_up(max(PULL, *shown.values())), rounded_up(max(LOAD, *joints.values()))
    out = []
    for view in VIEWS:
        seen = portrait(
            answer.body,
            answer.activity.setting.posture,
            pulls=shown,
            joints=joints,
            view=view,
            most_pull=most_pull,
            most_joint=most_load,
        )
        marks = [Mark(muscles[key], *place) for key, place in seen.muscles.items()]
        marks += [Mark(loads[name], *place) for name, place in seen.joints.items()]
        unseen = [drawn for key, drawn in muscles.items() if key not in seen.muscles]
        caption = words.seen(view) + words.hidden(unseen) + (words.left_out(left_out) if not out else "")
        out.append(
            Picture(
                webp=seen.webp,
                width=seen.width,
                height=seen.height,
                per_metre=seen.per_metre,
                alt=words.shown(view, list(muscles.values()), list(loads.values())),
                caption=caption,
                marks=marks,
                scales=(Scale(words.PULL, most_pull), Scale(words.LOAD, most_load)),
                drawn=(*muscles.values(), *loads.values()),
            )
        )
    return out


def _found(answer: Answer, pulls: dict[Muscle, float]) -> dict[Muscle, str]:
    """What was found of which muscle, in a word; the narrowest findings first, and of each what pulls most."""
    out: dict[Muscle, list[str]] = {}
    narrow: dict[Muscle, int] = {}
    for one in sorted(answer.findings, key=lambda each: len(each.elements)):
        for element in one.elements:
            name, side = element.rsplit("_", 1)
            muscle = (answer.body.tables.elements[name].muscle, side)
            narrow.setdefault(muscle, len(one.elements))
            kinds = out.setdefault(muscle, [])
            kinds += [kind for kind in [words.FOUND[one.kind]] if kind not in kinds]
    order = sorted(out, key=lambda muscle: (narrow[muscle], -pulls[muscle]))
    return {muscle: ", ".join(out[muscle]) for muscle in order}


def _loose(answer: Answer) -> dict[str, str]:
    """Joints that were found lax."""
    names = {"pubic_symphysis": "symphysis"} | {f"sacroiliac_{side}": f"sij_{side}" for side in SIDES}
    return {names[joint]: words.FOUND["lax"] for one in answer.findings for joint in one.joints}


def _pulls(answer: Answer) -> dict[Muscle, float]:
    """Median tension of every muscle with the findings, N."""
    reaction = answer.reaction
    tension = reaction.with_findings.found.tension[reaction.both]
    rows = answer.body.tables.elements
    muscle = [(rows[name.rsplit("_", 1)[0]].muscle, name.rsplit("_", 1)[1]) for name in answer.body.elements]
    return {
        one: float(np.median(tension[:, [each == one for each in muscle]].sum(axis=1)))
        for one in dict.fromkeys(muscle)
    }


def _joints(answer: Answer) -> dict[str, float]:
    """Median load across the joints of the ring with the findings, N."""
    state, both = answer.reaction.with_findings, answer.reaction.both
    load = np.hypot(state.joints.compression, state.joints.shear)[both]
    pubis = np.linalg.norm(readings.symphysis(state.here, state.found).force[both], axis=-1)
    sides = {f"sij_{side}": float(np.median(load[:, s])) for s, side in enumerate(SIDES)}
    return {**sides, "symphysis": float(np.median(pubis))}


def _strongest(record: dict[str, Any]) -> list[Muscle]:
    """Those whose parts in the change of the hip bone that changes most are the largest."""
    if not record["contributions"]:
        return []
    side, name = parts.most_moved(record)
    labels = {part.label for part in parts.of_change(record, side, (name,))}
    return [
        (row["muscle"], row["side"])
        for row in record["contributions"]
        if f"{row['side']} {row['label']}" in labels
    ]
