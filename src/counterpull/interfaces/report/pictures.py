"""Pictures for the report: this person's pelvis at true scale, muscles by their pull, joints by their load.

Drawn are the muscles that were found and those whose parts in the change are the largest.
"""

from struct import unpack
from typing import Any

import numpy as np

from counterpull.anatomy.posture import SIDES
from counterpull.interfaces.figures.portrait import portrait, rounded_up
from counterpull.interfaces.report.write import Picture
from counterpull.interfaces.words import parts
from counterpull.interfaces.words import report as words
from counterpull.mechanics import readings
from counterpull.scenarios.answer import Answer

VIEWS = ("front", "back")
WIDTH, DPI = 160.0, 170
"""Millimetres on paper, and dots per inch."""

Muscle = tuple[str, str]
"""A muscle and its side."""


def pictures(answer: Answer, record: dict[str, Any]) -> list[Picture]:
    """One picture per view of an answer and its record; none where no body holds the posture."""
    if not answer.reaction.both.any():
        return []
    found, pulls, joints = _found(answer), _pulls(answer), _joints(answer)
    shown = {muscle: pulls[muscle] for muscle in dict.fromkeys((*found, *_strongest(record)))}
    labels = {name: muscle.label for name, muscle in answer.body.tables.muscles.items()}
    out = []
    for view in VIEWS:
        png = portrait(
            answer.body,
            answer.activity.setting.posture,
            pulls=shown,
            joints=joints,
            found=found,
            view=view,
            most_pull=rounded_up(max(shown.values(), default=1.0)),
            most_joint=rounded_up(max(joints.values())),
            width=WIDTH,
            dpi=DPI,
        )
        named = {f"{side} {labels[name]}": pull for (name, side), pull in shown.items()}
        marked = {f"{side} {labels[name]}": kind for (name, side), kind in found.items()}
        width, height = unpack(">II", png[16:24])
        out.append(Picture(png, width, height, words.shown(view, named, joints, marked), words.seen(view)))
    return out


def _found(answer: Answer) -> dict[Muscle, str]:
    """What was found of which muscle, in a word."""
    out: dict[Muscle, list[str]] = {}
    for one in answer.findings:
        for element in one.elements:
            name, side = element.rsplit("_", 1)
            kinds = out.setdefault((answer.body.tables.elements[name].muscle, side), [])
            kinds += [kind for kind in [words.FOUND[one.kind]] if kind not in kinds]
    return {muscle: ", ".join(kinds) for muscle, kinds in out.items()}


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
