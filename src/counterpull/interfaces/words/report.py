"""What only the report says: headings, captions, legends, and what stands in for a picture where none is seen.

Sentences that the terminal says too are in `says`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from counterpull.anatomy.posture import SIDES
from counterpull.interfaces.words import says
from counterpull.interfaces.words.phrases import listed

HEADINGS = {
    "short": "In short",
    "picture": "This person's pelvis",
    "findings": "The findings, as they are taken here",
    "pelvis": "The whole pelvis",
    "sides": "Each hip bone on the sacrum",
    "loads": "Load across the joints",
    "pulls": "What pulls, and what pulls back",
    "modes": "Three ways to respond",
    "reserve": "Reserve",
    "computed": "How this was computed",
    "sources": "Sources",
    "case": "The case, to compute it again",
    "use": "Intended use",
}
WAYS = {
    "sagittal_rotation_deg": ("backward", "forward"),
    "frontal_rotation_deg": ("crest inward", "crest outward"),
    "axial_rotation_deg": ("closes inward", "opens outward"),
    "superior_shift_mm": ("down", "up"),
    "anterior_shift_mm": ("backward", "forward"),
    "lateral_shift_mm": ("inward", "outward"),
}
"""The two ways of each shift, the negative one first."""
PELVIS = {
    "tilt_deg": "tips forward, deg",
    "obliquity_deg": "rises on the right, deg",
    "rotation_deg": "turns to the left, deg",
}
BETWEEN = {"torsion_deg": "right tips further forward, deg", "upslip_mm": "right stands higher, mm"}
PELVIS_READ = (
    "What an examiner sees of the pelvis as one. It is not a shift of a hip bone on the sacrum; "
    "those stand in the next section."
)
UNITS = {"deg": "degrees", "mm": "millimetres"}
SHORT = {"sagittal_rotation_deg": "tip, deg", "superior_shift_mm": "up or down, mm"}
RESERVE = {
    "capacity": "muscles at their limit",
    "visible": "a joint as far as imaging can just detect",
}
FOUND = {"tight": "tight", "spasm": "in spasm", "weak": "weak", "inhibited": "inhibited", "lax": "lax"}
"""What a mark in a picture says."""
JOINTS = {
    "sij_right": "right sacroiliac joint",
    "sij_left": "left sacroiliac joint",
    "symphysis": "pubic symphysis",
}
PULL, LOAD = "pull of a muscle", "load across a joint"
"""What the colours of a picture say."""
LINE = 0.6
"""A line in a picture of a pelvis is so wide, mm in the body."""
TAKEN = {
    "shorter_percent": "shorter by so much of its fibres' length, %",
    "stiffer_percent": "stiffer when stretched, %",
    "thomas_rise_deg": "thigh higher in the Thomas test, degrees",
    "measured_deg": "read in the test, degrees",
    "own_deg": "the same body without the finding, degrees",
    "drive_percent": "works unasked, % of its greatest effort",
    "force_N": "pulls unasked, N",
    "strength_percent": "strength left, % of usual",
    "measured_Nm": "read in the test, Nm",
    "own_Nm": "the same body without the finding, Nm",
    "ceiling_percent": "can be activated up to, %",
    "softer_percent": "gives more by, %",
}
"""What a finding changes in the model."""
LIMITS = {
    "muscles": "muscles",
    "shift_right": "motion of the right joint",
    "shift_left": "motion of the left joint",
}
TOPICS = {
    "yardsticks": "The two yardsticks",
    "findings": "Sizes of these findings",
    "activity": "The activity",
    "joints": "Joints and ligaments",
    "muscles": "Muscles",
    "size": "Size and weight of the body",
}
GRADED = {
    "A": "were measured in living people",
    "B": "in cadavers or animals",
    "C": "were derived by a formula or carried over from a published model",
    "D": "are assumed",
}
PREDICTED = (
    "No study has yet measured how far a tight, weak or overactive muscle moves a hip bone on the sacrum. "
    "These are predictions of a model; the two yardsticks beside them were measured in living people."
)
USE = (
    "For education and research. Counterpull computes, from published measurements of bodies, which forces a "
    "person's findings may cause around the pelvis, and how sure that is.",
    "It is not a medical device. It makes no diagnosis, does not replace an examination, and is no reason to begin, "
    "change or end a treatment. Take it along and talk about it with somebody who can examine you.",
)
LOADS_READ = (
    "Newtons across each joint. Pressed together is across the joint's surface (below zero the surfaces are drawn "
    "apart), along the joint is in it, the whole load is both together."
)
BALANCE = (
    "Blocks are the parts of the change, numbered as in the table; the mark below the beam is the change itself with "
    "its range. Middle values; parts that round to nothing are left out."
)
HELD = "These parts are of the answer in which the muscles keep the posture."
RESERVE_READ = (
    "How many times the load of this activity; 1 is the activity itself. A joint's motion counts from where it usually "
    "stands in this activity, without the findings."
)


@dataclass(frozen=True)
class Drawn:
    """A muscle or a joint in a picture."""

    label: str
    newtons: float
    """Its pull, or the load across it, with the findings."""
    found: str = ""
    """What was found of it, in a word."""
    letter: str = ""
    """What marks it where there is no room for its name."""


def title(record: dict[str, Any]) -> str:
    """What the report answers."""
    if record["findings"]:
        return "Do these findings shift the sacroiliac joints?"
    return "How the sacroiliac joints are loaded"


def day(made: date) -> str:
    """A date that is read alike everywhere.

    >>> day(date(2026, 3, 9))
    '9 March 2026'
    """
    months = "January February March April May June July August September October November December".split()
    return f"{made.day} {months[made.month - 1]} {made.year}"


def lead(record: dict[str, Any]) -> str:
    """The main answer, first and large; "" where the opening is the answer."""
    if not record["sides"]:
        return ""
    return says.verdict(record) if record["findings"] else says.findings(record)


def yardsticks(record: dict[str, Any]) -> list[tuple[str, str]]:
    """The legend of the interval bars: the class of each mark, and what it means."""
    imaging = record["imaging"]
    return [
        ("change", "change by the findings: middle value in the range of 90% of the possible bodies"),
        ("stands", f"where the hip bone {'then ' * bool(record['findings'])}stands. {says.COUNTED}"),
        (
            "unseen",
            f"what even the best imaging cannot tell from no motion: less than {imaging['detects_deg']:g} degrees "
            f"or {imaging['detects_mm']:g} mm",
        ),
        (
            "measured",
            f"the most it has found in living people between postures: {imaging['measured_deg']:g} degrees "
            f"or {imaging['measured_mm']:g} mm",
        ),
    ]


def computed(record: dict[str, Any]) -> list[tuple[str, str]]:
    """How the answer was computed, point by point."""
    solver, choices = record["solver"], record["choices"]
    outcomes = solver["outcomes"]["with_findings"]
    residual = solver["residual"]
    return [
        (
            "Bodies",
            f"{record['draws']} possible bodies of this person; {outcomes['converged']} are in balance with the "
            "findings. Ranges hold 90% of them.",
        ),
        (
            "Balance",
            "not reached"
            if residual is None
            else f"largest unbalanced force {residual:.0e} of the largest force in the body",
        ),
        ("Response", f"{says.lower(says.MODES[record['mode']])}"),
        (
            "Choices",
            listed(
                [
                    f"effort to the power of {choices['exponent']}",
                    f"joint protection {choices['protection']:g}",
                    f"force closure {'on' if choices['force_closure'] else 'off'}",
                    f"spasm {choices['spasm_law']}",
                ]
            ),
        ),
        ("Held", listed(map(_held, record["holds"])) or "nothing: relaxed"),
        ("Numbers", f"{record['parameters']}; signs {record['convention']}"),
        ("Program", f"counterpull {record['version']}, record {record['schema']}"),
    ]


def grades(counts: dict[str, int]) -> str:
    """How many numbers of a body are of which grade.

    >>> grades({"A": 53, "B": 161, "C": 0, "D": 137})
    'Of the 351 numbers of a body, 53 were measured in living people, 161 in cadavers or animals and 137 are assumed.'
    """
    said = [f"{count} {GRADED[grade]}" for grade, count in counts.items() if count]
    return f"Of the {sum(counts.values())} numbers of a body, {listed(said)}."


def _held(name: str) -> str:
    """What the muscles hold, in words.

    >>> _held("pelvis_tilt"), _held("knee_right"), _held("leg_left_flexion")
    ('pelvis tilt', 'right knee', 'left leg flexion')
    """
    first, *rest = name.split("_")
    sides = [part for part in rest if part in SIDES]
    return " ".join([*sides, first, *(part for part in rest if part not in SIDES)])


def true_scale(record: dict[str, Any]) -> str:
    """What the pictures do not do: they show no shift larger than it is."""
    said = "Drawn to this person's size at true scale. Nothing is exaggerated"
    if not record["sides"] or not record["findings"]:
        return f"{said}."
    sizes = [
        abs(one[name]["change"]["median"])
        for one in record["sides"].values()
        for name in WAYS
        if name.endswith("_mm")
    ]
    thin = ", less than a line is wide here" if max(sizes) < LINE else ""
    return f"{said}: the largest shift by the findings is {max(sizes):.2f} mm{thin}."


def seen(view: str) -> str:
    """From where a picture is seen."""
    return {"front": "Seen from the front: the right side is on the left.", "back": "Seen from behind."}[view]


def left_out(count: int) -> str:
    """That a finding is on more muscles than are drawn."""
    return f" {count} more of the muscles that were found are not drawn." if count else ""


def hidden(each: Sequence[Drawn]) -> str:
    """What cannot be seen from this side.

    >>> hidden([Drawn("left iliacus", 133.4)])
    ' Not seen from here: left iliacus.'
    """
    return f" Not seen from here: {listed(one.label for one in each)}." if each else ""


def shown(view: str, muscles: Sequence[Drawn], joints: Sequence[Drawn]) -> str:
    """What a picture of the pelvis shows, for whoever does not see it.

    >>> shown("back", [Drawn("left iliacus", 133.4, "tight")], [Drawn("left sacroiliac joint", 263.2)])
    "This person's pelvis. Seen from behind. Muscles by their pull: left iliacus 133 N (tight). Joints by their load: \
left sacroiliac joint 263 N."
    """

    def named(each: Sequence[Drawn]) -> str:
        return listed(
            f"{one.label} {one.newtons:.0f} N" + f" ({one.found})" * bool(one.found) for one in each
        )

    pulls = f" Muscles by their pull: {named(muscles)}." if muscles else ""
    return f"This person's pelvis. {seen(view)}{pulls} Joints by their load: {named(joints)}."
